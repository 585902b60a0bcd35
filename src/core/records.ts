/**
 * What a run leaves behind, in columns. One row is one attempt of one request; its events sit in
 * the event columns from `eventStart[row]` up to `eventStart[row + 1]`. Nothing here is interpreted:
 * whether an event is a first token is for analysis to say.
 */

/** How an attempt ended. The index in this list is the code stored in `RecordBatch.outcome`. */
export const outcomes = ['ok', 'http', 'timeout', 'network', 'protocol', 'cancelled'] as const;
export type Outcome = (typeof outcomes)[number];

export const OUTCOME = {
  ok: 0,
  http: 1,
  timeout: 2,
  network: 3,
  protocol: 4,
  cancelled: 5,
} as const satisfies Record<Outcome, number>;

/**
 * What one stream event carried. Codes up to `LAST_OUTPUT_KIND` are generated output (a token);
 * the others are recorded, but are no tokens.
 */
export const KIND = {
  text: 1,
  reasoning: 2,
  tool: 3,
  role: 4,
  finish: 5,
  usage: 6,
  error: 7,
  done: 8,
  comment: 9,
  other: 10,
} as const;
export type EventKind = keyof typeof KIND;
export const LAST_OUTPUT_KIND = KIND.tool;

/** Where a token count came from. The index is the code stored in `RecordBatch.tokenSource`. */
export const tokenSources = ['unknown', 'usage', 'tokenizer', 'embedded', 'none'] as const;
export type TokenSource = (typeof tokenSources)[number];

/** Stands in the columns of token counts until somebody has counted. */
export const UNKNOWN_TOKENS = 0xffff_ffff;
/** Stands in `firstByte` when no byte of the response arrived. */
export const NEVER = Number.NaN;

/** Rare facts of one row, kept beside the columns. Texts are UTF-8 decoded. */
export interface Note {
  row: number;
  /** Why the attempt failed, in one line. */
  cause?: string | undefined;
  /** The first 2 KiB of an error response's body. */
  errorBody?: string;
  /** Of a failed attempt: header fields of its response that tell something, at most 256 characters each. */
  contentType?: string | undefined;
  contentEncoding?: string;
  location?: string;
  /** How long the service asked to wait, seconds from the attempt's end. */
  retryAfterS?: number;
  finishReason?: string;
  /** Where its output stood, when no output is known to stand there; counted as text. */
  unknownField?: string;
  /** The `id` the service gave the response. */
  responseId?: string;
  /** Generated text, when the plan asks to keep it. */
  text?: string;
  reasoning?: string;
}

export interface RecordBatch {
  rows: number;
  /** Request number in the plan's order; in a pressure run it goes on past the data's end. */
  index: Uint32Array;
  /** 0 for the first try, 1 for its first retry … */
  attempt: Uint16Array;
  /** Turn of a conversation, 0 for a single-turn request. */
  turn: Uint16Array;
  /** Worker that sent it. */
  worker: Uint16Array;
  /** All times: ms after the run's start, at least 1 µs resolution. */
  due: Float64Array;
  sent: Float64Array;
  firstByte: Float64Array;
  /** The response was complete, or the attempt failed. */
  end: Float64Array;
  outcome: Uint8Array;
  /** HTTP status, 0 when there was none. */
  status: Uint16Array;
  inTokens: Uint32Array;
  outTokens: Uint32Array;
  tokenSource: Uint8Array;
  /** Tokens of the prompt that the service took from its prefix cache, where it says so. */
  cachedTokens: Uint32Array;
  /** rows + 1 offsets into the event columns. */
  eventStart: Uint32Array;
  /** µs since the previous event of the same row; for the first event, since `sent`. */
  eventGapUs: Uint32Array;
  eventKind: Uint8Array;
  /**
   * Tokens that the event brought, by the service's own running counts. A row has them for each of its output events
   * or is 0 throughout; empty: no row of the batch has them.
   */
  eventTokens: Uint16Array;
  /** Ascending by row; rows without rare facts have none. */
  notes: Note[];
}

/** The columns of a batch by element type, in the order in which they are stored. */
export const rowColumns = {
  index: Uint32Array,
  attempt: Uint16Array,
  turn: Uint16Array,
  worker: Uint16Array,
  due: Float64Array,
  sent: Float64Array,
  firstByte: Float64Array,
  end: Float64Array,
  outcome: Uint8Array,
  status: Uint16Array,
  inTokens: Uint32Array,
  outTokens: Uint32Array,
  tokenSource: Uint8Array,
  cachedTokens: Uint32Array,
} as const;

