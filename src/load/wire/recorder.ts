/** Finished attempts, column by column, until a batch of them leaves the worker. Stores, decides nothing. */
import {
  eventColumns,
  type Note,
  type RecordBatch,
  rowColumns,
  tokenSources,
  UNKNOWN_TOKENS,
} from '../../core/records.ts';
import type { Fault } from './fault.ts';
import { addRow, type BatchColumns, columnBytes, newColumns, takeColumns } from './logs/batch-columns.ts';
import { type EventLog, hasEventTokens } from './logs/event-log.ts';
import { appendText, newTextLog, type TextLog } from './logs/text-log.ts';
import type { Said } from './said.ts';

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

const USAGE = tokenSources.indexOf('usage');

export function createRecorder(worker: number): Recorder {
  const columns = newColumns();
  const finishes: string[] = [];
  const ids: string[] = [];
  let notes: Note[] = [];
  let noteBytes = 0;
  let texts: RawText[] = [];
  let allText = newTextLog();

  function append(attempt: FinishedAttempt): void {
    const row = appendRow(columns, attempt, worker);
    finishes.push(oneLine(attempt.said.finish));
    ids.push(oneLine(attempt.said.id));
    noteFault(row, attempt);
    if (attempt.text.length + attempt.reasoning.length > 0) appendTexts(row, attempt);
  }

  function noteFault(row: number, { said, fault }: FinishedAttempt): void {
    if (said.strayField !== undefined) notes.push({ row, ...fault, unknownField: said.strayField });
    else if (fault !== null) notes.push({ row, ...fault });
    if (fault !== null) noteBytes += fault.cause!.length + (fault.errorBody?.length ?? 0);
  }

  function appendTexts(row: number, { text, reasoning }: FinishedAttempt): void {
    texts.push({ row, text: text.length, reasoning: reasoning.length });
    appendText(allText, text.bytes, 0, text.length);
    appendText(allText, reasoning.bytes, 0, reasoning.length);
  }

  function take(): RawBatch | null {
    if (columns.rowCount === 0) return null;
    const raw = {
      batch: { ...takeColumns(columns), notes },
      finishes: finishes.join('\n'),
      ids: ids.join('\n'),
      texts,
      textBytes: new Uint8Array(allText.bytes.subarray(0, allText.length)),
    };
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
      return columns.rowCount;
    },
    get bytes() {
      return columnBytes(columns) + allText.length + noteBytes;
    },
    append,
    take,
  };
}

function appendRow(columns: BatchColumns, a: FinishedAttempt, worker: number): number {
  const row = addRow(columns, a.log, hasEventTokens(a.log, a.said.outTokens));
  const { rows } = columns;
  const { said } = a;
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
  return row;
}

function oneLine(text: string | undefined): string {
  if (text === undefined) return '';
  return text.includes('\n') ? text.replaceAll('\n', ' ') : text;
}

/** The memory of a batch, to be moved instead of copied when it is posted to another thread. */
export function transferList({ batch, textBytes }: RawBatch): ArrayBuffer[] {
  const names = [...Object.keys(rowColumns), ...Object.keys(eventColumns)];
  const columns = [...names, 'eventStart', 'eventTokens'] as const;
  const views = columns.map((name) => batch[name as keyof typeof rowColumns]);
  return [...views, textBytes].map((view) => view.buffer as ArrayBuffer);
}
