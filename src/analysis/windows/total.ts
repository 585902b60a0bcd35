/** Plug-in: the whole run, from the first send to the last end. */
import { lastPointMs } from '../request-table.ts';
import type { WindowRule } from './window.ts';

/**
 * Every attempt is a member. The span covers every attempt with its whole time in the slot; under
 * definitions in which failures take no time, only successes up to their last event.
 */
export const total: WindowRule = (table) => {
  const all = table.definition.failuresTakeTime;
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < table.count; row++) {
    if (!all && table.success[row] === 0) continue;
    startMs = Math.min(startMs, table.sentMs[row]);
    endMs = Math.max(endMs, all ? table.endMs[row] : lastPointMs(table, row));
  }
  if (startMs > endMs) {
    return {
      reason: table.count === 0 ? 'the run contains no request' : 'no request of the run succeeded',
      highestLevel: 0,
      highestAtMs: 0,
      hints: ['Look at the failure reasons in the details file and in the log.'],
    };
  }
  return { interval: { startMs, endMs }, members: table.bySent };
};
