/** The attempts in the order they were sent, as the plot and other readers want them. */
import type { Timeline } from '../core/summary.ts';
import type { RequestTable } from './request-table.ts';

export function timelineOf(table: RequestTable): Timeline {
  const { count, bySent } = table;
  const timeline: Timeline = {
    count,
    index: new Uint32Array(count),
    attempt: new Uint16Array(count),
    sentMs: new Float64Array(count),
    firstTokenMs: new Float64Array(count),
    lastTokenMs: new Float64Array(count),
    endMs: new Float64Array(count),
    outcome: new Uint8Array(count),
    inTokens: new Uint32Array(count),
    outTokens: new Uint32Array(count),
  };
  bySent.forEach((row, at) => {
    const sentMs = table.sentMs[row];
    timeline.index[at] = table.index[row];
    timeline.attempt[at] = table.attempt[row];
    timeline.sentMs[at] = sentMs;
    timeline.firstTokenMs[at] = sentMs + table.firstUs[row] / 1000;
    timeline.lastTokenMs[at] = sentMs + table.lastUs[row] / 1000;
    timeline.endMs[at] = table.endMs[row];
    timeline.outcome[at] = table.outcome[row];
    timeline.inTokens[at] = table.inTokens[row];
    timeline.outTokens[at] = table.outTokens[row];
  });
  return timeline;
}
