/** One pass over a run's records into per-attempt columns: about 80 bytes an attempt, no events kept. */
import { type RecordBatch, UNKNOWN_TOKENS } from '../core/records.ts';
import type { RecordedRun } from '../core/run.ts';
import type { CountHistogram } from './count-histogram.ts';
import { type Definition, isSuccess } from './definitions.ts';

const columns = {
  index: Uint32Array,
  attempt: Uint16Array,
  turn: Uint16Array,
  sentMs: Float64Array,
  dueMs: Float64Array,
  endMs: Float64Array,
  firstUs: Float64Array,
  lastUs: Float64Array,
  points: Uint32Array,
  counted: Uint32Array,
  firstTokens: Uint16Array,
  moving: Uint8Array,
  outcome: Uint8Array,
  success: Uint8Array,
  inTokens: Uint32Array,
  outTokens: Uint32Array,
  tokenSource: Uint8Array,
  cachedTokens: Uint32Array,
} as const;

type Columns = { [K in keyof typeof columns]: InstanceType<(typeof columns)[K]> };

/**
 * Attempts in storage order. `firstUs` and `lastUs` are µs from `sentMs` to the first and last time point
 * (whole numbers; NaN without a point), `points` how many there are, `moving` 1 when two of them differ. `counted` is
 * the sum of the tokens that its events are known to have brought, `firstTokens` those of the first; 0: not known.
 * The other times are ms after the run's start; `endMs` is when the slot came free.
 */
export interface RequestTable extends Columns {
  count: number;
  definition: Definition;
  /** Successes whose output stood where none is known to stand, by that field. */
  unknownFields: Map<string, number>;
  /** Rows by (sent, index, attempt): the same for any storage order. */
  bySent: Uint32Array;
}

/** Reads the run once. The gaps between the points of each successful attempt are added to `gaps`, in µs. */
export function readRequests(run: RecordedRun, definition: Definition, gaps?: GapSink): RequestTable {
  const parts: Columns[] = [];
  const unknownFields = new Map<string, number>();
  let count = 0;
  for (const batch of run.batches()) {
    const part = readBatch(batch, definition);
    if (gaps) addSuccessfulGaps(batch, part, definition.isPoint, gaps);
    for (const { row, unknownField } of batch.notes)
      if (unknownField !== undefined && part.success[row] === 1)
        unknownFields.set(unknownField, (unknownFields.get(unknownField) ?? 0) + 1);
    parts.push(part);
    count += batch.rows;
  }
  const joined = Object.fromEntries(
    Object.entries(columns).map(([name, Column]) => [
      name,
      join(parts, name as keyof Columns, new Column(count)),
    ]),
  ) as unknown as Columns;
  return { ...joined, count, definition, unknownFields, bySent: sentOrder(joined, count) };
}

/** µs from sending to the last time point; to the end of the response when it had no point. */
export function e2elUs(table: RequestTable, row: number): number {
  const last = table.lastUs[row];
  return Number.isNaN(last) ? (table.endMs[row] - table.sentMs[row]) * 1000 : last;
}

/** When E2EL ends, ms after the run's start. Event stamps are rounded to 1 µs, so they could pass the response's end. */
export function lastPointMs(table: RequestTable, row: number): number {
  return Math.min(table.sentMs[row] + e2elUs(table, row) / 1000, table.endMs[row]);
}

/** Some of the `rows` rows of the data were sent more than once. */
export function isCycled({ index, count }: RequestTable, rows: number): boolean {
  for (let row = 0; row < count; row++) if (index[row] >= rows) return true;
  return false;
}

/**
 * A success in which the service ended its answer before any output: it has no latency. (A log that holds no
 * events may still tell of output.)
 */
export function isEmptyAnswer(table: RequestTable, row: number): boolean {
  return table.success[row] === 1 && table.points[row] === 0 && !(knownTokens(table.outTokens[row]) > 1);
}

/** A token count, NaN while nobody has counted. */
export function knownTokens(tokens: number): number {
  return tokens === UNKNOWN_TOKENS ? Number.NaN : tokens;
}

