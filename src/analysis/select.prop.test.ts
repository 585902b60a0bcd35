import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cases } from '../core/cases.fixture.ts';
import { selectingDistribution } from './select.ts';
import { distributionOf } from './stats.ts';

const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 });
const probability = fc.double({ min: 0, max: 1, noNaN: true });

/** Compared with a sort: every figure, whether it was asked for beforehand or not. */
function expectAsSorted(values: Float64Array, expected: number[], others: number[]): void {
  const before = Float64Array.from(values);
  const found = selectingDistribution(values, expected);
  const sorted = distributionOf(Float64Array.from(values));
  expect([found.n, found.min, found.max]).toEqual([sorted.n, sorted.min, sorted.max]);
  for (const p of [0, ...expected, ...others, 1]) expect(found.quantile(p)).toBe(sorted.quantile(p));
  const scale = Math.max(Math.abs(sorted.min), Math.abs(sorted.max));
  expect(Math.abs(found.mean - sorted.mean)).toBeLessThanOrEqual(values.length * Number.EPSILON * scale);
  expect(values).toEqual(before);
}

it('selecting finds what sorting finds, for any doubles, in any place of a buffer', () => {
  const value = fc.oneof(
    anyDouble,
    fc.double({ noNaN: true, min: 1, max: 1.004 }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(-0, 0, Number.MIN_VALUE, -Number.MIN_VALUE),
  );
  const ps = fc.array(probability, { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), ps, ps, (values, expected, others) => {
      expectAsSorted(Float64Array.from([9, ...values]).subarray(1), expected, others);
    }),
    { numRuns: cases(60) },
  );
});

it('buckets too large to sort are narrowed by every further digit, and the values in them may be equal', () => {
  /** Neighbors of `from`, `2 ** -bits` of it apart: they differ in one digit of the bit pattern, or in none. */
  const cluster = fc.record({
    from: fc.constantFrom(1, -1, 1e-300, -7.5e200),
    bits: fc.integer({ min: 6, max: 52 }),
    distinct: fc.constantFrom(1, 2, 300, 9000),
  });
  fc.assert(
    fc.property(
      fc.array(cluster, { minLength: 1, maxLength: 3 }),
      fc.array(probability, { maxLength: 3 }),
      fc.nat(),
      (clusters, ps, seed) => {
        const values = clusters.flatMap(({ from, bits, distinct }) =>
          Array.from(
            { length: 6000 },
            (_, i) => from * (1 + (((i * 7919 + seed) % 104_729) % distinct) * 2 ** -bits),
          ),
        );
        expectAsSorted(Float64Array.from(values), ps, [0.5]);
      },
    ),
    { numRuns: cases(30) },
  );
});

it('nothing has neither mean nor quantile', () => {
  const { n, mean, min, max, quantile } = selectingDistribution(new Float64Array(0), [0.5]);
  expect([n, mean, min, max, quantile(0.5)]).toEqual([0, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});
