/** Plug-in: the steady stage as AISBench's main branch computes it, from the second to the last moment at the maximum. */
import type { RequestTable } from '../request-table.ts';
import { successSteps } from './success-steps.ts';
import { sentWithin, tooFewAtMaximum, type WindowRule } from './window.ts';

/**
 * Only successes have a level. The window opens at the second start that brings the level to exactly the
 * maximum and closes at the last step that does so. That makes it end before the document's t4 (at about
 * the last send), with nearly the same members: its throughput is too high by one request in each slot.
 */
export const stableUpstream: WindowRule = (table, maxConcurrency) => {
  const { count, firstMs, lastMs } = sweepAtMaximum(table, maxConcurrency);
  if (count < 2) return tooFewAtMaximum(table, count, maxConcurrency);
  return {
    interval: { startMs: firstMs, endMs: lastMs },
    members: sentWithin(table, firstMs, lastMs),
  };
};

function sweepAtMaximum(table: RequestTable, maximum: number) {
  let count = 0;
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  const { count: steps, level, isStart, atMs } = successSteps(table);
  for (let i = 0; i < steps; i++) {
    if (level[i] !== maximum) continue;
    if (isStart[i] === 1 && ++count === 2) firstMs = atMs[i];
    lastMs = atMs[i];
  }
  return { count, firstMs, lastMs };
}
