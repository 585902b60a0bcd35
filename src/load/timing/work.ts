/** Who sends which request: a stride over the indices, and what to do when a worker's own share is used up. */
import type { Share } from '../../core/plan.ts';

export const NO_WORK = -1;

export interface Work {
  /** Claims a request for this worker: its index, or NO_WORK when all are claimed. */
  next(): number;
}

/** One cursor per share, in memory that all workers see. */
export function createCursors(count: number): SharedArrayBuffer {
  return new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Request i belongs to share i % count, so that no share runs dry long before the others and no worker
 * needs a coordinator. A worker whose own share is used up claims from the others', so that the
 * concurrency stays the same until the work really ends. Every index is claimed exactly once: each cursor only moves by an
 * atomic addition.
 */
export function createWork(share: Share, requests: number, cursors: SharedArrayBuffer): Work {
  const claimed = new Int32Array(cursors);
  let from = share.index;
  let left = share.count;
  return {
    next() {
      while (left > 0) {
        const index = Atomics.add(claimed, from, 1) * share.count + from;
        if (index < requests) return index;
        from = (from + 1) % share.count;
        left--;
      }
      return NO_WORK;
    },
  };
}

/** How many of `limit` slots a worker has: slot k belongs to worker k % count, as requests do. */
export function slotsOf(share: Share, limit: number): number {
  return Math.floor(limit / share.count) + (share.index < limit % share.count ? 1 : 0);
}
