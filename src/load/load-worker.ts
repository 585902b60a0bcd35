/** One worker's whole run: connect, warm up, wait for the common start, send, hand out batches, report. */
import type { PostMessage, ToWorker } from './messages.ts';
import { runWorker } from './run-phase.ts';
import { prepareWorker } from './warm-up-phase.ts';
import { createWorkerState, publishFigures, type WorkerState } from './worker-state.ts';

interface LoadWorker {
  onMessage(message: ToWorker): void;
}

/** `post` sends a message to the pool. */
export function startLoadWorker(data: WorkerState['data'], post: PostMessage): LoadWorker {
  const state = createWorkerState(data, post);
  publishFigures(state);
  void prepareWorker(state);
  return {
    onMessage(message) {
      if (message.type === 'start') void runWorker(state, message.epochNs, message.fillMs);
      else if (message.type === 'measured') state.loop?.endMeasuring();
      else state.loop?.stop(message.graceMs);
    },
  };
}
