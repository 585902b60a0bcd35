/**
 * The concurrency level: attempts in flight over time, failed ones included, because they hold a slot.
 * An attempt is in flight on [sent, end), so at equal times ends come before starts, and one of no
 * length is never in flight.
 */
import type { RequestTable } from './request-table.ts';

/** Starts and ends of all attempts of some length, each ascending, ms after the run's start. */
export interface Edges {
  starts: Float64Array;
  ends: Float64Array;
}

export function edgesOf(table: RequestTable): Edges {
  const starts = new Float64Array(table.count);
  const ends = new Float64Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.endMs[row] > table.sentMs[row]) {
      starts[count] = table.sentMs[row];
      ends[count] = table.endMs[row];
      count++;
    }
  }
  return { starts: starts.subarray(0, count).sort(), ends: ends.subarray(0, count).sort() };
}

/** Calls back after every single step (+1 or −1) with the moment and the new level. */
export function sweep(edges: Edges, visit: (atMs: number, level: number, step: 1 | -1) => void): void {
  const { starts, ends } = edges;
  let level = 0;
  for (let s = 0, e = 0; e < ends.length; ) {
    if (s < starts.length && starts[s] < ends[e]) visit(starts[s++], ++level, 1);
    else visit(ends[e++], --level, -1);
  }
}

/** The highest level and the first moment it was reached; level 0 at 0 ms without attempts. */
export function highestLevel(edges: Edges): { level: number; atMs: number } {
  const highest = { level: 0, atMs: 0 };
  sweep(edges, (atMs, level) => {
    if (level > highest.level) {
      highest.level = level;
      highest.atMs = atMs;
    }
  });
  return highest;
}

/** First moment at `least` or a higher level; NaN when it never got there. */
export function firstAtLeast(edges: Edges, least: number): number {
  let firstMs = Number.NaN;
  sweep(edges, (atMs, level) => {
    if (Number.isNaN(firstMs) && level >= least) firstMs = atMs;
  });
  return firstMs;
}

/** First moment at the maximum, and the moment the level leaves it for the last time; null when it never got there. */
export function loadPlateau(edges: Edges, maximum: number): { fullMs: number; releasedMs: number } | null {
  let fullMs = Number.NaN;
  let releasedMs = Number.NaN;
  sweep(edges, (atMs, level, step) => {
    if (step === 1 && level >= maximum && Number.isNaN(fullMs)) fullMs = atMs;
    if (step === -1 && level === maximum - 1) releasedMs = atMs;
  });
  return Number.isNaN(fullMs) ? null : { fullMs, releasedMs };
}

/** Time average of the level over [fromMs, toMs]: the sum of overlaps over the length. NaN for no length. */
export function meanLevel(table: RequestTable, fromMs: number, toMs: number): number {
  let sum = 0;
  for (const row of table.bySent) {
    const overlap = Math.min(table.endMs[row], toMs) - Math.max(table.sentMs[row], fromMs);
    if (overlap > 0) sum += overlap;
  }
  return toMs > fromMs ? sum / (toMs - fromMs) : Number.NaN;
}