export const eventColumns = { eventGapUs: Uint32Array, eventKind: Uint8Array } as const;

/** Most tokens that an event may bring: what a value of `eventTokens` can hold. */
export const MAX_EVENT_TOKENS = 0xffff;

/** True when the event carried generated output. */
export function isOutput(kind: number): boolean {
  return kind >= 1 && kind <= LAST_OUTPUT_KIND;
}

/** An empty batch with room for exactly `rows` rows and `events` events; `eventStart` is all 0. */
export function emptyBatch(rows: number, events: number): RecordBatch {
  return {
    rows,
    index: new Uint32Array(rows),
    attempt: new Uint16Array(rows),
    turn: new Uint16Array(rows),
    worker: new Uint16Array(rows),
    due: new Float64Array(rows),
    sent: new Float64Array(rows),
    firstByte: new Float64Array(rows).fill(NEVER),
    end: new Float64Array(rows),
    outcome: new Uint8Array(rows),
    status: new Uint16Array(rows),
    inTokens: new Uint32Array(rows).fill(UNKNOWN_TOKENS),
    outTokens: new Uint32Array(rows).fill(UNKNOWN_TOKENS),
    tokenSource: new Uint8Array(rows),
    cachedTokens: new Uint32Array(rows).fill(UNKNOWN_TOKENS),
    eventStart: new Uint32Array(rows + 1),
    eventGapUs: new Uint32Array(events),
    eventKind: new Uint8Array(events),
    eventTokens: new Uint16Array(0),
    notes: [],
  };
}

/** One attempt in plain values, for fixtures, imports and readers that are not in a hurry. */
export interface PlainRecord {
  index: number;
  attempt?: number;
  turn?: number;
  worker?: number;
  due?: number;
  sent: number;
  firstByte?: number;
  end: number;
  outcome?: Outcome;
  status?: number;
  inTokens?: number | undefined;
  outTokens?: number | undefined;
  tokenSource?: TokenSource;
  cachedTokens?: number | undefined;
  /** [ms after the run's start, kind] in time order. */
  events: [number, EventKind][];
  /** One for each event; see `RecordBatch.eventTokens`. */
  eventTokens?: number[] | undefined;
  note?: Omit<Note, 'row'> | undefined;
}

function usualStatus(outcome: Outcome = 'ok'): number {
  return outcome === 'ok' ? 200 : 0;
}

/** Builds a batch from plain records. Event times are rounded to 1 µs. */
export function batchOf(records: readonly PlainRecord[]): RecordBatch {
  const events = records.reduce((sum, r) => sum + r.events.length, 0);
  const b = emptyBatch(records.length, events);
  if (records.some((r) => r.eventTokens !== undefined)) b.eventTokens = new Uint16Array(events);
  let at = 0;
  records.forEach((r, row) => {
    b.index[row] = r.index;
    b.attempt[row] = r.attempt ?? 0;
    b.turn[row] = r.turn ?? 0;
    b.worker[row] = r.worker ?? 0;
    b.due[row] = r.due ?? r.sent;
    b.sent[row] = r.sent;
    b.firstByte[row] = r.firstByte ?? r.events[0]?.[0] ?? NEVER;
    b.end[row] = r.end;
    b.outcome[row] = OUTCOME[r.outcome ?? 'ok'];
    b.status[row] = r.status ?? usualStatus(r.outcome);
    b.inTokens[row] = r.inTokens ?? UNKNOWN_TOKENS;
    b.outTokens[row] = r.outTokens ?? UNKNOWN_TOKENS;
    b.tokenSource[row] = tokenSources.indexOf(
      r.tokenSource ?? (r.outTokens === undefined ? 'unknown' : 'usage'),
    );
    b.cachedTokens[row] = r.cachedTokens ?? UNKNOWN_TOKENS;
    if (r.eventTokens !== undefined) b.eventTokens.set(r.eventTokens, at);
    let previousUs = 0;
    for (const [ms, kind] of r.events) {
      const us = Math.round((ms - r.sent) * 1000);
      b.eventGapUs[at] = us - previousUs;
      b.eventKind[at] = KIND[kind];
      previousUs = us;
      at++;
    }
    b.eventStart[row + 1] = at;
    if (r.note) b.notes.push({ row, ...r.note });
  });
  return b;
}
