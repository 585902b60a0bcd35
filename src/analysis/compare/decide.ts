/** From the interval of a ratio to a finding, and from the findings that a gate looks at to its answer. */
import type { Finding, GateResult } from '../../core/comparison.ts';
import { type Difference, type RatioInterval, runsFor } from './difference.ts';

/** Which way is better; `neither`: a figure that only describes. */
export type Direction = 'higher' | 'lower' | 'neither';

export interface Margin {
  direction: Direction;
  /** The change that matters, as a share. */
  share: number;
}

const SIGNIFICANCE = 0.05;

/** Ratios at which a loss and a gain of the margin begin. */
function edgesOf({ direction, share }: Margin): { loss: number; gain: number } {
  return direction === 'lower' ? { loss: 1 + share, gain: 1 - share } : { loss: 1 - share, gain: 1 + share };
}

/**
 * A change: the interval leaves out 1 and the ratio is beyond the margin. No change: the interval lies within the
 * margin on both sides. Anything else needs more runs.
 */
export function findingOf({ ratio, low, high }: RatioInterval, margin: Margin): Finding {
  const { loss, gain } = edgesOf(margin);
  const [bottom, top] = [Math.min(loss, gain), Math.max(loss, gain)];
  if (low > bottom && high < top) return 'no change';
  const fell = high < 1 && ratio <= bottom;
  const rose = low > 1 && ratio >= top;
  if (!fell && !rose) return 'inconclusive';
  if (margin.direction === 'neither') return 'changed';
  return rose === (margin.direction === 'higher') ? 'better' : 'worse';
}

/** Runs a side at which the same ratio would be decided; null when they are too many, or it stands on the margin's edge. */
export function runsToDecide(difference: Difference, margin: Margin): number | null {
  const { loss, gain } = edgesOf(margin);
  const away = [loss, gain].map((edge) => Math.abs(Math.log(edge) - difference.logRatio));
  const [bottom, top] = [Math.log(Math.min(loss, gain)), Math.log(Math.max(loss, gain))];
  const within = difference.logRatio > bottom && difference.logRatio < top;
  return runsFor(within ? Math.min(...away) : Math.abs(difference.logRatio), difference);
}

/** One figure that a gate looks at; null when it could not be compared. */
export interface Gated {
  interval: RatioInterval;
  margin: Margin;
}

/**
 * Regression: a loss of the margin or more, significant at 5 % over all figures together (Holm 1979). Ok: a loss of the
 * margin is ruled out. Undecided: neither.
 */
export function gateResults(figures: readonly (Gated | null)[]): GateResult[] {
  const adjusted = holm(figures.map((figure) => figure?.interval.pValue ?? 1));
  return figures.map((figure, i) => {
    if (figure === null) return 'undecided';
    const { interval, margin } = figure;
    if (findingOf(interval, margin) === 'worse')
      return adjusted[i] < SIGNIFICANCE ? 'regression' : 'undecided';
    const { loss } = edgesOf(margin);
    const ruledOut = margin.direction === 'lower' ? interval.high < loss : interval.low > loss;
    return ruledOut ? 'ok' : 'undecided';
  });
}

export function worstOf(results: readonly GateResult[]): GateResult {
  if (results.includes('regression')) return 'regression';
  return results.includes('undecided') ? 'undecided' : 'ok';
}

/** Holm's adjusted p-values: the i-th smallest of m counts m − i times, and none falls below a smaller one's. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted: number[] = [];
  let least = 0;
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[at]));
    adjusted[at] = least;
  });
  return adjusted;
}
