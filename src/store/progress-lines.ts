/**
 * `tmp/tmp_<8 hex digits>.jsonl` in a model's results folder: one short line for every request that ended, for scripts that
 * watch a run. The journal is the record; this file goes when the details files are written.
 */

import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, readdirSync, rmdirSync, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { RecordBatch } from '../core/records.ts';
import type { RunInfo } from '../core/run.ts';
import { quietJson } from '../core/text/outside-text.ts';
import { detailsOf } from './details-jsonl.ts';
import { createFile, makeFolder } from './own-files.ts';
import { quietly } from './quietly.ts';

export interface ProgressLines {
  append(batch: RecordBatch): void;
  /** Takes the file away; nothing happens when it is gone. */
  remove(): Promise<void>;
}

/** A disk that is so far behind gets no more lines. */
const MAX_BACKLOG_BYTES = 16 * 2 ** 20;

/** Starts the file. A disk that refuses it costs nothing but its lines. */
export function startProgressLines(folder: string, info: RunInfo): ProgressLines {
  const tmp = join(folder, 'tmp');
  // The same name for the same data set, so that nothing is left of a run that was killed and is done again.
  const name = createHash('sha256').update(info.datasetAbbr).digest('hex').slice(0, 8);
  const file = join(tmp, `tmp_${name}.jsonl`);
  const stream = openLines(folder, file);
  if (stream === null) return { append: () => undefined, remove: () => Promise.resolve() };
  return {
    append(batch) {
      if (stream.writable && stream.writableLength < MAX_BACKLOG_BYTES) stream.write(linesOf(batch, info));
    },
    async remove() {
      // Not events.once, which rejects with the error of the lines that were still waiting to be written.
      if (!stream.closed) {
        await new Promise<void>((closed) => stream.once('close', closed).destroy());
      }
      quietly(() => {
        rmSync(file, { force: true });
        // Another task of this model may still be writing there.
        if (existsSync(tmp) && readdirSync(tmp).length === 0) rmdirSync(tmp);
      });
    },
  };
}

/** null where no file can be made: nobody but a watcher misses it. */
function openLines(folder: string, file: string): WriteStream | null {
  try {
    makeFolder(folder, 'tmp');
    return createWriteStream(file, { fd: createFile(file) }).on('error', () => undefined);
  } catch {
    return null;
  }
}

/** Without the texts, which the journal holds. */
function linesOf(batch: RecordBatch, info: RunInfo): string {
  const notes = new Map(batch.notes.map(({ row, cause }) => [row, { row, cause }]));
  const source = { info };
  let lines = '';
  for (let row = 0; row < batch.rows; row++) {
    lines += `${quietJson(JSON.stringify(detailsOf(batch, row, notes.get(row), source)))}\n`;
  }
  return lines;
}
