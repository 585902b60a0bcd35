/** Entry of every thread of the pool: a load worker, or the pacer that wakes them. */
import { parentPort, workerData } from 'node:worker_threads';
import { startLoadWorker } from './load-worker.ts';
import type { ThreadData, ToWorker } from './messages.ts';
import { runPacer } from './timing/pacer.ts';

const data = workerData as ThreadData;
if (data.role === 'pacer') runPacer(data.pacer, data.workers);
else {
  const port = parentPort!;
  const worker = startLoadWorker(data, (message, transfer) => port.postMessage(message, transfer ?? []));
  port.on('message', (message: ToWorker) => worker.onMessage(message));
}
