/** Reads `_details.h5` in a thread of its own: a damaged file can cost that thread, never this one. */
import { statSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { EXIT, UserError } from '../core/errors.ts';
import type { RecordBatch } from '../core/records.ts';
import type { H5Answer, H5Question, H5WorkerData } from './h5-worker.ts';
import type { DetailsContent } from './read-details-h5.ts';

/** To unpack some 2 million events takes a fraction of a second, on a machine with much else to do a few. */
const MAX_STEP_MS = 20_000;
/** The whole file is read for its checksum before it is opened, from a slow disk at this rate. */
const MIN_BYTES_PER_MS = 50_000;
const NAP_MS = 2;

interface H5Thread {
  /** Sends a question and returns its number. */
  send(question: H5Question): number;
  /** The answer, null as long as there is none. Throws what went wrong. */
  take(id: number): H5Answer | null;
  /** Blocks until the answer has come. */
  wait(id: number, path: string): H5Answer;
  /** The answer is not wanted. */
  drop(id: number): void;
  /** Ends the thread, whatever it does, and throws. */
  giveUp(error: Error): never;
}

/**
 * Reads files like `readDetailsH5`, in one thread for all of them that starts when it is first needed and does not
 * keep the process alive. `workerUrl`: the built h5-worker. A file that takes longer than `maxStepMs` for a step is given up.
 */
export function createH5Reader(
  workerUrl: URL,
  maxStepMs = MAX_STEP_MS,
): (path: string) => Promise<DetailsContent> {
  let thread: H5Thread | null = null;
  let passes = 0;
  const running = () => {
    thread ??= startThread(workerUrl, maxStepMs, () => {
      thread = null;
    });
    return thread;
  };
  return async (path) => {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const { content } = await open(running(), path, maxStepMs + bytes / MIN_BYTES_PER_MS);
    return { ...content!, batches: (needed) => batchesOf(running(), path, passes++, needed) };
  };
}

/** Waits with the event loop running. */
async function open(thread: H5Thread, path: string, maxMs: number): Promise<H5Answer> {
  const id = thread.send({ ask: 'open', path });
  const until = performance.now() + maxMs;
  for (;;) {
    const answer = thread.take(id);
    if (answer !== null) return answer;
    if (performance.now() > until) thread.giveUp(tooLong(path, maxMs));
    await after(NAP_MS);
  }
}

/** The next batch is read while the caller works on the last. */
function* batchesOf(
  thread: H5Thread,
  path: string,
  pass: number,
  needed?: Uint8Array,
): Generator<RecordBatch> {
  thread.wait(thread.send({ ask: 'begin', path, pass, ...(needed && { needed }) }), path);
  let next = thread.send({ ask: 'next', pass });
  try {
    for (;;) {
      const { batch } = thread.wait(next, path);
      if (!batch) return;
      next = thread.send({ ask: 'next', pass });
      yield batch;
    }
  } finally {
    thread.drop(next);
    thread.drop(thread.send({ ask: 'end', pass }));
  }
}

function startThread(workerUrl: URL, maxStepMs: number, lost: () => void): H5Thread {
  const { port1: port, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const data: H5WorkerData = { port: port2, answered };
  const worker = new Worker(workerUrl, {
    workerData: data,
    transferList: [port2],
    // What the library says of a damaged file is in the error, too.
    stdout: true,
    stderr: true,
  });
  worker.unref();
  const answers = new Map<number, H5Answer>();
  const dropped = new Set<number>();
  let sent = 0;
  let failure: Error | null = null;
  const giveUp = (error: Error): never => {
    failure ??= error;
    lost();
    void worker.terminate();
    throw failure;
  };
  worker.once('error', (error) => {
    failure ??= error;
  });
  const take = (id: number) => {
    for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
      const answer = got.message as H5Answer;
      if (!dropped.delete(answer.id)) answers.set(answer.id, answer);
    }
    const answer = answers.get(id);
    if (answer === undefined) return failure === null ? null : giveUp(failure);
    answers.delete(id);
    if (answer.error === undefined) return answer;
    const error = errorOf(answer.error);
    return answer.error.isBroken ? giveUp(error) : raise(error);
  };
  return {
    take,
    giveUp,
    send(question) {
      port.postMessage({ ...question, id: ++sent });
      return sent;
    },
    wait(id, path) {
      for (;;) {
        const seen = Atomics.load(answered, 0);
        const answer = take(id);
        if (answer !== null) return answer;
        if (Atomics.wait(answered, 0, seen, maxStepMs) === 'timed-out') giveUp(tooLong(path, maxStepMs));
      }
    },
    drop(id) {
      if (!answers.delete(id)) dropped.add(id);
    },
  };
}

function raise(error: Error): never {
  throw error;
}

function errorOf({ message, exitCode }: NonNullable<H5Answer['error']>): Error {
  return exitCode === null ? new Error(message) : new UserError(exitCode, message);
}

function tooLong(path: string, ms: number): UserError {
  return new UserError(
    EXIT.failed,
    `cannot read ${path}: a step of it took more than ${Math.round(ms / 1000)} s`,
    {
      hint: 'The file is damaged, or this machine is very busy.',
    },
  );
}
