/** A thread that reads `_details.h5` files, so that a file which makes the library run for ever can be given up. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { UserError } from '../core/errors.ts';
import type { RecordBatch } from '../core/records.ts';
import { type DetailsContent, readDetailsH5 } from './read-details-h5.ts';

export interface H5WorkerData {
  port: MessagePort;
  /** Counts the answers, for a reader that waits without its event loop. */
  answered: Int32Array;
}

/** `open` a file; go through its batches in `pass` with one `next` for each; `end` the pass. */
export type H5Question =
  | { ask: 'open'; path: string }
  | { ask: 'begin'; path: string; pass: number; needed?: Uint8Array }
  | { ask: 'next'; pass: number }
  | { ask: 'end'; pass: number };

export interface H5Answer {
  /** That of the question. */
  id: number;
  /** Of a file that was opened. */
  content?: Omit<DetailsContent, 'batches'>;
  /** The next one; absent after the last. */
  batch?: RecordBatch;
  /** `isBroken`: the library itself is in ruins, and nothing that this thread says from now on counts. */
  error?: { message: string; exitCode: UserError['exitCode'] | null; isBroken: boolean };
}

const { port, answered } = workerData as H5WorkerData;
/** Files whose checksum need not be computed again. */
const opened = new Map<string, DetailsContent['batches']>();
const passes = new Map<number, Iterator<RecordBatch>>();

port.on('message', async ({ id, ...question }: H5Question & { id: number }) => {
  const answer = await answerTo(question as H5Question).catch((error: unknown) => ({
    error: factsOf(error),
  }));
  port.postMessage({ id, ...answer } satisfies H5Answer, 'batch' in answer ? memoryOf(answer.batch) : []);
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
});

async function answerTo(question: H5Question): Promise<Omit<H5Answer, 'id'>> {
  if (question.ask === 'open') {
    const { batches, ...content } = await readDetailsH5(question.path);
    opened.set(question.path, batches);
    return { content };
  }
  const { pass } = question;
  if (question.ask === 'begin') {
    const batches = opened.get(question.path) ?? (await readDetailsH5(question.path)).batches;
    passes.set(pass, batches(question.needed)[Symbol.iterator]());
    return {};
  }
  if (question.ask === 'end') {
    passes.get(pass)?.return?.();
    passes.delete(pass);
    return {};
  }
  const next = passes.get(pass)!.next();
  return next.done ? {} : { batch: ownMemory(next.value) };
}

function factsOf(error: unknown): NonNullable<H5Answer['error']> {
  return {
    message: (error as Error).message,
    exitCode: error instanceof UserError ? error.exitCode : null,
    isBroken: isBroken(error),
  };
}

function isBroken(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError || (error as Error).cause instanceof WebAssembly.RuntimeError
  );
}

/** Parts of one block share memory, which can be handed over only once. */
function ownMemory(batch: RecordBatch): RecordBatch {
  const columns = Object.entries(batch).map(([name, values]) => [
    name,
    ArrayBuffer.isView(values) && values.byteLength < values.buffer.byteLength
      ? (values as Uint8Array).slice()
      : values,
  ]);
  return Object.fromEntries(columns) as RecordBatch;
}

function memoryOf(batch: RecordBatch | undefined): ArrayBuffer[] {
  return Object.values(batch ?? {})
    .filter((values) => ArrayBuffer.isView(values))
    .map(({ buffer }) => buffer as ArrayBuffer);
}
