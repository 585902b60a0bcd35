/** Hands the worker's records to the main thread, a batch at a time. */
import { collectGarbage } from './health/collect-garbage.ts';
import type { PostMessage } from './messages.ts';
import { type Recorder, transferList } from './wire/recorder.ts';

/** A larger batch would hold the core for milliseconds where threads have to share it. */
const MAX_ROWS = 512;
/** Rows may hold long texts and errors. */
const MAX_BYTES = 8 * 1024 * 1024;

export interface Batches {
  /** What is recorded now: the run, or requests of the warm start, which nobody keeps. */
  type: 'batch' | 'warm-start';
  /**
   * Collect all garbage with the next batch. A request is in hand then and others are under way, which matters: V8
   * throws away code that was compiled for objects of which none exists.
   */
  collectsNext: boolean;
  /** Posts what has been recorded since the last batch. */
  post(): void;
  postIfFull(): void;
  /** Collects garbage now if no batch has done so. */
  collectIfDue(): void;
}

export function createBatches(recorder: Recorder, post: PostMessage): Batches {
  const batches: Batches = {
    type: 'warm-start',
    collectsNext: false,
    post() {
      const raw = recorder.take();
      if (raw === null) return;
      post({ type: batches.type, raw }, transferList(raw));
      batches.collectIfDue();
    },
    postIfFull() {
      if (recorder.rows >= MAX_ROWS || recorder.bytes >= MAX_BYTES) batches.post();
    },
    collectIfDue() {
      if (batches.collectsNext) collectGarbage();
      batches.collectsNext = false;
    },
  };
  return batches;
}
