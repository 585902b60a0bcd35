/** Finished attempts, column by column, until a batch of them leaves the worker. Stores, decides nothing. */
import {
  eventColumns,
  type Note,
  type RecordBatch,
  rowColumns,
  tokenSources,
  UNKNOWN_TOKENS,
} from '../../core/records.ts';
import { type EventLog, hasEventTokens } from './event-log.ts';
import type { Fault } from './fault.ts';
import type { Said } from './said.ts';
import { appendText, newTextLog, type TextLog } from './text-log.ts';

/** One finished attempt. Times in ms of run time. */
export interface FinishedAttempt {
  index: number;
  turn: number;
  attempt: number;
  due: number;
  sent: number;
  firstByte: number;
  end: number;
  outcome: number;
  status: number;
  log: EventLog;
  fault: Fault | null;
  said: Said;
  /** Empty unless text is kept. */
  text: TextLog;
  reasoning: TextLog;
}

/** Bytes of escaped text that belong to a row: first `text`, then `reasoning`. */
export interface RawText {
  row: number;
  text: number;
  reasoning: number;
}

/** What leaves a worker: a batch whose notes hold faults only, and what the rest of them is still to be made of. */
export interface RawBatch {
  batch: RecordBatch;
  /**
   * One line a row: passing two long texts to another thread costs a fraction of passing two objects a row.
   * Empty where a row has none.
   */
  finishes: string;
  ids: string;
  texts: RawText[];
  /** The texts of all rows, in the order of `texts`. */
  textBytes: Uint8Array;
}

export interface Recorder {
  /** Attempts since the last batch was taken. */
  readonly rows: number;
  /** About how many bytes they take. */
  readonly bytes: number;
  append(attempt: FinishedAttempt): void;
  /** Everything since the last call, in buffers of exactly the needed size; null when there is nothing. */
  take(): RawBatch | null;
}

type Columns<T> = { [K in keyof T]: T[K] extends { new (n: number): infer A } ? A : never };
type RowColumns = Columns<typeof rowColumns>;
type EventColumns = Columns<typeof eventColumns>;

const FIRST_ROWS = 256;
const FIRST_EVENTS = 16_384;
/** Of one event in its columns. */
const EVENT_BYTES = 5;
/** Of its tokens, where they are known. */
const TOKENS_BYTES = 2;
const USAGE = tokenSources.indexOf('usage');

