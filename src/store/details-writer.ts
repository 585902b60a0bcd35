/** What the two details files have in common. */
import { EXIT, UserError } from '../core/errors.ts';
import type { RecordBatch } from '../core/records.ts';

/** Takes a run's batches in order. */
export interface DetailsWriter {
  append(batch: RecordBatch): void;
  /** Writes what is left; only then the file is whole. */
  close(): void;
}

/** Runs one step of writing and turns its failure into a `UserError` that names the file. */
export function orWriteError<T>(path: string, reasonOf: (error: unknown) => string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new UserError(EXIT.failed, `cannot write ${path}: ${reasonOf(cause)}`, {
      hint: 'free space on that disk; the journal beside it still holds the run: summarize it with --mode perf_viz --reuse',
      cause,
    });
  }
}
