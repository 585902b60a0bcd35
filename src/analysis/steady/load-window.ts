/** Where a closed loop was under full load, without the first generation of requests that filled it. */

import { edgesOf, loadPlateau } from '../level.ts';
import { e2elUs, type RequestTable } from '../request-table.ts';
import { distributionOf } from '../stats.ts';

export interface LoadWindow {
  /** Marks in (fromMs, toMs] belong to the window. */
  fromMs: number;
  toMs: number;
  /** One request cycle: the median E2EL of successes that end under full load. */
  cycleMs: number;
}

/** Share of the requests in flight at the first full moment that must have ended before the window opens. */
const FIRST_GENERATION = 0.9;

/**
 * From the moment by which 90 % of the requests that filled the slots have ended to the moment the level
 * leaves the maximum for the last time. null when the maximum was never reached, or when the rest is
 * shorter than two cycles, which is too short for a rate without aliasing.
 */
export function loadWindow(table: RequestTable, maxConcurrency: number): LoadWindow | null {
  const plateau = loadPlateau(edgesOf(table), maxConcurrency);
  if (plateau === null) return null;
  const { fullMs, releasedMs } = plateau;

  const firstEnds = Float64Array.from(
    table.bySent.filter((row) => table.sentMs[row] <= fullMs && fullMs < table.endMs[row]),
    (row) => table.endMs[row],
  ).sort();
  const fromMs = firstEnds[Math.ceil(FIRST_GENERATION * firstEnds.length) - 1];

  const underLoad = table.bySent.filter(
    (row) => table.success[row] === 1 && table.endMs[row] > fullMs && table.endMs[row] <= releasedMs,
  );
  const cycleMs =
    distributionOf(Float64Array.from(underLoad, (row) => e2elUs(table, row))).quantile(0.5) / 1000;
  return releasedMs - fromMs >= 2 * cycleMs ? { fromMs, toMs: releasedMs, cycleMs } : null;
}
