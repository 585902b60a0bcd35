/** What MLPerf's LoadGen calls early stopping: a percentile with a stated confidence from however many requests there are. */
import { incompleteBeta } from './student-t.ts';

/** LoadGen's own. */
const CONFIDENCE = 0.99;

/**
 * How many of the highest of `n` independent latencies may be left out, so that the true percentile `p` is at most the
 * next one with 99 % confidence: the most t for which t or fewer of n lie beyond it in at most 1 % of samples. 0: too few.
 */
export function discardable(n: number, p: number): number {
  // P(at most t of n beyond p) = I_p(n − t, t + 1).
  const allowed = (t: number) => t < n && incompleteBeta(p, n - t, t + 1) <= 1 - CONFIDENCE;
  let most = 0;
  let tooMany = n;
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (allowed(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}

/** Fewest independent latencies with an estimate: 662 for P99, 64 for P90. */
export function fewestFor(p: number): number {
  let n = 2;
  while (discardable(n, p) < 1) n++;
  return n;
}

/**
 * The latency that the percentile `p` is at most, with 99 % confidence; NaN with too few. `sorted` ascends.
 * `designEffect`, 1 or more: so many of them say as much as one independent latency.
 */
export function earlyStoppingEstimate(sorted: Float64Array, p: number, designEffect: number): number {
  const discarded = discardable(Math.floor(sorted.length / designEffect), p);
  if (discarded === 0) return Number.NaN;
  return sorted[sorted.length - Math.floor(discarded * designEffect)];
}
