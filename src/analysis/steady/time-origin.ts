/** Times of a run on a clock of its own, so that no figure depends on what the recording clock counted from. */
import type { RequestTable } from '../request-table.ts';

const NS_PER_MS = 1e6;

/**
 * The same attempts with times in ms after the first send, `originMs`, each to the nearest ns: that is what the
 * clock resolves, and far from the origin more than a double keeps. So a run and the same run some hours later
 * have the same bits, and no event passes to the other side of an edge.
 */
export function sinceFirstSend(table: RequestTable): { table: RequestTable; originMs: number } {
  const originMs = table.count > 0 ? table.sentMs[table.bySent[0]] : 0;
  const moved = (times: Float64Array) => times.map((ms) => wholeNs(ms - originMs));
  return {
    table: { ...table, sentMs: moved(table.sentMs), dueMs: moved(table.dueMs), endMs: moved(table.endMs) },
    originMs,
  };
}

/** ms to the nearest ns. */
export function wholeNs(ms: number): number {
  return Math.round(ms * NS_PER_MS) / NS_PER_MS;
}
