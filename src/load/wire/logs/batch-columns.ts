/** The columns of a batch while it is being filled: arrays that grow, and are kept for the next batch. */
import { eventColumns, type RecordBatch, rowColumns } from '../../../core/records.ts';
import type { EventLog } from './event-log.ts';

type Columns<T> = { [K in keyof T]: T[K] extends { new (n: number): infer A } ? A : never };

export interface BatchColumns {
  rows: Columns<typeof rowColumns>;
  eventStart: Uint32Array;
  events: Columns<typeof eventColumns>;
  /** Holds zeros but for the events whose tokens are known, so it may be shorter than the other event columns. */
  eventTokens: Uint16Array;
  rowCount: number;
  eventCount: number;
  /** Behind the last event whose tokens are known; 0: there is none. */
  tokensEnd: number;
}

const FIRST_ROWS = 256;
const FIRST_EVENTS = 16_384;
/** Of one event in its columns. */
const EVENT_BYTES = 5;
/** Of its tokens, where they are known. */
const TOKENS_BYTES = 2;

export function newColumns(): BatchColumns {
  return {
    rows: allocate(rowColumns, FIRST_ROWS) as BatchColumns['rows'],
    eventStart: new Uint32Array(FIRST_ROWS + 1),
    events: allocate(eventColumns, FIRST_EVENTS) as BatchColumns['events'],
    eventTokens: new Uint16Array(0),
    rowCount: 0,
    eventCount: 0,
    tokensEnd: 0,
  };
}

/** About how many bytes the events take. */
export function columnBytes({ eventCount, tokensEnd }: BatchColumns): number {
  return eventCount * EVENT_BYTES + tokensEnd * TOKENS_BYTES;
}

/** Makes room for a row and takes over its events; returns its number. */
export function addRow(columns: BatchColumns, log: EventLog, hasTokens: boolean): number {
  if (columns.rowCount === columns.rows.index.length) growRows(columns);
  const from = columns.eventCount;
  const to = from + log.count;
  if (to > columns.events.eventKind.length) columns.events = resized(columns.events, from, to * 2);
  columns.events.eventGapUs.set(log.gapsUs.subarray(0, log.count), from);
  columns.events.eventKind.set(log.kinds.subarray(0, log.count), from);
  if (hasTokens) addTokens(columns, log);
  columns.eventCount = to;
  const row = columns.rowCount++;
  columns.eventStart[row + 1] = to;
  return row;
}

function growRows(columns: BatchColumns): void {
  const { rowCount, rows, eventStart } = columns;
  columns.rows = resized(rows, rowCount, rowCount * 2);
  columns.eventStart = resized({ eventStart }, rowCount + 1, rowCount * 2 + 1).eventStart;
}

function addTokens(columns: BatchColumns, { tokens, count }: EventLog): void {
  const { eventTokens, eventCount } = columns;
  const end = eventCount + count;
  if (end > eventTokens.length) {
    columns.eventTokens = resized({ eventTokens }, eventTokens.length, end * 2).eventTokens;
  }
  columns.eventTokens.set(tokens.subarray(0, count), eventCount);
  columns.tokensEnd = end;
}

/** What was added since the last call, in arrays of exactly the needed size. */
export function takeColumns(columns: BatchColumns): Omit<RecordBatch, 'notes'> {
  const { rows, eventStart, events, rowCount, eventCount } = columns;
  const taken = {
    rows: rowCount,
    ...resized(rows, rowCount, rowCount),
    eventStart: eventStart.slice(0, rowCount + 1),
    ...resized(events, eventCount, eventCount),
    eventTokens: takeTokens(columns),
  };
  columns.rowCount = 0;
  columns.eventCount = 0;
  return taken;
}

function takeTokens(columns: BatchColumns): Uint16Array {
  const { eventTokens, tokensEnd, eventCount } = columns;
  if (tokensEnd === 0) return new Uint16Array(0);
  const column = resized({ eventTokens }, tokensEnd, eventCount).eventTokens;
  eventTokens.fill(0, 0, tokensEnd);
  columns.tokensEnd = 0;
  return column;
}

function allocate(types: Record<string, { new (n: number): unknown }>, length: number): unknown {
  return Object.fromEntries(Object.entries(types).map(([name, Type]) => [name, new Type(length)]));
}

/** Copies of columns: their first `used` elements, in arrays of `length`. */
function resized<T extends object>(columns: T, used: number, length: number): T {
  const entries = Object.entries(columns) as [string, Uint32Array][];
  return Object.fromEntries(
    entries.map(([name, column]) => {
      const copy = new (column.constructor as Uint32ArrayConstructor)(length);
      copy.set(column.subarray(0, used));
      return [name, copy];
    }),
  ) as T;
}
