/** The append-only record of a run that is going on; what it holds survives the death of the process. */
import { once } from 'node:events';
import { copyFileSync, createWriteStream, existsSync, type WriteStream } from 'node:fs';
import { endianness } from 'node:os';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { EXIT, UserError } from '../core/errors.ts';
import { RECORDS_ARE_KEPT, writeError } from '../core/failures/write-error.ts';
import type { RecordBatch } from '../core/records.ts';
import type { RunEnd, RunInfo } from '../core/run.ts';
import { batchFrame, FRAME, fileHead, jsonFrame } from './frame.ts';
import { makePath } from './own-files.ts';

export interface Journal {
  /**
   * Takes a copy of the batch and starts to write it at once; never waits for the disk. Throws the
   * `UserError` of the first write that failed, and when the disk is `maxBacklogBytes` behind.
   */
  append(batch: RecordBatch): void;
  /** Resolves when the disk has kept up: for writers that can wait, as a run cannot. Rejects as `end` does. */
  drained(): Promise<void>;
  /** Adds to the run's info, top-level key by key. Throws as `append` does. */
  update(patch: Partial<RunInfo>): void;
  /** Writes the run's end and closes the file. Rejects with the `UserError` of a failed write. */
  end(runEnd: RunEnd): Promise<void>;
  /** Closes the file without an end, as if the run had been killed now. Rejects as `end` does. */
  close(): Promise<void>;
}

export interface JournalOptions {
  maxBacklogBytes?: number;
  /** Hears of a file that was no longer in its place when it was closed, and is there again. */
  onPutBack?(): void;
}

/** Some 50 million events: the run has outpaced its disk for minutes. */
const MAX_BACKLOG_BYTES = 256 * 2 ** 20;

/**
 * Starts the journal of a run; the file must not exist yet. Everything appended is handed to the
 * operating system in order and without delay, so a killed process loses only what a slow disk held
 * back. It is not synced to the medium: a power cut may take the last half minute.
 */
export function openJournal(file: string, info: RunInfo, options: JournalOptions = {}): Journal {
  if (endianness() !== 'LE') throw new UserError(EXIT.failed, 'journals need a little-endian machine');
  const maxBacklogBytes = options.maxBacklogBytes ?? MAX_BACKLOG_BYTES;
  const stream = createWriteStream(file, { flags: 'wx' });
  const failure = watchFailure(stream, file);

  const write = (frame: Uint8Array) => {
    if (failure.error) throw failure.error;
    if (stream.writableLength > maxBacklogBytes) {
      failure.error = tooSlow(file, stream.writableLength);
      stream.destroy();
      throw failure.error;
    }
    stream.write(frame);
  };
  const close = async () => {
    if (failure.error) throw failure.error;
    await written(stream);
    if (failure.error) throw failure.error;
    if (putBack(stream, file)) options.onPutBack?.();
    stream.end();
    await finished(stream).catch((cause) => {
      throw failure.error ?? cause;
    });
  };

  let frames = 0;
  stream.write(fileHead());
  stream.write(jsonFrame(FRAME.info, info, frames++));
  return {
    append: (batch) => write(batchFrame(batch, frames++)),
    async drained() {
      if (stream.writableNeedDrain) {
        await once(stream, 'drain').catch((cause) => {
          throw failure.error ?? cause;
        });
      }
      if (failure.error) throw failure.error;
    },
    update: (patch) => write(jsonFrame(FRAME.update, patch, frames++)),
    async end(runEnd) {
      write(jsonFrame(FRAME.end, runEnd, frames++));
      await close();
    },
    close,
  };
}

/** All that was handed to the stream so far is with the system, or the stream has failed. */
function written(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/**
 * A run may go on for hours in a folder that somebody has removed or renamed meanwhile: what is written then goes into
 * a file without this name. It is copied to where it belongs; false when it is there, or the system has no way to it.
 */
function putBack(stream: WriteStream, file: string): boolean {
  const { fd } = stream as unknown as { fd: number | null };
  const open = `/proc/self/fd/${fd}`;
  if (existsSync(file) || !existsSync('/proc/self/fd') || typeof fd !== 'number') return false;
  try {
    makePath(dirname(file));
    copyFileSync(open, file);
    return true;
  } catch (error) {
    throw writeError(file, error, 'the run folder was removed or renamed while the run went on');
  }
}

/** Keeps the stream's first error, which otherwise would end the process. */
function watchFailure(stream: WriteStream, file: string): { error: UserError | null } {
  const failure: { error: UserError | null } = { error: null };
  stream.on('error', (cause) => {
    failure.error ??= writeError(file, cause, RECORDS_ARE_KEPT);
  });
  return failure;
}

function tooSlow(file: string, waiting: number): UserError {
  const mib = Math.round(waiting / 2 ** 20);
  return new UserError(
    EXIT.failed,
    `the disk is too slow for this run: ${mib} MiB wait to be written to ${file}`,
    {
      hint: 'Put --work-dir on a faster disk; what was recorded before is kept.',
    },
  );
}
