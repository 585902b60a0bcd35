/** How many requests were in flight, as a step curve. */
import type { Requests } from './load.ts';
import { firstAbove } from './search.ts';
import type { Range } from './view.ts';

/** From `at[k]` until `at[k + 1]` the level is `value[k]`; before `at[0]` it is 0. Times ascend strictly. */
export interface Steps {
  at: Float64Array;
  value: Int32Array;
  max: number;
}

/** Every attempt counts, failed ones too, from `sent` until `end`. Where both meet, the end comes first. */
export function levelOf(r: Requests): Steps {
  const ends = r.end.slice().sort();
  const at = new Float64Array(2 * r.count);
  const value = new Int32Array(2 * r.count);
  let size = 0;
  let level = 0;
  let max = 0;
  let sent = 0;
  let ended = 0;
  while (ended < r.count) {
    const now = sent < r.count ? Math.min(r.sent[sent], ends[ended]) : ends[ended];
    while (ended < r.count && ends[ended] === now) {
      level--;
      ended++;
    }
    while (sent < r.count && r.sent[sent] === now) {
      level++;
      sent++;
    }
    max = Math.max(max, level);
    at[size] = now;
    value[size++] = level;
  }
  return { at: at.subarray(0, size), value: value.subarray(0, size), max };
}

/** The level at a moment. */
export function levelAt(steps: Steps, time: number): number {
  const next = firstAbove(0, steps.at.length, (k) => steps.at[k] > time);
  return next === 0 ? 0 : steps.value[next - 1];
}

/**
 * The corners of the curve between two times, thinned to what a screen can show: for each pixel column the
 * level it enters with, its lowest, its highest and the one it leaves with. `columnOf` must ascend.
 */
export function visibleCorners(
  steps: Steps,
  { min, max }: Range,
  columnOf: (time: number) => number,
  corner: (column: number, value: number) => void,
): void {
  const { at, value } = steps;
  const first = firstAbove(0, at.length, (k) => at[k] > min);
  let level = first === 0 ? 0 : value[first - 1];
  corner(columnOf(min), level);
  let k = first;
  while (k < at.length && at[k] <= max) {
    const column = columnOf(at[k]);
    corner(column, level);
    let low = level;
    let high = level;
    const from = k;
    while (k < at.length && at[k] <= max && columnOf(at[k]) === column) {
      level = value[k++];
      if (level < low) low = level;
      if (level > high) high = level;
    }
    if (k - from > 1) {
      corner(column, low);
      corner(column, high);
    }
    corner(column, level);
  }
  corner(columnOf(max), level);
}
