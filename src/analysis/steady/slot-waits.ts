/** How long requests that were due waited although a slot was free: what the client, and nobody else, made of the level. */
import type { RequestTable } from '../request-table.ts';

/**
 * Per attempt in storage order, ms: from the moment at which it was due and had a slot to its sending. Slots are taken in the
 * order in which they came free, the unused ones first, as the client does.
 */
export function slotWaitsMs(table: RequestTable, slots: number): Float64Array {
  const ends = Float64Array.from(table.endMs).sort();
  const waits = new Float64Array(table.count);
  table.bySent.forEach((row, i) => {
    const freeMs = i < slots ? Number.NEGATIVE_INFINITY : ends[i - slots];
    waits[row] = Math.max(0, table.sentMs[row] - Math.max(table.dueMs[row], freeMs));
  });
  return waits;
}
