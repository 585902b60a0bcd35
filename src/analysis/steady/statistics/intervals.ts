/**
 * Confidence intervals from batches. Requests that share a server are correlated, so the spread of single
 * requests says nothing about the error of their mean; the spread of some twenty long batches does, after a
 * correction for what correlation is left between neighbors.
 */
import { tQuantile } from './student-t.ts';

/** Fewest batches from which an interval or a test is made. */
export const MIN_BATCHES = 20;

export interface Estimate {
  value: number;
  standardError: number;
  /** Half the width of the 95 % interval. */
  halfWidth: number;
  /** Student's t behind `halfWidth`. */
  t: number;
}

/** Correlation that positive lag-1 correlation r stands for is cut here: more cannot be told from twenty batches. */
const MAX_CORRELATION = 0.8;

/** The mean of batch values with its 95 % interval: variance inflated by (1 + r)/(1 − r), degrees of freedom deflated. */
export function meanOfBatches(y: ArrayLike<number>): Estimate {
  const m = y.length;
  const mean = sum(y) / m;
  const squares = sumOfSquares(y, mean);
  if (squares <= 1e-18 * m * mean * mean) return { value: mean, standardError: 0, halfWidth: 0, t: 0 };
  const inflation = inflationOf(unbiasedCorrelation(y, mean, squares));
  const standardError = Math.sqrt((squares / (m - 1) / m) * inflation);
  const t = tQuantile(0.975, Math.max(2, (m - 1) / inflation));
  return { value: mean, standardError, halfWidth: t * standardError, t };
}

/** ΣA / ΣB over batches, by linearization: batch k stands for the ratio plus (A_k − R B_k) ÷ mean B. */
export function ratioOfBatches(a: ArrayLike<number>, b: ArrayLike<number>): Estimate {
  const total = sum(b);
  const ratio = sum(a) / total;
  const meanB = total / b.length;
  return meanOfBatches(Array.from(a, (ak, k) => ratio + (ak - ratio * b[k]) / meanB));
}

export interface Trend {
  /** Change from the first to the last batch along the fitted line, as a share of the mean. */
  change: number;
  /** Half the width of its 90 % interval: two one-sided tests at 5 %. */
  halfWidth: number;
}

/** The least-squares line through batch values, its error corrected for lag-1 correlation of the residuals. */
export function trendOfBatches(y: ArrayLike<number>): Trend {
  const m = y.length;
  const mean = sum(y) / m;
  let xy = 0;
  for (let i = 0; i < m; i++) xy += (i - (m - 1) / 2) * y[i];
  const xx = (m * (m * m - 1)) / 12;
  const slope = xy / xx;
  const residuals = Array.from(y, (value, i) => value - mean - slope * (i - (m - 1) / 2));
  const squares = sumOfSquares(residuals, 0);
  const scale = m / mean;
  if (squares <= 1e-18 * m * mean * mean) return { change: slope * scale, halfWidth: 0 };
  const inflation = inflationOf(lagOneCorrelation(residuals, 0, squares));
  const t = tQuantile(0.95, Math.max(1, Math.max(3, m / inflation) - 2));
  return {
    change: slope * scale,
    halfWidth: t * Math.sqrt(((squares / (m - 2)) * inflation) / xx) * scale,
  };
}

/** Lag-1 correlation of values about `mean`, negative values cut to 0 and high ones to `MAX_CORRELATION`. */
export function lagOneCorrelation(y: ArrayLike<number>, mean: number, squares: number): number {
  return clipped(rawCorrelation(y, mean, squares));
}

/**
 * The same without the bias of few values: the sample's own is too low by (1 + 3r)/n (Marriott and Pope 1954,
 * Kendall 1954), and intervals from twenty batches too short by it. Tests for a trend go without: what is left of a
 * curve about a line looks like correlation, and the correction would hide a service that never settles.
 */
function unbiasedCorrelation(y: ArrayLike<number>, mean: number, squares: number): number {
  const n = y.length;
  return n > 3 ? clipped((n * rawCorrelation(y, mean, squares) + 1) / (n - 3)) : 0;
}

function rawCorrelation(y: ArrayLike<number>, mean: number, squares: number): number {
  let products = 0;
  for (let i = 1; i < y.length; i++) products += (y[i] - mean) * (y[i - 1] - mean);
  return products / squares;
}

function clipped(r: number): number {
  return Math.min(MAX_CORRELATION, Math.max(0, r));
}

/** How much larger the variance of a mean is than for independent values. */
function inflationOf(r: number): number {
  return (1 + r) / (1 - r);
}

export function sum(y: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < y.length; i++) total += y[i];
  return total;
}

export function sumOfSquares(y: ArrayLike<number>, mean: number): number {
  let total = 0;
  for (let i = 0; i < y.length; i++) total += (y[i] - mean) ** 2;
  return total;
}
