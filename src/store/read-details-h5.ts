/** Reads `_details.h5` back as batches, in bulk slices. */
import { statSync } from 'node:fs';
import { EXIT, UserError } from '../core/errors.ts';
import { type Note, type RecordBatch, rowColumns, UNKNOWN_TOKENS } from '../core/records.ts';
import type { RunEnd, RunInfo } from '../core/run.ts';
import {
  eventGap,
  eventKind,
  eventOffset,
  eventTokens,
  H5_FORMAT,
  H5_FORMAT_UNSEALED,
  noteJson,
  noteOffset,
  requestColumns,
  type StoredColumn,
} from './h5-layout.ts';
import { type Dataset, type File, type Hdf5, hdf5Reason, loadHdf5 } from './hdf5.ts';
import { runEndIn, runInfoIn } from './run-facts.ts';
import { checkSeal, type Seal } from './seal.ts';

export interface DetailsContent {
  info: RunInfo;
  /** null: the run was killed before its end. */
  end: RunEnd | null;
  rows: number;
  events: number;
  /**
   * All records in storage order; each batch has memory of its own. Generated text is not among the notes.
   * `needed` as in `RecordedRun`: unpacking the events is most of the work.
   */
  batches(needed?: Uint8Array): Iterable<RecordBatch>;
  /** null: the file has none. */
  seal: Seal | null;
}

const ROWS_PER_READ = 32_768;
/** About 10 MB of events; fewer would decode more chunks twice, at the borders. */
const EVENTS_PER_BATCH = 2 ** 21;
/** A chunk of 16,384 equal values takes some 30 bytes with its place in the index. */
const MAX_VALUES_PER_BYTE = 1024;

/** `UserError` when the file is damaged, or not one of ours in this format. */
export async function readDetailsH5(path: string): Promise<DetailsContent> {
  const seal = sealOf(path);
  const hdf5 = await loadHdf5();
  return withFile(hdf5, path, (file) => {
    checkFormat(attribute(file, 'format_version'), seal);
    const content = {
      info: runInfoIn(JSON.parse(attribute(file, 'run_info') as string)),
      end: runEndIn(JSON.parse(attribute(file, 'run_end') as string)),
      ...checkedSizes(file, statSync(path).size),
    };
    return { ...content, seal, batches: (needed) => batchesOf(hdf5, path, needed) };
  });
}

/** Before the library opens the file, which can make it run for ever or take all memory. */
function sealOf(path: string): Seal | null {
  try {
    return checkSeal(path);
  } catch (cause) {
    throw notReadable(path, (cause as Error).message, cause);
  }
}

function checkFormat(format: unknown, seal: Seal | null): void {
  if (format === H5_FORMAT && seal === null) {
    throw new Error('its checksum is missing: it was cut, or another program has changed it');
  }
  if (format !== H5_FORMAT && format !== H5_FORMAT_UNSEALED) {
    throw new Error(`its format is ${format}, but this version reads ${H5_FORMAT}`);
  }
}

/** Columns that fit each other and the file: nothing is made room for that the file cannot hold. */
function checkedSizes(file: File, fileBytes: number): { rows: number; events: number } {
  const rows = lengthOf(file, requestColumns.index);
  const events = lengthOf(file, eventGap);
  const noteBytes = lengthOf(file, noteJson);
  const expected: [StoredColumn, number][] = [
    ...Object.values(requestColumns)
      .filter((column) => column !== requestColumns.cachedTokens || file.get(column.path) !== null)
      .map((column): [StoredColumn, number] => [column, rows]),
    [eventOffset, rows + 1],
    [noteOffset, rows + 1],
    [eventKind, events],
  ];
  if (file.get(eventTokens.path) !== null) expected.push([eventTokens, events]);
  for (const [column, length] of expected) {
    if (lengthOf(file, column) === length) continue;
    throw new Error(`it is damaged: ${column.path} has ${lengthOf(file, column)} entries, not ${length}`);
  }
  if (Math.max(rows, events, noteBytes) > fileBytes * MAX_VALUES_PER_BYTE) {
    throw new Error(`it is damaged: its ${fileBytes} bytes cannot hold ${events} events of ${rows} requests`);
  }
  checkLast(file, eventOffset, rows, events);
  checkLast(file, noteOffset, rows, noteBytes);
  return { rows, events };
}

function checkLast(file: File, column: StoredColumn, rows: number, expected: number): void {
  const last = Number((slice(file, column, rows, rows + 1) as BigUint64Array)[0]);
  if (last !== expected) throw new Error(`it is damaged: ${column.path} ends with ${last}, not ${expected}`);
}

function withFile<T>(hdf5: Hdf5, path: string, act: (file: File) => T): T {
  let file: File;
  try {
    file = hdf5.open(path, 'r');
  } catch (cause) {
    throw notReadable(path, hdf5Reason(cause), cause);
  }
  try {
    return act(file);
  } catch (cause) {
    throw cause instanceof UserError ? cause : notReadable(path, hdf5Reason(cause), cause);
  } finally {
    file.close();
  }
}

