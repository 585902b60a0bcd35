/** What a window rule is: a pure function from the recorded attempts to an interval and its members. */

import type { SteadySummary } from '../../core/steady.ts';
import type { Interval, NoWindow } from '../../core/summary.ts';
import { formatSeconds } from '../../core/text/format-numbers.ts';
import { edgesOf, highestLevel } from '../concurrency.ts';
import type { RequestTable } from '../request-table.ts';

export interface Picked {
  interval: Interval;
  /** Rows that belong to the stage, in the order they were sent, failed attempts included. */
  members: Uint32Array;
}

/** What was found as the plateau of a run, or why there is none. */
type FoundPlateau = Pick<SteadySummary, 'window' | 'noWindow'>;

/** `maxConcurrency` is the recorded run's own `batch_size`; `plateau` is null for a run without requests. */
export type WindowRule = (
  table: RequestTable,
  maxConcurrency: number,
  plateau: FoundPlateau | null,
) => Picked | NoWindow;

export function isNoWindow(found: Picked | NoWindow): found is NoWindow {
  return 'reason' in found;
}

/** Attempts sent within [fromMs, toMs], both ends included. */
export function sentWithin(table: RequestTable, fromMs: number, toMs: number): Uint32Array {
  return table.bySent.filter((row) => table.sentMs[row] >= fromMs && table.sentMs[row] <= toMs);
}

/** Why the rules of AISBench, which need two starts at the maximum, found `starts` of them and no stage. */
export function tooFewAtMaximum(table: RequestTable, starts: number, maximum: number): NoWindow {
  const { level, atMs } = highestLevel(edgesOf(table));
  const reason =
    starts === 0
      ? `no request brought the concurrency of successful requests to exactly ${maximum}; the highest concurrency of all was ${level} at ${formatSeconds(atMs / 1000)}`
      : `only one request brought the concurrency of successful requests to ${maximum}; the rule needs two`;
  return {
    reason,
    highestLevel: level,
    highestAtMs: atMs,
    hints: [
      `Send more requests (well above ${maximum}), use --pressure, raise request_rate, or lower batch_size.`,
    ],
  };
}
