/** Writes `_details.h5`, for analysis in other tools and for summaries of our own. */
import { closeSync, statSync } from 'node:fs';
import { heldTest, type RowTest } from '../core/held.ts';
import { type Note, type RecordBatch, rowColumns } from '../core/records.ts';
import type { RunEnd, RunInfo } from '../core/run.ts';
import { type DetailsWriter, orWriteError } from './details-writer.ts';
import { type ColumnWriter, createColumn, type Values } from './h5-column.ts';
import {
  DESCRIPTION,
  eventGap,
  eventKind,
  eventOffset,
  eventTokens,
  H5_FORMAT,
  HOW_TO_READ,
  heldMark,
  noteJson,
  noteOffset,
  requestColumns,
} from './h5-layout.ts';
import { type File, hdf5Reason, loadHdf5 } from './hdf5.ts';
import { createFile } from './own-files.ts';
import { sealFile } from './seal.ts';

/**
 * Creates or overwrites the file. Memory stays at some 10 MB however long the run is. The writer
 * throws a `UserError` when the disk refuses. `jsonl`: the file of the same run, to be closed before this one.
 */
export async function createDetailsH5(
  path: string,
  info: RunInfo,
  end: RunEnd | null,
  jsonl: string | null = null,
): Promise<DetailsWriter> {
  const hdf5 = await loadHdf5();
  const file = orWriteError(path, hdf5Reason, () => {
    // The library would write through a link: it gets a file of our own.
    closeSync(createFile(path));
    return hdf5.open(path, 'w');
  });
  const columns = orWriteError(path, hdf5Reason, () => createColumns(file, info, end));
  const isHeld = heldTest({ info, end });
  const position = { events: 0, noteBytes: 0 };
  return {
    append: (batch) =>
      orWriteError(path, hdf5Reason, () => {
        appendBatch(columns, batch, position);
        columns.held.append(heldMarks(batch, isHeld));
      }),
    close: () =>
      orWriteError(path, hdf5Reason, () => {
        for (const column of columns.all) column.close();
        file.close();
        sealFile(path, { jsonlBytes: jsonl === null ? null : statSync(jsonl).size });
      }),
  };
}

function createColumns(file: File, info: RunInfo, end: RunEnd | null) {
  file.create_attribute('format_version', H5_FORMAT, null, '<i');
  file.create_attribute('description', DESCRIPTION);
  file.create_attribute('how_to_read', HOW_TO_READ);
  file.create_attribute('run_info', JSON.stringify(info));
  file.create_attribute('run_end', JSON.stringify(end));
  for (const group of ['requests', 'events', 'notes']) file.create_group(group);

  const rows = Object.entries(rowColumns).map(([name, type]) => {
    const key = name as keyof typeof rowColumns;
    return { key, writer: createColumn(file, requestColumns[key], type, 'rows') };
  });
  const held = createColumn(file, heldMark, Uint8Array, 'rows');
  const starts = createColumn(file, eventOffset, BigUint64Array, 'rows');
  const gaps = createColumn(file, eventGap, Uint32Array, 'integers');
  const kinds = createColumn(file, eventKind, Uint8Array, 'events');
  const tokens = createTokensColumn(file);
  const noteStarts = createColumn(file, noteOffset, BigUint64Array, 'rows');
  const notes = createColumn(file, noteJson, Uint8Array, 'events');
  starts.append(new BigUint64Array(1));
  noteStarts.append(new BigUint64Array(1));
  const writers = rows.map((r) => r.writer);
  const all = [...writers, held, starts, gaps, kinds, tokens, noteStarts, notes];
  return { rows, held, starts, gaps, kinds, tokens, noteStarts, notes, all };
}

/** Begins with the first batch that has tokens by event: the files of most runs are without this column. */
function createTokensColumn(file: File) {
  let column: ColumnWriter | null = null;
  return {
    /** `before` is the number of events in the batches before, `count` that of this one. */
    append(tokens: Uint16Array, before: number, count: number) {
      if (column === null && tokens.length === 0) return;
      if (column === null) {
        column = createColumn(file, eventTokens, Uint16Array, 'events');
        appendZeros(column, before);
      }
      if (tokens.length > 0) column.append(tokens);
      else appendZeros(column, count);
    },
    close: () => column?.close(),
  };
}

const ZEROS = new Uint16Array(65_536);

function appendZeros(column: ColumnWriter, count: number): void {
  for (let left = count; left > 0; left -= ZEROS.length)
    column.append(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
}

function appendBatch(
  columns: ReturnType<typeof createColumns>,
  batch: RecordBatch,
  position: { events: number; noteBytes: number },
): void {
  const { rows, eventStart } = batch;
  const [first, last] = [eventStart[0], eventStart[rows]];
  for (const { key, writer } of columns.rows) writer.append(batch[key].subarray(0, rows) as Values);
  columns.gaps.append(batch.eventGapUs.subarray(first, last));
  columns.kinds.append(batch.eventKind.subarray(first, last));
  columns.tokens.append(batch.eventTokens.subarray(first, last), position.events, last - first);
  const starts = new BigUint64Array(rows);
  for (let row = 0; row < rows; row++) starts[row] = BigInt(position.events + eventStart[row + 1] - first);
  columns.starts.append(starts);
  position.events += last - first;

  const json = new Map(batch.notes.map((note) => [note.row, Buffer.from(storedNote(note))]));
  const noteStarts = new BigUint64Array(rows);
  for (let row = 0; row < rows; row++) {
    const bytes = json.get(row);
    if (bytes) columns.notes.append(bytes);
    position.noteBytes += bytes?.length ?? 0;
    noteStarts[row] = BigInt(position.noteBytes);
  }
  columns.noteStarts.append(noteStarts);
}

function heldMarks(batch: RecordBatch, isHeld: RowTest | null): Uint8Array {
  return Uint8Array.from({ length: batch.rows }, (_, row) => (isHeld?.(batch, row) ? 1 : 0));
}

/** Generated text is long and no figure needs it: the jsonl has it. */
function storedNote({ row: _, text: __, reasoning: ___, ...stored }: Note): string {
  const json = JSON.stringify(stored);
  return json === '{}' ? '' : json;
}
