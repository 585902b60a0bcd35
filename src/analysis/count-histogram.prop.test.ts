import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cases } from '../core/cases.fixture.ts';
import { createCountHistogram } from './count-histogram.ts';
import { distributionOf } from './stats.ts';

const value = fc.oneof(
  fc.nat(50),
  fc.nat(70_000),
  fc.integer({ min: 4_194_300, max: 4_194_310 }),
  fc.nat(2 ** 31 - 1),
);

it('a count histogram says what sorting the values says', () => {
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
    { numRuns: cases(60) },
  );
});

it('counts a gap before n tokens as n gaps, whole and alike, which add up to it', () => {
  const event = fc.tuple(fc.nat(100_000), fc.nat(5));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const histogram = createCountHistogram();
      const eventGapUs = Uint32Array.from(events, ([gap]) => gap);
      const eventTokens = Uint16Array.from(events, ([, n]) => n);
      const eventStart = Uint32Array.of(0, events.length);
      histogram.addTokenGaps({ eventStart, eventGapUs, eventTokens }, 0);
      const expected: number[] = [];
      let sinceUs = Number.NaN;
      for (const [gap, n] of events) {
        sinceUs += gap;
        if (n === 0) continue;
        for (let i = 0; i < n && !Number.isNaN(sinceUs); i++) expected.push(Math.floor((sinceUs + i) / n));
        sinceUs = 0;
      }
      const found: number[] = [];
      histogram.forEach((value, count) => {
        for (let i = 0; i < count; i++) found.push(value);
      });
      expect(found).toEqual(expected.sort((a, b) => a - b));
    }),
    { numRuns: cases(60) },
  );
});

it('what is taken out of a count histogram was never in it', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), fc.array(value), (kept, left) => {
      const histogram = createCountHistogram();
      const others = createCountHistogram();
      for (const v of [...kept, ...left]) histogram.add(v);
      for (const v of left) others.add(v);
      histogram.remove(others);
      const { quantile, ...counted } = histogram.distribution();
      const { quantile: expected, ...sorted } = distributionOf(Float64Array.from(kept));
      expect(counted).toEqual(sorted);
      for (const p of [0.1, 0.5, 0.99]) expect(quantile(p)).toBe(expected(p));
    }),
    { numRuns: cases(15) },
  );
});
