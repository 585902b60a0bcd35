/** Starts and ends of successful requests, in the order in which AISBench's calculators walk through them. */
import { lastPointMs, type RequestTable } from '../request-table.ts';

/** One column each, because a long run has millions of steps. */
export interface SuccessSteps {
  count: number;
  row: Uint32Array;
  /** 1: a start, 0: an end. */
  isStart: Uint8Array;
  atMs: Float64Array;
  /** Requests in flight after the step. */
  level: Int32Array;
}

/**
 * A success has a level from its send to its last time point. Steps are sorted by time alone; at equal
 * times they keep storage order, a request's own start before its own end.
 */
export function successSteps(table: RequestTable): SuccessSteps {
  // Step 2r is the start of row r, step 2r + 1 its end: their order is the order in which they were stored.
  const timesMs = new Float64Array(2 * table.count);
  const stored = new Uint32Array(2 * table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 0) continue;
    timesMs[2 * row] = table.sentMs[row];
    timesMs[2 * row + 1] = lastPointMs(table, row);
    stored[count++] = 2 * row;
    stored[count++] = 2 * row + 1;
  }
  const order = stored.subarray(0, count).sort((a, b) => timesMs[a] - timesMs[b] || a - b);
  const level = new Int32Array(count);
  let inFlight = 0;
  order.forEach((step, i) => {
    inFlight += step % 2 === 0 ? 1 : -1;
    level[i] = inFlight;
  });
  return {
    count,
    row: order.map((step) => step >> 1),
    isStart: Uint8Array.from(order, (step) => 1 - (step % 2)),
    atMs: Float64Array.from(order, (step) => timesMs[step]),
    level,
  };
}