export function createRecorder(worker: number): Recorder {
  let rows = allocate(rowColumns, FIRST_ROWS) as RowColumns;
  let eventStart = new Uint32Array(FIRST_ROWS + 1);
  let events = allocate(eventColumns, FIRST_EVENTS) as EventColumns;
  /** Holds zeros but for the events whose tokens are known, so it may be shorter than the other event columns. */
  let eventTokens = new Uint16Array(0);
  /** Behind the last event whose tokens are known; 0: there is none. */
  let tokensEnd = 0;
  let rowCount = 0;
  let eventCount = 0;
  let notes: Note[] = [];
  let noteBytes = 0;
  const finishes: string[] = [];
  const ids: string[] = [];
  let texts: RawText[] = [];
  let allText = newTextLog();

  function append(a: FinishedAttempt): void {
    if (rowCount === rows.index.length) {
      rows = resized(rows, rowCount, rowCount * 2);
      eventStart = resized({ eventStart }, rowCount + 1, rowCount * 2 + 1).eventStart;
    }
    const eventEnd = eventCount + a.log.count;
    if (eventEnd > events.eventKind.length) events = resized(events, eventCount, eventEnd * 2);
    const { said } = a;
    const row = rowCount++;
    rows.index[row] = a.index;
    rows.attempt[row] = a.attempt;
    rows.turn[row] = a.turn;
    rows.worker[row] = worker;
    rows.due[row] = a.due;
    rows.sent[row] = a.sent;
    rows.firstByte[row] = a.firstByte;
    rows.end[row] = a.end;
    rows.outcome[row] = a.outcome;
    rows.status[row] = a.status;
    rows.inTokens[row] = said.inTokens;
    rows.outTokens[row] = said.outTokens;
    rows.tokenSource[row] = said.outTokens === UNKNOWN_TOKENS ? 0 : USAGE;
    rows.cachedTokens[row] = said.cachedTokens;
    events.eventGapUs.set(a.log.gapsUs.subarray(0, a.log.count), eventCount);
    events.eventKind.set(a.log.kinds.subarray(0, a.log.count), eventCount);
    if (hasEventTokens(a.log, said.outTokens)) appendTokens(a.log);
    eventCount = eventEnd;
    eventStart[row + 1] = eventCount;
    finishes.push(oneLine(said.finish));
    ids.push(oneLine(said.id));
    const { fault } = a;
    if (said.strayField !== undefined) notes.push({ row, ...fault, unknownField: said.strayField });
    else if (fault !== null) notes.push({ row, ...fault });
    if (fault !== null) noteBytes += fault.cause!.length + (fault.errorBody?.length ?? 0);
    if (a.text.length + a.reasoning.length > 0) appendTexts(a, row);
  }

  function appendTokens({ tokens, count }: EventLog): void {
    const end = eventCount + count;
    if (end > eventTokens.length)
      eventTokens = resized({ eventTokens }, eventTokens.length, end * 2).eventTokens;
    eventTokens.set(tokens.subarray(0, count), eventCount);
    tokensEnd = end;
  }

  function appendTexts({ text, reasoning }: FinishedAttempt, row: number): void {
    texts.push({ row, text: text.length, reasoning: reasoning.length });
    appendText(allText, text.bytes, 0, text.length);
    appendText(allText, reasoning.bytes, 0, reasoning.length);
  }

  function takeTokens(): Uint16Array<ArrayBuffer> {
    if (tokensEnd === 0) return new Uint16Array(0);
    const column = resized({ eventTokens }, tokensEnd, eventCount).eventTokens;
    eventTokens.fill(0, 0, tokensEnd);
    tokensEnd = 0;
    return column;
  }

  function take(): RawBatch | null {
    if (rowCount === 0) return null;
    const batch: RecordBatch = {
      rows: rowCount,
      ...resized(rows, rowCount, rowCount),
      eventStart: eventStart.slice(0, rowCount + 1),
      ...resized(events, eventCount, eventCount),
      eventTokens: takeTokens(),
      notes,
    };
    const raw = {
      batch,
      finishes: finishes.join('\n'),
      ids: ids.join('\n'),
      texts,
      textBytes: new Uint8Array(allText.bytes.subarray(0, allText.length)),
    };
    rowCount = 0;
    eventCount = 0;
    notes = [];
    noteBytes = 0;
    // Emptied, not replaced: V8 compiled pushing for arrays that hold texts, which a new one does not.
    finishes.length = 0;
    ids.length = 0;
    texts = [];
    allText = newTextLog();
    return raw;
  }

  return {
    get rows() {
      return rowCount;
    },
    get bytes() {
      return eventCount * EVENT_BYTES + tokensEnd * TOKENS_BYTES + allText.length + noteBytes;
    },
    append,
    take,
  };
}

function oneLine(text: string | undefined): string {
  if (text === undefined) return '';
  return text.includes('\n') ? text.replaceAll('\n', ' ') : text;
}

/** The memory of a batch, to be moved instead of copied when it is posted to another thread. */
export function transferList({ batch, textBytes }: RawBatch): ArrayBuffer[] {
  const names = [...Object.keys(rowColumns), ...Object.keys(eventColumns)];
  const columns = [...names, 'eventStart', 'eventTokens'] as const;
  const views = columns.map((name) => batch[name as keyof RowColumns]);
  return [...views, textBytes].map((view) => view.buffer as ArrayBuffer);
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
