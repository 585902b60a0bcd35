/**
 * Tests by order alone, for a trend and for one step in a short series. MLPerf's steady state asks for them; our own
 * verdict does not rest on them, because the first raises false alarms with random lengths and takes a clean step for
 * correlation.
 */
import { tUpperTail } from './student-t.ts';

export interface Trended {
  /** Pairs that rise less pairs that fall. */
  s: number;
  /** Two-sided, of no trend. */
  pValue: number;
}

/** Autocorrelations of ranks beyond this many standard errors count. */
const CORRELATION_LIMIT = 1.96;
/** With so many degrees of freedom Student's t is the normal distribution. */
const NORMAL = 1e6;

/**
 * Mann 1945 and Kendall 1975, ties allowed, with the variance for autocorrelated data of Hamed and Rao 1998: its
 * correlations are those of the ranks once the line of median slope (Sen 1968) is taken away.
 */
export function mannKendall(y: readonly number[]): Trended {
  const n = y.length;
  const s = risesLessFalls(y);
  const variance = ((n * (n - 1) * (2 * n + 5) - tieTerm(y)) / 18) * autocorrelationFactor(y);
  if (s === 0 || !(variance > 0)) return { s, pValue: 1 };
  const z = (Math.abs(s) - 1) / Math.sqrt(variance);
  return { s, pValue: 2 * tUpperTail(z, NORMAL) };
}

export interface Pettitt {
  /** Values before the likeliest step. */
  at: number;
  /** Largest |U| over all splits. */
  k: number;
  /** Approximate, of no step. */
  pValue: number;
}

/** Pettitt 1979: the split whose two parts differ most in rank. */
export function pettitt(y: readonly number[]): Pettitt {
  const n = y.length;
  let u = 0;
  let found = { at: 0, k: 0 };
  for (let at = 1; at < n; at++) {
    // Moving one value to the first part changes U by how it compares with all the others.
    for (const value of y) u += Math.sign(value - y[at - 1]);
    if (Math.abs(u) > found.k) found = { at, k: Math.abs(u) };
  }
  const pValue = Math.min(1, 2 * Math.exp((-6 * found.k ** 2) / (n ** 3 + n ** 2)));
  return { ...found, pValue };
}

function risesLessFalls(y: readonly number[]): number {
  let s = 0;
  for (let j = 1; j < y.length; j++) for (let i = 0; i < j; i++) s += Math.sign(y[j] - y[i]);
  return s;
}

function tieTerm(y: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of y) counts.set(value, (counts.get(value) ?? 0) + 1);
  let term = 0;
  for (const t of counts.values()) term += t * (t - 1) * (2 * t + 5);
  return term;
}

/** n/n*: how much larger the variance of S is than for independent values; 1 where the estimate is not positive. */
function autocorrelationFactor(y: readonly number[]): number {
  const n = y.length;
  const slope = medianSlope(y);
  const ranks = ranksOf(y.map((value, i) => value - slope * i));
  const centre = (n + 1) / 2;
  const squares = ranks.reduce((total, rank) => total + (rank - centre) ** 2, 0);
  let weighted = 0;
  for (let lag = 1; lag < n - 2 && squares > 0; lag++) {
    let products = 0;
    for (let i = lag; i < n; i++) products += (ranks[i] - centre) * (ranks[i - lag] - centre);
    const r = products / squares;
    if (Math.abs(r) * Math.sqrt(n) > CORRELATION_LIMIT)
      weighted += (n - lag) * (n - lag - 1) * (n - lag - 2) * r;
  }
  const factor = 1 + (2 * weighted) / (n * (n - 1) * (n - 2));
  return factor > 0 ? factor : 1;
}

function medianSlope(y: readonly number[]): number {
  const slopes: number[] = [];
  for (let j = 1; j < y.length; j++) for (let i = 0; i < j; i++) slopes.push((y[j] - y[i]) / (j - i));
  return medianOf(slopes);
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** From 1; equal values share the mean of their ranks. */
function ranksOf(y: readonly number[]): number[] {
  const sorted = [...y].sort((a, b) => a - b);
  return y.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 + 1);
}
