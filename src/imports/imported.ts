/** What an importer makes of another tool's log, before it becomes a run folder. */
import { batchOf, type PlainRecord, type RecordBatch, type TokenSource } from '../core/records.ts';

/** One request. Times in s on the source's own clock. */
export interface ImportedRow {
  index: number;
  turn: number;
  /** null: the source does not say when; the request is put at the start of the run, without length. */
  sentS: number | null;
  /** Time points of the response, ascending, none before `sentS`. */
  pointsS: Float64Array;
  /** null: it succeeded. */
  failure: string | null;
  inTokens?: number | undefined;
  outTokens?: number | undefined;
  text?: string | undefined;
}

export interface ImportedRun {
  modelAbbr: string;
  datasetAbbr: string;
  /** Name of the served model, '' when unknown. */
  model: string;
  rows: ImportedRow[];
  /** Who counted the tokens. */
  tokenSource: TokenSource;
  /** The limit on requests in flight, null when the source does not hold it. */
  maxConcurrency: number | null;
  /** True: requests left at times of their own (a request rate), not whenever a slot was free. */
  openLoop: boolean;
  /** What the source does not hold, one plain sentence each. */
  unknown: string[];
}

export interface Importer {
  title: string;
  /** Says by name and kind alone whether a path is for this importer. */
  recognizes(path: string, isFolder: boolean): boolean;
  /** Reads everything before anything is written. `UserError` that names the place for a file that is broken, cut or another's. */
  read(path: string): Promise<ImportedRun[]>;
}

const ROWS_PER_BATCH = 4096;

/** The rows as records on one clock that starts with the first request; in the order of the source. */
export function* batchesOf({ rows, tokenSource }: ImportedRun): Generator<RecordBatch> {
  const originS = rows.reduce(
    (first, { sentS }) => Math.min(first, sentS ?? first),
    Number.POSITIVE_INFINITY,
  );
  for (let at = 0; at < rows.length; at += ROWS_PER_BATCH) {
    yield batchOf(rows.slice(at, at + ROWS_PER_BATCH).map((row) => recordOf(row, originS, tokenSource)));
  }
}

function recordOf(row: ImportedRow, originS: number, tokenSource: TokenSource): PlainRecord {
  const ms = (s: number) => (s - originS) * 1000;
  const sent = row.sentS === null ? 0 : ms(row.sentS);
  const points = [...row.pointsS].map((s) => Math.max(sent, ms(s)));
  const { index, turn, failure, inTokens, outTokens, text } = row;
  return {
    index,
    turn,
    sent,
    end: points.at(-1) ?? sent,
    outcome: failure === null ? 'ok' : 'network',
    status: failure === null ? 200 : 0,
    inTokens,
    outTokens,
    tokenSource: outTokens === undefined ? 'unknown' : tokenSource,
    events: points.map((at) => [at, 'text']),
    ...(failure !== null || text !== undefined
      ? { note: { ...(failure !== null ? { cause: failure } : {}), ...(text !== undefined ? { text } : {}) } }
      : {}),
  };
}
