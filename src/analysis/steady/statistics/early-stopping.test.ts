import { expect, it } from 'vitest';
import { seededRandom } from '../../../core/random.ts';
import { discardable, earlyStoppingEstimate, fewestFor } from './early-stopping.ts';

it("agrees with LoadGen's published counts", () => {
  expect([fewestFor(0.99), fewestFor(0.9)]).toEqual([662, 64]);
  expect([661, 662, 837, 838, 40_000].map((n) => discardable(n, 0.99))).toEqual([0, 1, 1, 2, 353]);
  expect([80, 81].map((n) => discardable(n, 0.9))).toEqual([1, 2]);
});

it('leaves out more of latencies that say less', () => {
  const ranks = (n: number) => Float64Array.from({ length: n }, (_, i) => i + 1);
  expect(earlyStoppingEstimate(ranks(662), 0.99, 1)).toBe(662);
  expect(earlyStoppingEstimate(ranks(1323), 0.99, 2)).toBeNaN();
  // 1324 are worth 662: one of these, two of them.
  expect(earlyStoppingEstimate(ranks(1324), 0.99, 2)).toBe(1323);
});

it('is at least the true percentile with 99 % confidence', () => {
  let below = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const random = seededRandom(seed, 'early stopping');
    const sorted = Float64Array.from({ length: 300 }, () => random.exponential()).sort();
    if (earlyStoppingEstimate(sorted, 0.9, 1) < Math.log(10)) below++;
  }
  expect(below).toBeLessThanOrEqual(20);
  expect(below).toBeGreaterThan(0);
});
