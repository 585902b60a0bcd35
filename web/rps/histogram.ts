/** Counts of values in bins of equal width, or of equal ratio where values span powers of ten. */

export interface Bins {
  /** One more than there are bins, ascending. */
  edges: Float64Array;
  log: boolean;
}

const MIN_BINS = 10;
const MAX_BINS = 100;
/** 90 % of the values within this ratio fit on a linear axis. */
const LINEAR_RATIO = 20;
/** Nearer together than rounding to 1 ns makes values of a constant rate. */
const SAME = 1e-5;

/**
 * Bins of Scott's width, 3.5 s / n^(1/3) (Biometrika 66, 1979), at least 10 and at most 100 of them, over the finite
 * values with a tenth of room on both sides. One bin when all values are the same or there are none. `values` ascend.
 */
export function binsFor(values: Float64Array, wantLog: boolean): Bins {
  const n = values.length;
  if (n === 0) return { edges: Float64Array.of(0, 1), log: false };
  const [low, high] = [values[0], values[n - 1]];
  if (high - low <= SAME * high) return { edges: Float64Array.of(low * 0.9, high * 1.1), log: false };
  const log = wantLog && low > 0;
  const scale = log ? Math.log : (x: number) => x;
  const mean = values.reduce((sum, x) => sum + scale(x), 0) / n;
  const sd = Math.sqrt(values.reduce((sum, x) => sum + (scale(x) - mean) ** 2, 0) / n);
  const [from, to] = log ? [Math.log(low * 0.9), Math.log(high * 1.1)] : [low * 0.9, high * 1.1];
  const wanted = Math.ceil((to - from) / ((3.5 * sd) / Math.cbrt(n)));
  const bins = Math.min(MAX_BINS, Math.max(MIN_BINS, wanted));
  const edge = (i: number) => from + ((to - from) * i) / bins;
  return {
    edges: Float64Array.from({ length: bins + 1 }, (_, i) => (log ? Math.exp(edge(i)) : edge(i))),
    log,
  };
}

/** Whether the values need a logarithmic axis. `values` ascend. */
export function spansDecades(values: Float64Array): boolean {
  const n = values.length;
  return n > 0 && values[Math.floor(0.95 * (n - 1))] > LINEAR_RATIO * values[Math.floor(0.05 * (n - 1))];
}

/** How many values lie in each bin; those outside are left out. `values` ascend. */
export function countsIn({ edges }: Bins, values: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length - 1);
  let bin = 0;
  for (const value of values) {
    if (value < edges[0]) continue;
    while (bin < counts.length && value >= edges[bin + 1]) bin++;
    if (bin === counts.length) break;
    counts[bin]++;
  }
  return counts;
}
