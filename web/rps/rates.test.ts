import { describe, expect, it } from 'vitest';
import { arrivals } from '../../src/schedules/rate.ts';
import { expectedCounts } from './gamma-law.ts';
import { binsFor, countsIn, spansDecades } from './histogram.ts';
import { KIND, kindsOf, movingAverage, ratesOf, windowFor } from './rates.ts';

const poisson = { targetRps: 50, burstiness: 1, ramp: null };
const seconds = (options: Partial<Parameters<typeof arrivals>[0]>) =>
  arrivals({ requests: 20_000, requestsPerS: 50, burstiness: 1, seed: 3, ...options }).map((ms) => ms / 1000);

describe('the moving average', () => {
  it('is the number of gaps over the time they take: near the true rate, where the mean of 1 / gap is far above', () => {
    const rates = ratesOf(seconds({}), true);
    const { perS } = movingAverage(rates, 100);
    expect(perS).toHaveLength(20_000 - 99);
    const mean = perS.reduce((a, b) => a + b, 0) / perS.length;
    expect(Math.abs(mean - 50)).toBeLessThan(1.5);
    expect(rates.perS.reduce((a, b) => a + b, 0) / rates.count).toBeGreaterThan(150);
  });

  it('does not lag behind a ramp', () => {
    const ramp = { strategy: 'linear', startRps: 10, endRps: 100 } as const;
    const rates = ratesOf(seconds({ burstiness: 0, ramp, requests: 1000 }), true);
    const { at, perS } = movingAverage(rates, 50);
    for (let i = 0; i < at.length; i += 50) {
      const near = rates.at.findIndex((t) => t >= at[i]);
      expect(Math.abs(perS[i] / rates.perS[near] - 1)).toBeLessThan(0.02);
    }
  });

  it('is empty when there are fewer gaps than its window', () => {
    expect(movingAverage(ratesOf(Float64Array.of(1, 2, 3), true), 20).perS).toHaveLength(0);
    expect([1e3, 1e4, 1e5, 1e6].map(windowFor)).toEqual([20, 50, 100, 200]);
  });
});

describe('gaps that stand out', () => {
  it('are those below 1 ms, and those half off the meant gap when arrivals are random', () => {
    const at = Float64Array.of(0.02, 0.0205, 0.04, 0.08);
    const kinds = (burstiness: number) => [...kindsOf(ratesOf(at, true), { ...poisson, burstiness })];
    expect(kinds(1)).toEqual([KIND.normal, KIND.short, KIND.normal, KIND.odd]);
    expect(kinds(0)).toEqual([KIND.normal, KIND.short, KIND.normal, KIND.normal]);
  });

  it('leave a constant rate of 5,000 per second alone', () => {
    const rates = ratesOf(seconds({ requestsPerS: 5000, burstiness: 0 }), true);
    const kinds = kindsOf(rates, { targetRps: 5000, burstiness: 0, ramp: null });
    expect(kinds.every((kind) => kind === KIND.normal)).toBe(true);
  });
});

describe('histograms', () => {
  it('count every value once, on linear and logarithmic bins', () => {
    const values = ratesOf(seconds({}), true).perS.slice().sort();
    expect(spansDecades(values)).toBe(true);
    for (const log of [false, true]) {
      const bins = binsFor(values, log);
      expect(bins.edges.length).toBeGreaterThan(10);
      expect(countsIn(bins, values).reduce((a, b) => a + b, 0)).toBe(values.length);
    }
    expect(binsFor(new Float64Array(), false).edges).toHaveLength(2);
    expect(binsFor(ratesOf(seconds({ burstiness: 0 }), true).gap.sort(), false).edges).toHaveLength(2);
  });

  it.each([0.5, 1, 4])('agree with the gamma law at burstiness %d', (burstiness) => {
    const gaps = ratesOf(seconds({ burstiness }), true).gap.sort();
    const bins = binsFor(gaps, false);
    const counts = countsIn(bins, gaps);
    const law = expectedCounts(bins, { ...poisson, burstiness }, gaps.length)!;
    expect(law.reduce((a, b) => a + b, 0) / gaps.length).toBeGreaterThan(0.93);
    // The first bin of a law whose density has no bound is integrated too coarsely to be compared.
    for (let i = 1; i < law.length; i++) {
      expect(Math.abs(counts[i] - law[i])).toBeLessThan(5 * Math.sqrt(law[i]) + 5);
    }
  });
});