function readBatch(batch: RecordBatch, definition: Definition): Columns {
  const rows = batch.rows;
  const part: Columns = {
    index: batch.index.slice(0, rows),
    attempt: batch.attempt.slice(0, rows),
    turn: batch.turn.slice(0, rows),
    sentMs: batch.sent.slice(0, rows),
    dueMs: batch.due.slice(0, rows),
    endMs: batch.end.slice(0, rows),
    firstUs: new Float64Array(rows).fill(Number.NaN),
    lastUs: new Float64Array(rows).fill(Number.NaN),
    points: new Uint32Array(rows),
    counted: new Uint32Array(rows),
    firstTokens: new Uint16Array(rows),
    moving: new Uint8Array(rows),
    outcome: batch.outcome.slice(0, rows),
    success: new Uint8Array(rows),
    inTokens: batch.inTokens.slice(0, rows),
    outTokens: batch.outTokens.slice(0, rows),
    tokenSource: batch.tokenSource.slice(0, rows),
    cachedTokens: batch.cachedTokens.slice(0, rows),
  };
  for (let row = 0; row < rows; row++) {
    readPoints(batch, row, definition.isPoint, part);
    if (definition.countsEventTokens && batch.eventTokens.length > 0) readTokens(batch, row, part);
    part.success[row] = isSuccess(definition, batch.outcome[row], part.points[row]) ? 1 : 0;
  }
  return part;
}

function addSuccessfulGaps(
  batch: RecordBatch,
  { success, counted }: Columns,
  isPoint: Uint8Array,
  gaps: GapSink,
): void {
  for (let row = 0; row < batch.rows; row++)
    if (success[row] === 1) addGapsOf(gaps, batch, row, counted[row] > 0 ? null : isPoint);
}

export type GapSink = Pick<CountHistogram, 'addGaps' | 'addTokenGaps'>;

/** Gaps between the points of a row; `isPoint` is null for a row whose events are known to have brought tokens. */
export function addGapsOf(gaps: GapSink, batch: RecordBatch, row: number, isPoint: Uint8Array | null): void {
  if (isPoint === null) gaps.addTokenGaps(batch, row);
  else gaps.addGaps(batch, row, isPoint);
}

function readPoints(batch: RecordBatch, row: number, isPoint: Uint8Array, part: Columns): void {
  const { eventStart, eventGapUs, eventKind } = batch;
  let at = 0;
  let first = 0;
  let last = 0;
  let points = 0;
  for (let event = eventStart[row]; event < eventStart[row + 1]; event++) {
    at += eventGapUs[event];
    if (isPoint[eventKind[event]] === 0) continue;
    if (points === 0) first = at;
    last = at;
    points++;
  }
  if (points === 0) return;
  part.firstUs[row] = first;
  part.lastUs[row] = last;
  part.points[row] = points;
  part.moving[row] = last > first ? 1 : 0;
}

function readTokens({ eventStart, eventTokens }: RecordBatch, row: number, part: Columns): void {
  let sum = 0;
  for (let event = eventStart[row]; event < eventStart[row + 1]; event++) {
    if (sum === 0) part.firstTokens[row] = eventTokens[event];
    sum += eventTokens[event];
  }
  part.counted[row] = sum;
}

/** Frees each part's column as soon as it is copied, so the peak is one column above the result. */
function join(parts: Columns[], name: keyof Columns, into: Columns[keyof Columns]): Columns[keyof Columns] {
  let at = 0;
  for (const part of parts) {
    into.set(part[name], at);
    at += part[name].length;
    delete (part as Partial<Columns>)[name];
  }
  return into;
}

function sentOrder(table: Columns, count: number): Uint32Array {
  const { sentMs, index, attempt } = table;
  const order = new Uint32Array(count);
  for (let row = 0; row < count; row++) order[row] = row;
  return order.sort((a, b) => sentMs[a] - sentMs[b] || index[a] - index[b] || attempt[a] - attempt[b]);
}

/** Rows sent in (fromMs, toMs], in that order: a view of `bySent`. */
export function sentIn({ bySent, sentMs }: RequestTable, fromMs: number, toMs: number): Uint32Array {
  const firstAfter = (ms: number) => {
    let [low, high] = [0, bySent.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sentMs[bySent[middle]] <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return bySent.subarray(firstAfter(fromMs), firstAfter(toMs));
}

/** 1 for each of `rows`, 0 for the others. */
export function rowMask(table: RequestTable, rows: Uint32Array): Uint8Array {
  const mask = new Uint8Array(table.count);
  for (const row of rows) mask[row] = 1;
  return mask;
}
