/** What the two details files have in common. */

import { RECORDS_ARE_KEPT, writeError } from '../core/failures/write-error.ts';
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
    const { code } = cause as NodeJS.ErrnoException;
    throw writeError(path, Object.assign(new Error(reasonOf(cause), { cause }), { code }), RECORDS_ARE_KEPT);
  }
}
