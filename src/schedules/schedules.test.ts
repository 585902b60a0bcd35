import { describe, expect, it } from 'vitest';
import { arrivals } from './rate.ts';
import { createSchedule } from './registry.ts';

const seconds = (atMs: Float64Array) => [...atMs].map((ms) => Math.round(ms * 1e3) / 1e6);
const gapsOf = (atMs: Float64Array) => atMs.map((ms, i) => ms - (i ? atMs[i - 1] : 0));
const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: Float64Array) => {
  const m = mean(x);
  return x.reduce((sum, v) => sum + (v - m) ** 2, 0) / (x.length - 1);
};
/** Largest distance between the empirical distribution of `x` and `cdf`. */
function ksDistance(x: Float64Array, cdf: (v: number) => number): number {
  return x
    .slice()
    .sort()
    .reduce((worst, v, i) => {
      const p = cdf(v);
      return Math.max(worst, Math.abs(p - i / x.length), Math.abs((i + 1) / x.length - p));
    }, 0);
}
/** Of a correct sample, 0.1 % lie further off than this. */
const ksLimit = (n: number) => 1.95 / Math.sqrt(n);
const base = { requestsPerS: 10, burstiness: 0, seed: 1 };

describe('rate', () => {
  it('has even gaps and its first arrival after the first of them', () => {
    expect(seconds(arrivals({ ...base, requests: 5 }))).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it('has no drift: request 3,000,000 at 7 per second is due exactly at its quotient', () => {
    const atMs = arrivals({ ...base, requestsPerS: 7, requests: 3_000_000 });
    expect(atMs[2_999_999]).toBe((3_000_000 / 7) * 1000);
  });

  it.each([
    ['linear', 10, 20, [0.1, 0.18, 0.246667, 0.30381, 0.35381]],
    ['exponential', 10, 20, [0.1, 0.18409, 0.2548, 0.314261, 0.364261]],
    ['exponential', 0, 20, [0.05, 0.1, 0.15, 0.2, 0.25]],
    ['linear', 20, 10, [0.05, 0.107143, 0.17381, 0.25381, 0.35381]],
    ['linear', 0, 20, [0, 0.2, 0.3, 0.366667, 0.416667]],
  ] as const)('ramps %s from %d to %d', (strategy, startRps, endRps, expected) => {
    const atMs = arrivals({ ...base, requests: 5, ramp: { strategy, startRps, endRps } });
    expect(seconds(atMs)).toEqual(expected);
  });

  it('is Poisson at burstiness 1: exponential gaps, counts as spread as their mean', () => {
    const n = 50_000;
    const atMs = arrivals({ ...base, burstiness: 1, requests: n });
    const gaps = gapsOf(atMs);
    expect(ksDistance(gaps, (ms) => 1 - Math.exp(-ms / 100))).toBeLessThan(ksLimit(n));
    expect(mean(gaps)).toBeGreaterThan(100 * (1 - 3.3 / Math.sqrt(n)));
    expect(mean(gaps)).toBeLessThan(100 * (1 + 3.3 / Math.sqrt(n)));
    const perTenSeconds = new Float64Array(Math.floor(atMs[n - 1] / 10_000));
    for (const ms of atMs) if (ms < perTenSeconds.length * 10_000) perTenSeconds[Math.floor(ms / 10_000)]++;
    const dispersion = variance(perTenSeconds) / mean(perTenSeconds);
    expect(dispersion).toBeGreaterThan(0.75);
    expect(dispersion).toBeLessThan(1.25);
  });

  it('does not pin the last Poisson arrival to N / rate', () => {
    const n = 100;
    const last = Float64Array.from(
      { length: 400 },
      (_, seed) => arrivals({ ...base, burstiness: 1, seed, requests: n }).at(-1)!,
    );
    // The sum of 100 exponentials of mean 100 ms: mean 10 s, standard deviation 1 s.
    expect(mean(last)).toBeGreaterThan(9_800);
    expect(mean(last)).toBeLessThan(10_200);
    expect(Math.sqrt(variance(last))).toBeGreaterThan(850);
    expect(Math.sqrt(variance(last))).toBeLessThan(1_150);
  });

  it.each([0.25, 4])('has gamma gaps at burstiness %d: same mean, squared variation 1 / shape', (shape) => {
    const gaps = gapsOf(arrivals({ ...base, burstiness: shape, requests: 50_000 }));
    expect(mean(gaps) / 100).toBeGreaterThan(0.97);
    expect(mean(gaps) / 100).toBeLessThan(1.03);
    const squaredVariation = variance(gaps) / mean(gaps) ** 2;
    expect(squaredVariation * shape).toBeGreaterThan(0.93);
    expect(squaredVariation * shape).toBeLessThan(1.07);
  });

  /** Of a gamma variate with whole shape (Erlang), or with shape 1/2 (half a chi-square of one degree of freedom); scale 1. */
  function gammaCdf(shape: number, x: number): number {
    if (shape === 0.5) return erf(Math.sqrt(x));
    let [term, sum] = [1, 0];
    for (let k = 0; k < shape; k++) {
      sum += term;
      term *= x / (k + 1);
    }
    return 1 - Math.exp(-x) * sum;
  }
  /** Maclaurin series, exact to 1e-9 below 4 and 1 above. */
  function erf(z: number): number {
    if (z > 4) return 1;
    let [term, sum] = [z, z];
    for (let n = 1; n < 100; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }

  it.each([0.5, 2, 4])(
    'follows the gamma law at burstiness %d, with counts 1 / shape as spread as Poisson',
    (shape) => {
      const atMs = arrivals({ ...base, burstiness: shape, requests: 50_000 });
      const gaps = gapsOf(atMs);
      expect(ksDistance(gaps, (ms) => gammaCdf(shape, (ms / 100) * shape))).toBeLessThan(
        ksLimit(gaps.length),
      );
      const perTenSeconds = new Float64Array(Math.floor(atMs[atMs.length - 1] / 10_000));
      for (const ms of atMs) if (ms < perTenSeconds.length * 10_000) perTenSeconds[Math.floor(ms / 10_000)]++;
      const dispersion = (variance(perTenSeconds) / mean(perTenSeconds)) * shape;
      expect(dispersion).toBeGreaterThan(0.75);
      expect(dispersion).toBeLessThan(1.25);
    },
  );

  // Time rescaling: under the intensity of the ramp, arrivals are a Poisson process of rate 1. The integrals
  // below come from solving di/dt = rate(i) by hand, not from the code under test.
  const fineRamp = { startRps: 20, endRps: 400 };
  const n = 50_000;
  const growth = Math.log(fineRamp.endRps / fineRamp.startRps);
  it.each([
    [
      'linear',
      (t: number) => {
        const slope = (fineRamp.endRps - fineRamp.startRps) / n;
        return (fineRamp.startRps / slope) * Math.expm1(slope * t);
      },
    ],
    ['exponential', (t: number) => -(n / growth) * Math.log1p((-fineRamp.startRps * growth * t) / n)],
  ] as const)(
    'is evenly spaced at burstiness 0 along a %s ramp, once time is rescaled by it',
    (strategy, expected) => {
      const atMs = arrivals({ ...base, requests: n, ramp: { strategy, ...fineRamp } });
      for (let i = 0; i < n; i += 997) expect(Math.abs(expected(atMs[i] / 1000) - i - 1)).toBeLessThan(20);
    },
  );

  it.each([
    ['linear', 1],
    ['exponential', 1],
    ['linear', 4],
    ['exponential', 0.5],
  ] as const)(
    'keeps its law along a %s ramp at burstiness %d: gaps rescaled by the rate they were drawn at are gamma of mean 1',
    (strategy, shape) => {
      const { startRps, endRps } = fineRamp;
      const gaps = gapsOf(
        arrivals({ ...base, burstiness: shape, requests: n, ramp: { strategy, ...fineRamp } }),
      );
      const rescaled = gaps.map((ms, i) => {
        const p = i / (n - 1);
        const perS =
          strategy === 'linear' ? startRps * (1 - p) + endRps * p : Math.exp(Math.log(startRps) + growth * p);
        return (ms / 1000) * perS;
      });
      const cdf = (x: number) => gammaCdf(shape, x * shape);
      expect(ksDistance(rescaled, cdf)).toBeLessThan(ksLimit(n));
      expect(Math.abs(mean(rescaled) - 1)).toBeLessThan(3.3 / Math.sqrt(n * shape));
      // Independence of neighbors: their covariance is 0 within 3.3 standard errors.
      const products = rescaled.slice(1).map((x, i) => (x - 1) * (rescaled[i] - 1));
      expect(Math.abs(mean(products))).toBeLessThan(3.3 / (shape * Math.sqrt(n)));
      // The first half alone as well, so that an error at one end cannot hide in the whole.
      expect(ksDistance(rescaled.slice(0, n / 2), cdf)).toBeLessThan(ksLimit(n / 2));
    },
  );

  it('gives the same arrivals for the same seed only', () => {
    const of = (seed: number) => [...arrivals({ ...base, burstiness: 1, seed, requests: 50 })];
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });
});

describe('createSchedule', () => {
  it('spreads the slots of a closed loop over its ramp', () => {
    const ramped = createSchedule({ kind: 'closed', requests: 9, limit: 4, rampMs: 100 });
    expect([0, 1, 2, 3].map(ramped.slotOpensAt)).toEqual([0, 25, 50, 75]);
  });

  it('opens pressure slots at the pace of clients, or all at once without one', () => {
    const paced = createSchedule({ kind: 'pressure', limit: 10, clientsPerS: 4, durationMs: 5000 });
    expect([0, 1, 2, 9].map(paced.slotOpensAt)).toEqual([0, 250, 500, 2250]);
    expect(paced).toMatchObject({
      limit: 10,
      requests: Number.POSITIVE_INFINITY,
      durationMs: 5000,
      paced: false,
    });
    const atOnce = createSchedule({ kind: 'pressure', limit: 10, clientsPerS: 0, durationMs: 5000 });
    expect([0, 9].map(atOnce.slotOpensAt)).toEqual([0, 0]);
  });

  it('adds pressure clients along a ramp or at random, the first one with the run', () => {
    const ramp = { strategy: 'linear', startRps: 10, endRps: 20 } as const;
    const spec = { kind: 'pressure', limit: 5, clientsPerS: 0, durationMs: 5000, seed: 1 } as const;
    const ramped = createSchedule({ ...spec, traffic: { burstiness: 0, ramp } });
    const due = seconds(arrivals({ ...base, requests: 5, ramp }));
    [0, 1, 2, 3, 4].forEach((slot) => {
      expect(ramped.slotOpensAt(slot)).toBeCloseTo((due[slot] - due[0]) * 1000, 2);
    });
    const many = { ...spec, limit: 20_000, clientsPerS: 50 };
    const random = createSchedule({ ...many, traffic: { burstiness: 1 } });
    const opened = Float64Array.from({ length: many.limit }, (_, slot) => random.slotOpensAt(slot));
    const gaps = gapsOf(opened).slice(1);
    expect(ksDistance(gaps, (ms) => -Math.expm1(-ms / 20))).toBeLessThan(ksLimit(gaps.length));
    // The same in every worker.
    expect(createSchedule({ ...many, traffic: { burstiness: 1 } }).slotOpensAt(7)).toBe(opened[7]);
  });

  it('keeps time stamps as they are', () => {
    const schedule = createSchedule({ kind: 'timestamps', limit: 3, atMs: Float64Array.of(0, 0, 17.5) });
    expect(schedule).toMatchObject({ requests: 3, limit: 3, paced: true });
    expect([0, 1, 2].map(schedule.dueAt)).toEqual([0, 0, 17.5]);
  });

  it('never makes a closed loop wait', () => {
    const schedule = createSchedule({ kind: 'closed', limit: 3, requests: 7 });
    expect([schedule.dueAt(6), schedule.slotOpensAt(2), schedule.requests]).toEqual([0, 0, 7]);
  });
});
