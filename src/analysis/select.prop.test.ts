import fc from 'fast-check';
import { expect, it } from 'vitest';
import { selectingDistribution } from './select.ts';
import { distributionOf } from './stats.ts';

it('selecting finds what sorting finds, for any doubles, in any place of a buffer', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 }),
    fc.double({ noNaN: true, min: 1, max: 1.004 }),
    fc.integer({ min: -3, max: 3 }),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
      (values, ps) => {
        const inPlace = Float64Array.from([9, ...values]).subarray(1);
        const found = selectingDistribution(inPlace);
        const expected = distributionOf(Float64Array.from(values));
        expect([...inPlace]).toEqual(values);
        expect([found.n, found.min + 0, found.max + 0]).toEqual([
          expected.n,
          expected.min + 0,
          expected.max + 0,
        ]);
        for (const p of [0, ...ps, 1]) expect(found.quantile(p)).toBe(expected.quantile(p));
        const scale = Math.max(...values.map(Math.abs));
        expect(Math.abs(found.mean - expected.mean)).toBeLessThanOrEqual(1e-13 * scale);
      },
    ),
    { numRuns: 60 },
  );
});
