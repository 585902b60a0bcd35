import { describe, expect, it } from 'vitest';
import {
  cliffsDelta,
  type Difference,
  differenceOf,
  intervalOf,
  medianRatio,
  runsFor,
} from './difference.ts';

const logs = (...values: number[]) => values.map((log) => ({ value: Math.exp(log), low: null, high: null }));

describe('differenceOf', () => {
  it("is Welch's t test on logarithms, worked by hand", () => {
    // Means 2 and 4, variances 2 and 4: 2/2 + 4/3 = 7/3; df = (7/3)² / (1² / 1 + (4/3)² / 2) = 49/17.
    const difference = differenceOf(logs(1, 3), logs(2, 4, 6), 0)!;
    expect(difference).toMatchObject({ basis: 'both sides' });
    expect(difference.runs).toBeCloseTo(2 / (1 / 2 + 1 / 3), 12);
    expect(difference.logRatio).toBeCloseTo(2, 12);
    expect(difference.standardError).toBeCloseTo(Math.sqrt(7 / 3), 12);
    expect(difference.degreesOfFreedom).toBeCloseTo(49 / 17, 12);
  });

  it('takes a single run to spread like those of the other side', () => {
    // Variance 2 of the two: 2 · (1/2 + 1), one degree of freedom, t = 12.7062.
    const difference = differenceOf(logs(5), logs(1, 3), 0)!;
    expect(difference).toMatchObject({ basis: 'one side', degreesOfFreedom: 1 });
    expect(difference.standardError).toBeCloseTo(Math.sqrt(3), 12);
    expect(Math.log(intervalOf(difference).high)).toBeCloseTo(-3 + 12.7062 * Math.sqrt(3), 3);
  });

  it('adds the assumed spread between runs to the noise within two single runs', () => {
    // ln(102.0408/98) is 0.0404 = 2 · 1.96 standard errors of each; the spread counts once a side.
    const run = { value: 100, low: 98, high: 102.0408 };
    const difference = differenceOf([run], [run], 0.02)!;
    expect(difference).toMatchObject({ basis: 'single runs', logRatio: 0 });
    expect(difference.standardError).toBeCloseTo(Math.sqrt(2 * 0.0103077 ** 2 + 2 * 0.02 ** 2), 6);
    expect(differenceOf([run], [{ ...run, low: null }], 0.02)).toBeNull();
  });

  it('gives runs that are all equal no width, and a change of them no doubt', () => {
    expect(intervalOf(differenceOf(logs(1, 1), logs(1, 1), 0)!)).toEqual({
      ratio: 1,
      low: 1,
      high: 1,
      pValue: 1,
    });
    expect(intervalOf(differenceOf(logs(1, 1), logs(2, 2), 0)!)).toMatchObject({ pValue: 0 });
  });
});

it('the interval leaves out 1 exactly where the p-value is below 5 %', () => {
  for (const logRatio of [0.0277, 0.0278]) {
    // t(0.975, 8) = 2.306: the limit is at 2.306 · 0.012 = 0.02767.
    const about = { basis: 'both sides', runs: 5, degreesOfFreedom: 8 } as const;
    const found = intervalOf({ ...about, logRatio, standardError: logRatio === 0.0277 ? 0.0121 : 0.012 });
    expect(found.low > 1).toBe(found.pValue < 0.05);
    expect(found.low > 1).toBe(logRatio === 0.0278);
  }
});

describe('runsFor', () => {
  it('takes account of the t that more runs have', () => {
    // Standard error 0.0318 at one run a side: 2.306 · 0.0318/√5 = 0.0328 at five, 2.228 · 0.0318/√6 = 0.0289 at six.
    const single = {
      basis: 'single runs',
      logRatio: 0,
      standardError: 0.0318,
      degreesOfFreedom: 1e6,
      runs: 1,
    } as const;
    expect(runsFor(0.03, single)).toBe(6);
    // Two runs a side with 2 degrees of freedom: 4.30 now, 2.45 at four.
    const pair: Difference = {
      ...single,
      basis: 'both sides',
      runs: 2,
      degreesOfFreedom: 2,
      standardError: 0.02,
    };
    expect(runsFor(0.035, pair)).toBe(4);
    expect(runsFor(1e-9, pair)).toBeNull();
  });
});

it('effect sizes compare every new run with every base run', () => {
  const [base, next] = [
    [1, 2],
    [2, 4],
  ].map((side) => side.map((value) => ({ value, low: null, high: null })));
  expect(medianRatio(base, next)).toBe(2);
  expect(cliffsDelta(base, next)).toBe(0.75);
});
