/** The threads of a run: load workers, and the pacer where there is one. */
import { Worker } from 'node:worker_threads';
import type { FromWorker, ThreadData, ToWorker } from './messages.ts';

/** Room for young objects: fewer scavenges, each of which holds up a stamp. */
const resourceLimits = { maxYoungGenerationSizeMb: 64 };

export interface PoolThreads {
  /** Starts a thread. Throws where the system gives none. */
  start(data: ThreadData): void;
  /** Tells all load workers. */
  tell(message: ToWorker): void;
  /** Ends all threads at once. */
  terminate(): Promise<unknown>;
}

interface PoolThreadOptions {
  /** The built `load/worker.js`. */
  workerUrl: URL;
  onMessage(message: FromWorker): void;
  /** A thread has crashed, or has ended by itself. */
  onLost(error: Error): void;
}

export function createPoolThreads({ workerUrl, onMessage, onLost }: PoolThreadOptions): PoolThreads {
  const threads: Worker[] = [];
  const loadWorkers: Worker[] = [];
  return {
    start(data) {
      const thread = new Worker(workerUrl, { workerData: data, resourceLimits });
      thread.on('message', onMessage);
      thread.on('error', onLost);
      thread.on('messageerror', onLost);
      thread.on('exit', (code) => onLost(new Error(`it ended before its work was done (exit code ${code})`)));
      threads.push(thread);
      if (data.role === 'load') loadWorkers.push(thread);
    },
    tell(message) {
      for (const worker of loadWorkers) worker.postMessage(message);
    },
    terminate: () => Promise.all(threads.map((thread) => thread.terminate())),
  };
}
