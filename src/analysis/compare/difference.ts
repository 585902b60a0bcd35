/**
 * The ratio of one figure between two sides of repeated runs. What runs differ in by chance (a restart, a neighbor,
 * where memory came from) is as a rule more than the noise within one (Kalibera and Jones 2013), and only repeated
 * runs show it. So each run gives one number, and Student's t works on their logarithms, whose differences are ratios.
 */
import type { ComparisonBasis } from '../../core/comparison.ts';
import { sum, sumOfSquares } from '../steady/statistics/intervals.ts';
import { tQuantile, tUpperTail } from '../steady/statistics/student-t.ts';

/** One run's figure. */
export interface RunValue {
  /** Above 0. */
  value: number;
  /** Its 95 % interval from within the run; null without one. Only two single runs need it. */
  low: number | null;
  high: number | null;
}

export interface Difference {
  basis: ComparisonBasis;
  /** ln(new ÷ base). */
  logRatio: number;
  standardError: number;
  degreesOfFreedom: number;
  /** Runs a side that the standard error stands for: the harmonic mean of both. */
  runs: number;
}

export interface RatioInterval {
  ratio: number;
  low: number;
  high: number;
  /** Two-sided, of ratio 1. */
  pValue: number;
}

/** With so many degrees of freedom Student's t is the normal distribution to six digits. */
const NORMAL = 1e6;
const NORMAL_T = 1.95996;
const MAX_RUNS = 1000;

export function basisOf(base: number, next: number): ComparisonBasis {
  if (base > 1 && next > 1) return 'both sides';
  return base > 1 || next > 1 ? 'one side' : 'single runs';
}

/**
 * Welch's t test with two runs or more a side. A single run against several is taken to spread as they do. Of two single
 * runs, the noise within each and `runSpread`, the standard deviation (as a share) that repeated runs are taken to
 * have; null when one of them has no interval.
 */
export function differenceOf(
  base: readonly RunValue[],
  next: readonly RunValue[],
  runSpread: number,
): Difference | null {
  const [a, b] = [base, next].map((side) => side.map(({ value }) => Math.log(value)));
  const basis = basisOf(a.length, b.length);
  const logRatio = mean(b) - mean(a);
  const runs = 2 / (1 / a.length + 1 / b.length);
  const about = { basis, logRatio, runs };
  if (basis === 'both sides') return { ...about, ...welch(a, b) };
  if (basis === 'one side') {
    const many = a.length > 1 ? a : b;
    const standardError = Math.sqrt(variance(many) * (1 / a.length + 1 / b.length));
    return { ...about, standardError, degreesOfFreedom: many.length - 1 };
  }
  const within = [...base, ...next].map(errorWithin);
  if (within.some(Number.isNaN)) return null;
  const standardError = Math.hypot(...within, runSpread * Math.SQRT2);
  return { ...about, standardError, degreesOfFreedom: NORMAL };
}

export function intervalOf({ logRatio, standardError, degreesOfFreedom }: Difference): RatioInterval {
  const halfWidth = tQuantile(0.975, degreesOfFreedom) * standardError;
  return {
    ratio: Math.exp(logRatio),
    low: Math.exp(logRatio - halfWidth),
    high: Math.exp(logRatio + halfWidth),
    pValue: pValueOf(logRatio, standardError, degreesOfFreedom),
  };
}

/** Least number of runs a side, above the present one, whose interval would be narrower than ± `logWidth`; null above 1000. */
export function runsFor(logWidth: number, difference: Difference): number | null {
  const { basis, runs, standardError, degreesOfFreedom } = difference;
  const freedomPerRun = basis === 'both sides' ? degreesOfFreedom / (runs - 1) : 2;
  // No t is below that of the normal distribution, so fewer cannot do.
  const fewest = Math.ceil(runs * ((NORMAL_T * standardError) / logWidth) ** 2);
  for (let k = Math.max(Math.floor(runs) + 1, fewest); k <= MAX_RUNS; k++) {
    const t = tQuantile(0.975, Math.max(1, freedomPerRun * (k - 1)));
    if (t * standardError * Math.sqrt(runs / k) < logWidth) return k;
  }
  return null;
}

/** Median of all new ÷ base. */
export function medianRatio(base: readonly RunValue[], next: readonly RunValue[]): number {
  const ratios = pairs(base, next, (a, b) => b / a).sort((x, y) => x - y);
  const middle = ratios.length / 2;
  // Of an even number, the geometric mean of the two in the middle: ratios are compared by their logarithms.
  return Math.sqrt(ratios[Math.ceil(middle) - 1] * ratios[Math.floor(middle)]);
}

export function cliffsDelta(base: readonly RunValue[], next: readonly RunValue[]): number {
  return mean(pairs(base, next, (a, b) => Math.sign(b - a)));
}

function pairs(
  base: readonly RunValue[],
  next: readonly RunValue[],
  of: (a: number, b: number) => number,
): number[] {
  return base.flatMap((a) => next.map((b) => of(a.value, b.value)));
}

/** Welch 1947: each side keeps its own variance. */
function welch(a: number[], b: number[]): Pick<Difference, 'standardError' | 'degreesOfFreedom'> {
  const [va, vb] = [variance(a) / a.length, variance(b) / b.length];
  const both = va + vb;
  const spread = va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1);
  const degreesOfFreedom = spread > 0 ? both ** 2 / spread : a.length + b.length - 2;
  return { standardError: Math.sqrt(both), degreesOfFreedom };
}

/** Of the logarithm, from a 95 % interval. */
function errorWithin({ low, high }: RunValue): number {
  if (low === null || high === null || !(low > 0)) return Number.NaN;
  return Math.log(high / low) / (2 * NORMAL_T);
}

function pValueOf(logRatio: number, standardError: number, degreesOfFreedom: number): number {
  if (standardError === 0) return logRatio === 0 ? 1 : 0;
  return 2 * tUpperTail(Math.abs(logRatio) / standardError, degreesOfFreedom);
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function variance(values: readonly number[]): number {
  return sumOfSquares(values, mean(values)) / (values.length - 1);
}
