/**
 * The records of one (model, dataset): a journal while the run goes on, `_details.h5` and
 * `_details.jsonl` after it. Either alone gives back the same run.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { EXIT, UserError } from '../core/errors.ts';
import { heldTest } from '../core/held.ts';
import type { RecordBatch } from '../core/records.ts';
import type { RecordedRun, RunInfo } from '../core/run.ts';
import { PART } from '../core/text/file-name.ts';
import { createDetailsH5 } from './details-h5.ts';
import { createDetailsJsonl, type JsonlOptions } from './details-jsonl.ts';
import { orWriteError } from './details-writer.ts';

import { doubtsOf } from './doubts.ts';
import { type Journal, type JournalOptions, openJournal } from './journal.ts';

import { startProgressLines } from './progress-lines.ts';
import { type DetailsContent, readDetailsH5 } from './read-details-h5.ts';
import { type JournalContent, readJournal } from './read-journal.ts';
import { makeModelFolder, type RecordedTask, type TaskFiles, taskFiles } from './run-folder.ts';

export interface StoredRun extends RecordedRun {
  source: 'h5' | 'journal';
  rows: number;
  events: number;
  /** The part of a killed run's journal that could not be read. */
  lost: JournalContent['lost'];
  /** Reasons, one sentence each, to ask whether these are the records of this task as they were written. */
  doubts: string[];
}

export interface FinalizeOptions extends Omit<JsonlOptions, 'isHeld'> {
  /** Changes each batch on its way into the details files, e.g. to fill in token counts. */
  transform?: (batch: RecordBatch) => RecordBatch;
}

export interface Store extends Journal {
  files: TaskFiles;
  /** After `end` or `close`: turns the journal into the details files, see `finalizeRun`. */
  finalize(options?: FinalizeOptions): Promise<void>;
  /** Ends recording and leaves no file: nothing that counts was sent. */
  discard(): Promise<void>;
}

/**
 * Starts recording into a model's results folder, which is made when missing. `UserError` when it
 * cannot be made; a failure of the journal shows on the next `append` or at the `end`.
 */
export function createStore(folder: string, info: RunInfo, options: JournalOptions = {}): Store {
  makeModelFolder(folder);
  const files = taskFiles(folder, info.datasetAbbr);
  const journal = openJournal(files.journal, info, options);
  const progress = startProgressLines(folder, info);
  return {
    ...journal,
    append(batch) {
      journal.append(batch);
      progress.append(batch);
    },
    files,
    close: () => journal.close().finally(progress.remove),
    async discard() {
      await journal.close().finally(progress.remove);
      rmSync(files.journal, { force: true });
    },
    finalize: (options) => finalizeRun(folder, info.datasetAbbr, options).finally(progress.remove),
  };
}

/**
 * Turns a journal into `_details.h5` and `_details.jsonl`. Both are written under temporary names and
 * renamed when whole, the h5 last, and only then the journal goes: whenever the process dies, one of
 * the two can be read. A journal with a corrupt part stays. `UserError` when the disk refuses.
 */
export async function finalizeRun(
  folder: string,
  datasetAbbr: string,
  options: FinalizeOptions = {},
): Promise<void> {
  const files = taskFiles(folder, datasetAbbr);
  const run = readJournal(files.journal);
  const part = { h5: files.h5 + PART, jsonl: files.jsonl + PART };
  try {
    await writeDetails(run, part, options);
    putInPlace(part.jsonl, files.jsonl);
    putInPlace(part.h5, files.h5);
  } catch (error) {
    discard(part.h5);
    discard(part.jsonl);
    throw error;
  }
  if (run.lost?.reason !== 'corrupt') rmSync(files.journal);
}

async function writeDetails(
  run: RecordedRun,
  paths: { h5: string; jsonl: string },
  options: FinalizeOptions,
): Promise<void> {
  const writers = [
    createDetailsJsonl(paths.jsonl, run.info, { ...options, isHeld: heldTest(run) }),
    await createDetailsH5(paths.h5, run.info, run.end, paths.jsonl),
  ];
  for (const recorded of run.batches()) {
    const batch = options.transform?.(recorded) ?? recorded;
    for (const writer of writers) writer.append(batch);
    // A long run takes a while: let a second Ctrl-C and the live status through.
    await breathe();
  }
  for (const writer of writers) writer.close();
}

function messageOf(error: unknown): string {
  return (error as Error).message;
}

/** Emptied first: a writer that failed may hold it open, and on a full disk the next task needs the space. */
function discard(part: string): void {
  try {
    if (!lstatSync(part, { throwIfNoEntry: false })?.isFile()) return;
    truncateSync(part);
    rmSync(part);
  } catch {
    // The failure that led here is the one to tell.
  }
}

/** Synced before it gets its name, so that the name never stands for less than the whole, even after a power cut. */
function putInPlace(part: string, file: string): void {
  orWriteError(file, messageOf, () => {
    const fd = openSync(part, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(part, file);
  });
}

/** Reads one `_details.h5`: in this thread, or in another that may be given up. */
export type ReadH5 = (path: string) => Promise<DetailsContent>;

/**
 * Reads back what a model's results folder holds of a data set: the h5 when it is there, else the
 * journal of a run that was killed (`end` is null). `UserError` when neither can be read.
 */
export async function readRun(folder: string, datasetAbbr: string, readH5?: ReadH5): Promise<StoredRun> {
  return readTask({ datasetAbbr, files: taskFiles(folder, datasetAbbr) }, readH5);
}

/** The same of a task that is known by its files. */
export async function readTask(
  { datasetAbbr, files }: Pick<RecordedTask, 'datasetAbbr' | 'files'>,
  readH5: ReadH5 = readDetailsH5,
): Promise<StoredRun> {
  const hasJournal = existsSync(files.journal);
  if (existsSync(files.h5)) {
    try {
      const { seal, ...content } = await readH5(files.h5);
      return { ...content, source: 'h5', lost: null, doubts: doubtsOf(files, content.info, seal) };
    } catch (error) {
      if (!hasJournal) throw withRemains(error, files);
    }
  }
  if (hasJournal) {
    const content = readJournal(files.journal);
    return { ...content, source: 'journal', doubts: doubtsOf(files, content.info) };
  }
  throw new UserError(
    EXIT.failed,
    `There are no records of dataset ${JSON.stringify(datasetAbbr)} in ${files.folder}.`,
    {
      hint: 'Its run never started, or its records were moved; measure it with --mode perf.',
    },
  );
}

/** What a damaged h5 leaves to those who need its run. */
function withRemains(error: unknown, files: TaskFiles): unknown {
  if (!(error instanceof UserError) || !existsSync(files.jsonl)) return error;
  return new UserError(error.exitCode, error.message, {
    hint: `${files.jsonl} still contains the times and tokens of every attempt, one per line, without the events; earlier reports stay as they are.`,
    cause: error.cause,
  });
}
