import { describe, expect, it } from 'vitest';
import { applyTestRange } from './test-range.ts';

const rows = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('applyTestRange', () => {
  // Right-hand sides are what CPython prints for list(range(10))[…].
  it.each([
    ['', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['[:]', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['[0:100]', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['[:8]', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['[::2]', [0, 2, 4, 6, 8]],
    ['[-3:]', [7, 8, 9]],
    ['[:-3]', [0, 1, 2, 3, 4, 5, 6]],
    ['[::-1]', [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['[8:2:-2]', [8, 6, 4]],
    ['[-1:-4:-1]', [9, 8, 7]],
    ['[ 2 : 6 ]', [2, 3, 4, 5]],
    ['[100:0:-3]', [9, 6, 3]],
    ['[-100:3]', [0, 1, 2]],
    ['[1:-1:3]', [1, 4, 7]],
  ])('%s', (range, picked) => {
    expect(applyTestRange(rows, range)).toEqual(picked);
  });

  it.each(['0:8', '[5]', '[a:b]', '[1:2:3:4]', '[1.5:]', '[::0]', '[5:5]', '[20:]', '[]', 'all'])(
    'refuses %s and shows what a range looks like',
    (range) => {
      expect(() => applyTestRange(rows, range)).toThrow(
        expect.objectContaining({
          exitCode: 2,
          message: expect.stringContaining(range),
          hint: expect.stringContaining('[:8]'),
        }),
      );
    },
  );
});
