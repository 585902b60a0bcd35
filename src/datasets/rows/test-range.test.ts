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
    expect(applyTestRange(rows, range, 1)).toEqual(picked);
  });

  it.each([
    '0:8',
    '[5]',
    '[a:b]',
    '[1:2:3:4]',
    '[1.5:]',
    '[::0]',
    '[5:5]',
    '[20:]',
    '[]',
    'all',
    '0',
    '1.5',
    '0.05',
    '-3',
  ])('refuses %s and shows what a range looks like', (range) => {
    expect(() => applyTestRange(rows, range, 1)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining(range),
        hint: expect.stringContaining('[:8]'),
      }),
    );
  });

  it('picks rows by chance, as many as a number says, in their order', () => {
    const drawn = (range: string, seed: number) => applyTestRange(rows, range, seed);
    expect([drawn('3', 1).length, drawn('0.5', 1).length, drawn('0.19', 1).length]).toEqual([3, 5, 1]);
    expect(drawn('99', 1)).toEqual(rows);
    expect(drawn('4', 7)).toEqual(drawn('4', 7));
    const times = rows.map(() => 0);
    for (let seed = 0; seed < 2000; seed++) {
      const picked = drawn('3', seed);
      expect(picked).toEqual([...new Set(picked)].sort((a, b) => a - b));
      for (const row of picked) times[row]++;
    }
    // Each row 600 times on average; five standard deviations are 102.
    for (const count of times) expect(Math.abs(count - 600)).toBeLessThan(102);
  });
});
