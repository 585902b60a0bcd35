/**
 * The phase-averaged rate of a stream of marks (tokens, starts, ends) over a window (a, b] of length T.
 *
 * Counting marks in a plain box aliases with the request cycle E: the count depends on where in a cycle
 * the box happens to begin. The mean over all phases of one cycle, that is over all boxes of length
 * T − E inside the window, does not. With I the integral of the cumulative count it is
 *
 *   X = ( I(b) − I(b − E) − I(a + E) + I(a) ) / ( E (T − E) )
 *
 * which is a sum over marks of a weight that depends on each mark's time alone: a trapezoid that rises
 * over the first cycle and falls over the last. So one pass over the marks in any order suffices.
 */
export interface PhaseAverage {
  /** Weight of a mark at a time, 1/ms; marks × weight, summed, is the rate per ms. */
  at(ms: number): number;
  /** Mean weight over [fromMs, toMs], for a mark spread evenly over it; `at` when it has no length. */
  over(fromMs: number, toMs: number): number;
  /** The top of the trapezoid: from and to here every weight is `weight`. */
  top: { fromMs: number; toMs: number; weight: number };
}

/** Needs 0 < cycleMs < toMs − fromMs; X is free of aliasing from two cycles on. */
export function phaseAverage(fromMs: number, toMs: number, cycleMs: number): PhaseAverage {
  const area = cycleMs * (toMs - fromMs - cycleMs);
  const fold = (f: (distance: number) => number, ms: number) =>
    f(toMs - ms) - f(toMs - cycleMs - ms) - f(fromMs + cycleMs - ms) + f(fromMs - ms);
  const at = (ms: number) => (ms <= fromMs || ms >= toMs ? 0 : fold(positive, ms) / area);
  return {
    at,
    top: { fromMs: fromMs + cycleMs, toMs: toMs - cycleMs, weight: cycleMs / area },
    over(from, to) {
      if (to <= from) return at(from);
      return (fold(halfSquare, from) - fold(halfSquare, to)) / area / (to - from);
    },
  };
}

function positive(x: number): number {
  return Math.max(x, 0);
}

/** The integral of `positive`. */
function halfSquare(x: number): number {
  return x > 0 ? (x * x) / 2 : 0;
}
