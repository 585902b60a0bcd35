/** Plug-in: the steady stage as AISBench 3.1.0 computes it, from the second to the last moment at the maximum. */
import { edgesOf, highestLevel } from '../level.ts';
import { lastPointMs, type RequestTable } from '../request-table.ts';
import { seconds, sentWithin, type WindowRule } from './window.ts';

/**
 * Only successes have a level, each from its send to its last time point. The steps are sorted by time
 * alone; at equal times they keep storage order, a request's own start before its own end. The window
 * opens at the second start that brings the level to exactly the maximum and closes at the last step
 * that does so. That makes it end before the document's t4 (at about the last send), with nearly the
 * same members: its throughput is too high by one request in each slot.
 */
export const stableUpstream: WindowRule = (table, maxConcurrency) => {
  const { count, firstMs, lastMs } = sweepAtMaximum(table, maxConcurrency);
  if (count < 2) {
    const highest = highestLevel(edgesOf(table));
    return {
      reason:
        count === 0
          ? `no request brought the level of successful requests to exactly ${maxConcurrency}; the highest level of all was ${highest.level} at ${seconds(highest.atMs)}`
          : `only one request brought the level of successful requests to ${maxConcurrency}; the rule needs two`,
      highestLevel: highest.level,
      highestAtMs: highest.atMs,
      hints: [
        `Send more requests (well above ${maxConcurrency}), use --pressure, raise request_rate, or lower batch_size.`,
      ],
    };
  }
  return {
    interval: { startMs: firstMs, endMs: lastMs },
    members: sentWithin(table, firstMs, lastMs),
  };
};

function sweepAtMaximum(table: RequestTable, maximum: number) {
  // Step 2r is the start of row r, step 2r + 1 its end: their order is the order in which they were stored.
  const atMs = new Float64Array(2 * table.count);
  const steps = new Uint32Array(2 * table.count);
  let used = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 0) continue;
    atMs[2 * row] = table.sentMs[row];
    atMs[2 * row + 1] = lastPointMs(table, row);
    steps[used++] = 2 * row;
    steps[used++] = 2 * row + 1;
  }
  let level = 0;
  let count = 0;
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  for (const step of steps.subarray(0, used).sort((a, b) => atMs[a] - atMs[b] || a - b)) {
    const isStart = step % 2 === 0;
    level += isStart ? 1 : -1;
    if (level !== maximum) continue;
    if (isStart && ++count === 2) firstMs = atMs[step];
    lastMs = atMs[step];
  }
  return { count, firstMs, lastMs };
}
