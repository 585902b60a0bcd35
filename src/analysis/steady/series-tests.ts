/**
 * Where a series of batch values settles, and whether it stays: truncation, level shift, drift. Pure functions of
 * equally long batches in time order. The series must be averaged over whole request cycles (see slots.ts);
 * plain bins of a service in lock step alias and look like noise.
 */
import {
  lagOneCorrelation,
  meanOfBatches,
  sum,
  sumOfSquares,
  type Trend,
  trendOfBatches,
} from './statistics/intervals.ts';

/** At most this share of the batches may be warm-up. */
const MAX_WARM_UP = 1 / 3;

/** Largest number of leading batches that may be cut; a cut that reaches it found no plateau. */
export function mostCut(batches: number): number {
  return Math.floor(batches * MAX_WARM_UP);
}

/**
 * MSER (White 1997): the cut that makes the mean of the rest most precise, as far as its spread tells.
 * Compares Σ(y − mean)²/(n − d)² over d up to `mostCut`.
 */
export function mostPreciseCut(y: ArrayLike<number>): number {
  const n = y.length;
  // Distances from the last value keep the sums of squares free of cancellation.
  const origin = y[n - 1];
  let total = 0;
  let squares = 0;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let d = n - 1; d >= 0; d--) {
    const value = y[d] - origin;
    total += value;
    squares += value * value;
    const count = n - d;
    const score = (squares - (total * total) / count) / (count * count);
    if (d <= mostCut(n) && score <= least) {
      least = score;
      best = d;
    }
  }
  return best;
}

/**
 * The smallest cut whose mean differs from that of the most precise cut by no more than `tolerance` of it, or
 * by a quarter of its half-width: data are not thrown away for a difference that does not matter.
 */
export function warmUpCut(y: ArrayLike<number>, tolerance: number): number {
  const values = Array.from(y);
  const limit = mostPreciseCut(values);
  const settled = meanOfBatches(values.slice(limit));
  const allowed = Math.max(tolerance * Math.abs(settled.value), settled.halfWidth / 4);
  let rest = sum(values);
  for (let d = 0; d < limit; d++) {
    if (Math.abs(rest / (values.length - d) - settled.value) <= allowed) return d;
    rest -= values[d];
  }
  return limit;
}

export interface LevelShift {
  /** Batches before the step. */
  at: number;
  /** New level ÷ old level − 1. */
  step: number;
  /** The CUSUM statistic; see `SHIFT_LIMIT`. */
  statistic: number;
}

/** 1 % point of the largest excursion of a Brownian bridge. */
const SHIFT_LIMIT = 1.63;
/** A smaller step does not make a run unsteady. */
const MIN_STEP = 0.05;

/** The likeliest single step of a series, whether or not it is one. */
function likeliestStep(y: ArrayLike<number>): LevelShift {
  const values = Array.from(y);
  const n = values.length;
  const mean = sum(values) / n;
  let at = 1;
  let most = 0;
  let excursion = 0;
  for (let k = 1; k < n; k++) {
    excursion += values[k - 1] - mean;
    if (Math.abs(excursion) > most) {
      most = Math.abs(excursion);
      at = k;
    }
  }
  const before = values.slice(0, at);
  const after = values.slice(at);
  const means = [sum(before) / at, sum(after) / (n - at)];
  const residuals = values.map((value, i) => value - means[i < at ? 0 : 1]);
  const squares = sumOfSquares(residuals, 0);
  const r = squares > 0 ? lagOneCorrelation(residuals, 0, squares) : 0;
  const sigma = Math.sqrt((squares / (n - 2)) * ((1 + r) / (1 - r)));
  const statistic = most <= 1e-9 * Math.abs(mean) ? 0 : most / (sigma * Math.sqrt(n));
  return { at, step: means[1] / means[0] - 1, statistic };
}

/** A step of at least 5 % after the first third of the series; one before it is warm-up. null when there is none. */
export function levelShift(y: ArrayLike<number>): LevelShift | null {
  const found = likeliestStep(y);
  const late = found.at >= y.length * MAX_WARM_UP;
  return found.statistic > SHIFT_LIMIT && Math.abs(found.step) >= MIN_STEP && late ? found : null;
}

export interface Drift extends Trend {
  /** `steady`: the 90 % interval lies within ±delta. `drift`: it excludes 0 and the change is at least delta. */
  result: 'steady' | 'inconclusive' | 'drift';
  delta: number;
}

/** Does the series rise or fall by `delta` of its mean from end to end? */
export function driftOf(y: ArrayLike<number>, delta: number): Drift {
  const trend = trendOfBatches(y);
  const size = Math.abs(trend.change);
  if (size + trend.halfWidth <= delta) return { ...trend, delta, result: 'steady' };
  const isDrift = size > trend.halfWidth && size >= delta;
  return { ...trend, delta, result: isDrift ? 'drift' : 'inconclusive' };
}
