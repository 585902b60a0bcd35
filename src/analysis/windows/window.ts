/** What a window rule is: a pure function from the recorded attempts to an interval and its members. */

import type { SteadySummary } from '../../core/steady.ts';
import type { Interval, NoWindow } from '../../core/summary.ts';
import type { RequestTable } from '../request-table.ts';

export interface Picked {
  interval: Interval;
  /** Rows that belong to the stage, in the order they were sent, failed attempts included. */
  members: Uint32Array;
}

/** What was found as the plateau of a run, or why there is none. */
export type FoundPlateau = Pick<SteadySummary, 'window' | 'noWindow'>;

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

/** A moment for a message. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
