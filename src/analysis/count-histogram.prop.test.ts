import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCountHistogram } from './count-histogram.ts';
import { distributionOf } from './stats.ts';

it('a count histogram says what sorting the values says', () => {
  const value = fc.oneof(
    fc.nat(50),
    fc.nat(70_000),
    fc.integer({ min: 4_194_300, max: 4_194_310 }),
    fc.nat(2 ** 31 - 1),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, p) => {
        const histogram = createCountHistogram();
        for (const v of values) histogram.add(v);
        const { quantile, ...counted } = histogram.distribution();
        const { quantile: expected, ...sorted } = distributionOf(Float64Array.from(values));
        expect(counted).toEqual(sorted);
        expect(quantile(p)).toBe(expected(p));
      },
    ),
    { numRuns: 60 },
  );
});
