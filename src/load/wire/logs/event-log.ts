import { MAX_EVENT_TOKENS } from '../../../core/records.ts';

/** The events of one attempt while it is under way: gaps and kinds, in arrays that grow and are reused. */
export interface EventLog {
  count: number;
  /** µs since the previous event; for the first, since `sent`. */
  gapsUs: Uint32Array;
  kinds: Uint8Array;
  lastUs: number;
  /** Events that carried output. */
  outputs: number;
  /** Tokens that each output event brought, as far as `counted` goes. Shorter than `kinds` where none were told. */
  tokens: Uint16Array;
  /** Output events whose tokens are known; behind `outputs` for good as soon as one told no count or a wrong one. */
  counted: number;
  /** The last running count that fitted. */
  tokensSoFar: number;
}

const FIRST_EVENTS = 32;
/** Most events without output that are kept of one response: more than the heartbeats of an hour. */
export const MAX_SILENT_EVENTS = 16_384;
/** Most output events of one response: as many as an answer of a million tokens has when it is sent letter by letter. */
const MAX_OUTPUT_EVENTS = 4_194_304;
/** The memory of a longer log is not kept for the next request, because most answers need a fraction of it. */
const MAX_KEPT_EVENTS = 65_536;
/** Longest gap a column can hold, 71 minutes; a longer one is stored as this. */
const MAX_GAP_US = 0xffff_ffff;

export function newEventLog(): EventLog {
  return {
    count: 0,
    gapsUs: new Uint32Array(0),
    kinds: new Uint8Array(0),
    lastUs: 0,
    outputs: 0,
    tokens: new Uint16Array(0),
    counted: 0,
    tokensSoFar: 0,
  };
}

export function clearLog(log: EventLog): void {
  if (log.counted > 0) log.tokens.fill(0, 0, log.count);
  log.counted = 0;
  log.tokensSoFar = 0;
  log.count = 0;
  log.lastUs = 0;
  log.outputs = 0;
}

/** Gives back the memory of an answer of unusual length. */
export function trimLog(log: EventLog): void {
  if (log.gapsUs.length <= MAX_KEPT_EVENTS) return;
  clearLog(log);
  log.gapsUs = new Uint32Array(0);
  log.kinds = new Uint8Array(0);
  log.tokens = new Uint16Array(0);
}

/** Rounds a distance from `sent` for `logEvent`. */
export function wholeUs(ms: number): number {
  return Math.round(ms * 1000);
}

/**
 * Notes an event `sinceSentUs`, in whole µs, after the request was sent. The gap is the difference of two rounded
 * distances from `sent`, so that sums of gaps stay within 1 µs of the truth however many there are. (A fraction
 * would be an object on the heap for each event.)
 */
export function logEvent(log: EventLog, sinceSentUs: number, kind: number): void {
  const at = log.count;
  if (at === log.gapsUs.length) grow(log);
  const gap = sinceSentUs - log.lastUs;
  log.gapsUs[at] = Math.min(gap, MAX_GAP_US);
  log.kinds[at] = kind;
  log.lastUs = sinceSentUs;
  log.count = at + 1;
}

/** Notes an event that no figure needs: a service may send them for ever. */
export function logSilent(log: EventLog, sinceSentUs: number, kind: number): void {
  if (log.count - log.outputs < MAX_SILENT_EVENTS) logEvent(log, sinceSentUs, kind);
}

/** Notes an event that carried output, or not. */
export function logEither(log: EventLog, sinceSentUs: number, kind: number, isOutput: boolean): void {
  if (!isOutput) {
    logSilent(log, sinceSentUs, kind);
    return;
  }
  logEvent(log, sinceSentUs, kind);
  log.outputs++;
}

/**
 * Takes over the running count of tokens that the last event told, which carried output. Every output event brings
 * a token: a count that stands still or goes back is no running count.
 */
export function countTokens(log: EventLog, tokensSoFar: number): void {
  const brought = tokensSoFar - log.tokensSoFar;
  if (log.counted !== log.outputs - 1 || brought < 1 || brought > MAX_EVENT_TOKENS) return;
  if (log.count > log.tokens.length) {
    const tokens = new Uint16Array(log.kinds.length);
    tokens.set(log.tokens);
    log.tokens = tokens;
  }
  log.tokens[log.count - 1] = brought;
  log.counted++;
  log.tokensSoFar = tokensSoFar;
}

/** The end mark, or what closes a tool call: tokens that no output event brings. */
const MAX_UNSEEN_TOKENS = 4;

/**
 * True when it is known of every event how many tokens it brought, and their sum is what the service counted in the
 * end. (An answer that came in one event needs no such counts.)
 */
export function hasEventTokens({ outputs, counted, tokensSoFar }: EventLog, outTokens: number): boolean {
  const unseen = outTokens - tokensSoFar;
  return counted > 1 && counted === outputs && unseen >= 0 && unseen <= MAX_UNSEEN_TOKENS;
}

/** Why an answer that goes on beyond all measure is none; '' while it is one. */
export function tooLong(log: EventLog): string {
  return log.outputs > MAX_OUTPUT_EVENTS ? `the answer has more than ${MAX_OUTPUT_EVENTS} output events` : '';
}

/** Notes several events at once, which all came `sinceSentUs` after the request was sent. */
export function logEvents(log: EventLog, sinceSentUs: number, kind: number, count: number): void {
  logEvent(log, sinceSentUs, kind);
  const from = log.count;
  const to = from + count - 1;
  while (to > log.gapsUs.length) grow(log);
  for (let at = from; at < to; at++) {
    log.gapsUs[at] = 0;
    log.kinds[at] = kind;
  }
  log.count = to;
}

function grow(log: EventLog): void {
  const length = Math.max(FIRST_EVENTS, log.gapsUs.length * 2);
  const gapsUs = new Uint32Array(length);
  gapsUs.set(log.gapsUs);
  log.gapsUs = gapsUs;
  const kinds = new Uint8Array(length);
  kinds.set(log.kinds);
  log.kinds = kinds;
}
