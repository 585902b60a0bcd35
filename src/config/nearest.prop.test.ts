import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearest } from './nearest.ts';

/** The definition, without the table. */
function naive(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    naive(restA, b) + 1,
    naive(a, restB) + 1,
    naive(restA, restB) + (a[0] === b[0] ? 0 : 1),
    swapped ? naive(a.slice(2), b.slice(2)) + 1 : Number.POSITIVE_INFINITY,
  );
}

describe('nearest', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });

  it('counts edits as the definition does', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(naive(a, b));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['batch_sise', ['batch_size', 'host_ip'], ['batch_size']],
    ['Batch-Size', ['batch_size', 'stream'], ['batch_size']],
    ['stabel', ['default_perf', 'stable_stage'], ['stable_stage']],
    ['gsm8k', ['demo_gsm8k_gen', 'synthetic_gen'], ['demo_gsm8k_gen']],
    ['xyz', ['batch_size', 'host_ip'], []],
  ])('%s', (name, candidates, expected) => {
    expect(nearest(name, candidates, 3)).toEqual(expected);
  });

  it('says nothing when nothing is near', () => {
    expect(didYouMean('xyz', ['batch_size'])).toBe('');
    expect(didYouMean('abba', ['abbb', 'abba2'], 2)).toBe(' (did you mean "abba2" or "abbb"?)');
  });
});
