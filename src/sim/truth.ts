/** The service's own record of what really happened, to hold a client's measurements against. */
import type { FaultKind } from './faults.ts';
import type { DraftCounts } from './speculation.ts';

/**
 * `ok`: answered in full, as far as the service can tell. `failed`: by the request's own fault or an
 * injected one. `client-closed`: the client went away. `open`: not over yet.
 */
export type TruthOutcome = 'ok' | 'failed' | 'client-closed' | 'open';

/** All `…Ns` are whole nanoseconds of CLOCK_MONOTONIC after `SimTruth.baseMonotonicNs`. */
export interface TruthRequest {
  /** 0 for the first request since the start or the last reset. Fault indices mean this number. */
  number: number;
  /** The `id` in every event of the response and its `x-request-id`. */
  id: string;
  path: string;
  stream: boolean;
  promptTokens: number;
  /** Of these, the ones the prefix cache held. */
  cachedTokens: number;
  /** Tokens the client was sent; equals the length of `tokenNs` when streaming. */
  outputTokens: number;
  /** The request had been read completely. */
  arrivalNs: number;
  /** Start of the engine step that admitted it; null when it never was. */
  admittedNs: number | null;
  firstTokenNs: number | null;
  /**
   * Just before the bytes that complete each token's event were handed to the socket. Empty when not
   * streaming. After a reset, the last ones may never have reached the client.
   */
  tokenNs: number[];
  /** Just before the last bytes of the response were handed to the socket, or the failure. */
  endNs: number | null;
  status: number;
  outcome: TruthOutcome;
  finishReason: string | null;
  faults: FaultKind[];
  /** Only with speculative decoding. */
  speculation?: DraftCounts;
}

export interface SimTruth {
  /** CLOCK_MONOTONIC at time 0, in ns; a string because it does not fit a JSON number. */
  baseMonotonicNs: string;
  /** How well the service kept to its own law. A late step is a fault of the machine, not of the client. */
  engine: { steps: number; meanLateMs: number; maxLateMs: number; slippedMs: number };
  /** Requests forgotten because there was no more room. */
  dropped: number;
  requests: TruthRequest[];
}

/** A request's record while it grows. Times in ms after the base, at the clock's resolution. */
export interface TruthEntry {
  number: number;
  id: string;
  path: string;
  stream: boolean;
  promptTokens: number;
  cachedTokens: number;
  tokensSent: number;
  arrivalMs: number;
  admittedMs: number;
  tokenMs: Float64Array;
  endMs: number;
  status: number;
  outcome: TruthOutcome;
  finishReason: string | null;
  faults: FaultKind[];
  speculation?: DraftCounts;
}

export interface TruthLog {
  open(path: string, arrivalMs: number): TruthEntry;
  /** Makes room for the times of a streamed answer. */
  reserve(entry: TruthEntry, tokens: number): void;
  requests(): Iterable<TruthRequest>;
  dropped(): number;
  /** Forgets all requests, those in flight too, and numbers anew from 0. */
  reset(): void;
}

/** Keeps the newest requests with at most `tokenLimit` token times in all. */
export function createTruthLog(tokenLimit: number): TruthLog {
  let entries: TruthEntry[] = [];
  let nextNumber = 0;
  let reserved = 0;
  let dropped = 0;
  /** A request counts as this many tokens beside its own. */
  const overhead = 16;

  /** Drops a tenth at a time, so that a full log does not move all its entries for each new one. */
  function makeRoom(): void {
    let gone = 0;
    while (reserved > 0.9 * tokenLimit && gone < entries.length - 1) {
      reserved -= entries[gone].tokenMs.length + overhead;
      gone++;
    }
    entries = entries.slice(gone);
    dropped += gone;
  }

  return {
    open(path, arrivalMs) {
      const entry = createEntry(nextNumber++, path, arrivalMs);
      entries.push(entry);
      reserved += overhead;
      return entry;
    },
    reserve(entry, tokens) {
      entry.tokenMs = new Float64Array(tokens);
      reserved += tokens;
      if (reserved > tokenLimit) makeRoom();
    },
    *requests() {
      for (const entry of entries) yield plain(entry);
    },
    dropped: () => dropped,
    reset() {
      entries = [];
      nextNumber = 0;
      reserved = 0;
      dropped = 0;
    },
  };
}

function createEntry(number: number, path: string, arrivalMs: number): TruthEntry {
  return {
    number,
    id: `sim-${number}`,
    path,
    stream: false,
    promptTokens: 0,
    cachedTokens: 0,
    tokensSent: 0,
    arrivalMs,
    admittedMs: Number.NaN,
    tokenMs: new Float64Array(0),
    endMs: Number.NaN,
    status: 200,
    outcome: 'open',
    finishReason: null,
    faults: [],
  };
}

function plain(entry: TruthEntry): TruthRequest {
  const { tokensSent, arrivalMs, admittedMs, tokenMs, endMs, ...same } = entry;
  const tokenNs = entry.stream ? Array.from(tokenMs.subarray(0, tokensSent), toNs) : [];
  return {
    ...same,
    outputTokens: tokensSent,
    arrivalNs: toNs(arrivalMs),
    admittedNs: nsOrNull(admittedMs),
    firstTokenNs: tokenNs[0] ?? null,
    tokenNs,
    endNs: nsOrNull(endMs),
  };
}

const toNs = (ms: number) => Math.round(ms * 1e6);
const nsOrNull = (ms: number) => (Number.isNaN(ms) ? null : toNs(ms));

/** The truth as JSON text in pieces, one request a line: all of it at once may be too long for a string. */
export function* truthJson(head: Omit<SimTruth, 'requests'>, requests: Iterable<TruthRequest>) {
  yield `${JSON.stringify(head).slice(0, -1)},"requests":[`;
  let separator = '\n';
  for (const request of requests) {
    yield separator + JSON.stringify(request);
    separator = ',\n';
  }
  yield '\n]}\n';
}