function* batchesOf(hdf5: Hdf5, path: string, needed?: Uint8Array): Iterable<RecordBatch> {
  const file = hdf5.open(path, 'r');
  try {
    const rows = lengthOf(file, requestColumns.index);
    for (let first = 0; first < rows; first += ROWS_PER_READ) {
      yield* batchesOfBlock(file, first, Math.min(rows, first + ROWS_PER_READ), needed);
    }
  } catch (cause) {
    throw notReadable(path, hdf5Reason(cause), cause);
  } finally {
    file.close();
  }
}

/** The rows of a block are read at once, their events in as many parts as memory asks for. */
function* batchesOfBlock(
  file: File,
  first: number,
  last: number,
  needed?: Uint8Array,
): Iterable<RecordBatch> {
  const columns = Object.keys(rowColumns).map((name) => {
    const key = name as keyof typeof rowColumns;
    return { key, values: rowValues(file, key, first, last) as Float64Array };
  });
  const starts = offsets(file, eventOffset, first, last);
  const noteStarts = offsets(file, noteOffset, first, last);
  for (let from = 0; from < last - first; ) {
    const to = endOfPart(starts, from);
    const part = Object.fromEntries(columns.map(({ key, values }) => [key, values.subarray(from, to)]));
    yield {
      rows: to - from,
      ...part,
      ...(needed?.subarray(first + from, first + to).includes(1) === false
        ? noEvents(to - from)
        : eventsOf(file, starts.subarray(from, to + 1))),
      notes: notesOf(file, noteStarts.subarray(from, to + 1)),
    } as RecordBatch;
    from = to;
  }
}

/** Files written before a service's cached tokens were kept have no column for them. */
function rowValues(file: File, key: keyof typeof rowColumns, first: number, last: number): ArrayBufferView {
  const column = requestColumns[key];
  return key === 'cachedTokens' && file.get(column.path) === null
    ? new Uint32Array(last - first).fill(UNKNOWN_TOKENS)
    : slice(file, column, first, last);
}

function eventsOf(file: File, starts: Float64Array): Partial<RecordBatch> {
  const [first, last] = [starts[0], starts[starts.length - 1]];
  return {
    eventStart: Uint32Array.from(starts, (start) => start - first),
    eventGapUs: slice(file, eventGap, first, last) as Uint32Array,
    eventKind: slice(file, eventKind, first, last) as Uint8Array,
    eventTokens:
      file.get(eventTokens.path) === null
        ? new Uint16Array(0)
        : (slice(file, eventTokens, first, last) as Uint16Array),
  };
}

function noEvents(rows: number): Partial<RecordBatch> {
  return {
    eventStart: new Uint32Array(rows + 1),
    eventGapUs: new Uint32Array(0),
    eventKind: new Uint8Array(0),
    eventTokens: new Uint16Array(0),
  };
}

/** At least one row, and then as many as hold no more than `EVENTS_PER_BATCH` events. */
function endOfPart(starts: Float64Array, from: number): number {
  let to = from + 1;
  while (to + 1 < starts.length && starts[to + 1] - starts[from] <= EVENTS_PER_BATCH) to++;
  return to;
}

function notesOf(file: File, starts: Float64Array): Note[] {
  const bytes = Buffer.from(slice(file, noteJson, starts[0], starts[starts.length - 1]) as Uint8Array);
  const notes: Note[] = [];
  for (let row = 0; row + 1 < starts.length; row++) {
    if (starts[row] === starts[row + 1]) continue;
    const json = bytes.toString('utf8', starts[row] - starts[0], starts[row + 1] - starts[0]);
    notes.push({ row, ...(JSON.parse(json) as Omit<Note, 'row'>) });
  }
  return notes;
}

/** Offsets of rows first … last, one more than there are rows. */
function offsets(file: File, column: StoredColumn, first: number, last: number): Float64Array {
  const starts = Float64Array.from(slice(file, column, first, last + 1) as BigUint64Array, Number);
  if (starts.some((start, i) => i > 0 && start < starts[i - 1])) {
    throw new Error(`it is damaged: ${column.path} is not ascending`);
  }
  return starts;
}

function slice(file: File, column: StoredColumn, first: number, last: number): ArrayBufferView {
  const values = datasetOf(file, column).slice([[first, last]]);
  if (!ArrayBuffer.isView(values) || (values as Uint8Array).length !== last - first) {
    throw new Error(`it is damaged: ${column.path} has unexpected values`);
  }
  return values;
}

function lengthOf(file: File, column: StoredColumn): number {
  return datasetOf(file, column).shape?.[0] ?? 0;
}

function datasetOf(file: File, column: StoredColumn): Dataset {
  const dataset = file.get(column.path);
  if (dataset === null) throw new Error(`it has no ${column.path}`);
  return dataset as Dataset;
}

function attribute(file: File, name: string): unknown {
  const found = file.attrs[name];
  if (!found) throw new Error(`it has no attribute ${name}, so it was not written by this tool`);
  return found.value;
}

function notReadable(path: string, why: string, cause?: unknown): UserError {
  return new UserError(EXIT.failed, `cannot read ${path}: ${why}`, { cause });
}
