/** The part of HTTP/1.1 that reading a response needs: head, three kinds of body, interim responses. */
import type { ByteSource } from './read-buffer.ts';
import { type HeadFacts, headEnd, NO_FACTS, parseHead } from './response-head.ts';

export interface ResponseSink {
  /** The head of the final response; interim (1xx) heads are skipped. */
  onHead(status: number): void;
  onBody(source: ByteSource, from: number, to: number): void;
  /** Chunks begin at `from`, and the sink may read whole ones by itself; returns the position behind them. */
  onChunks(source: ByteSource, from: number, to: number): number;
  /** True once the sink wants no more bytes. */
  readonly over: boolean;
}

const PHASE = {
  head: 0,
  sized: 1,
  untilClose: 2,
  chunkSize: 3,
  chunk: 4,
  chunkEnd: 5,
  trailer: 6,
  done: 7,
} as const;

/** Where one response stands; reused from response to response of a connection. */
export interface ResponseState {
  phase: number;
  status: number;
  /** The connection can carry another request after this response. */
  keepAlive: boolean;
  /** Why the bytes are no HTTP response; '' while they are. */
  invalid: string;
  /** Bytes of the body or chunk still to come; the number being read while in a chunk's size. */
  left: number;
  /** Digits of a chunk size, or bytes of a trailer line, so far. */
  count: number;
  inExtension: boolean;
  /** A head that came in several reads. */
  heldHead: Buffer | null;
  /** What the head of the final response told beside. */
  facts: HeadFacts;
  readonly lastHead: LastHead;
}

/**
 * The last head that any connection of the worker read, and what it said. Most heads of a service are the
 * same bytes for a second at a time: comparing costs a tenth of reading them.
 */
export interface LastHead {
  bytes: Buffer;
  status: number;
  keepAlive: boolean;
  phase: number;
  left: number;
  facts: HeadFacts;
}

export function noHead(): LastHead {
  return {
    bytes: Buffer.alloc(0),
    status: 0,
    keepAlive: false,
    phase: PHASE.head,
    left: 0,
    facts: NO_FACTS,
  };
}

const CR = 13;
const LF = 10;
const MAX_HEAD_BYTES = 65_536;
/** 16^12 bytes are more than any chunk; one digit more would leave the safe integers one day. */
const MAX_SIZE_DIGITS = 12;

const hexValue = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  hexValue[i.toString(16).charCodeAt(0)] = i;
  hexValue[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

export function newResponseState(lastHead = noHead()): ResponseState {
  return {
    phase: PHASE.head,
    status: 0,
    keepAlive: false,
    invalid: '',
    left: 0,
    count: 0,
    inExtension: false,
    heldHead: null,
    facts: NO_FACTS,
    lastHead,
  };
}

export function expectResponse(state: ResponseState): void {
  state.phase = PHASE.head;
  state.status = 0;
  state.keepAlive = false;
  state.invalid = '';
  state.heldHead = null;
  state.facts = NO_FACTS;
}

export const isComplete = (state: ResponseState): boolean => state.phase === PHASE.done;

/** Call when the connection ended: true when the end of the connection is the end of the body. */
export function completesAtClose(state: ResponseState): boolean {
  return state.phase === PHASE.untilClose;
}

/**
 * Reads the bytes `from` … `to`; returns the position behind the last one used, which is before `to` only
 * when the response is complete, invalid, or the sink is over.
 */
export function readResponse(
  state: ResponseState,
  source: ByteSource,
  from: number,
  to: number,
  sink: ResponseSink,
): number {
  const { bytes } = source;
  let at = from;
  while (at < to && state.phase !== PHASE.done && !sink.over) {
    switch (state.phase) {
      case PHASE.chunkSize: {
        const from = at;
        if (state.count === 0 && !state.inExtension) at = sink.onChunks(source, from, to);
        if (at === from) at = readChunkSize(state, bytes, at, to);
        break;
      }
      case PHASE.chunk: {
        const end = Math.min(to, at + state.left);
        state.left -= end - at;
        if (state.left === 0) state.phase = PHASE.chunkEnd;
        sink.onBody(source, at, end);
        at = end;
        break;
      }
      case PHASE.chunkEnd: {
        const byte = bytes[at++];
        if (byte === LF) startChunk(state);
        else if (byte !== CR) fail(state, 'a chunk is longer than its size says');
        break;
      }
      case PHASE.head:
        at = readHead(state, source, at, to, sink);
        break;
      case PHASE.sized: {
        const end = Math.min(to, at + state.left);
        state.left -= end - at;
        if (state.left === 0) state.phase = PHASE.done;
        sink.onBody(source, at, end);
        at = end;
        break;
      }
      case PHASE.untilClose:
        sink.onBody(source, at, to);
        at = to;
        break;
      default:
        at = readTrailer(state, bytes, at, to);
    }
  }
  return at;
}

function fail(state: ResponseState, why: string): void {
  state.invalid = why;
  state.keepAlive = false;
  state.phase = PHASE.done;
}

function startChunk(state: ResponseState): void {
  state.phase = PHASE.chunkSize;
  state.left = 0;
  state.count = 0;
  state.inExtension = false;
}

function readChunkSize(state: ResponseState, bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at++];
    if (byte === LF) {
      if (state.count === 0) fail(state, 'a chunk has no size');
      state.count = 0;
      if (state.phase === PHASE.chunkSize) state.phase = state.left > 0 ? PHASE.chunk : PHASE.trailer;
      return at;
    }
    const digit = state.inExtension ? -1 : hexValue[byte];
    if (digit >= 0) {
      state.left = state.left * 16 + digit;
      if (++state.count > MAX_SIZE_DIGITS) {
        fail(state, 'a chunk size has too many digits');
        return at;
      }
    } else if (state.count === 0) {
      fail(state, 'a chunk has no size');
      return at;
    } else {
      // CR, or the start of an extension, which says nothing to us.
      state.inExtension = true;
    }
  }
  return at;
}

function readTrailer(state: ResponseState, bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF) {
      if (state.count === 0) {
        state.phase = PHASE.done;
        return at + 1;
      }
      state.count = 0;
    } else if (bytes[at] !== CR) state.count++;
  }
  return to;
}

function readHead(
  state: ResponseState,
  source: ByteSource,
  from: number,
  to: number,
  sink: ResponseSink,
): number {
  const held = state.heldHead;
  if (held === null) {
    const { lastHead } = state;
    const { length } = lastHead.bytes;
    if (
      length > 0 &&
      length <= to - from &&
      lastHead.bytes.compare(source.bytes, from, from + length) === 0
    ) {
      takeLast(state, sink);
      return from + length;
    }
    const end = headEnd(source.bytes, from, to);
    if (end > 0) {
      takeHead(state, source.bytes, from, end, sink);
      return end;
    }
    state.heldHead = Buffer.from(source.bytes.subarray(from, to));
  } else {
    const joined = Buffer.concat([held, source.bytes.subarray(from, to)]);
    const end = headEnd(joined, 0, joined.length);
    if (end > 0) {
      state.heldHead = null;
      takeHead(state, joined, 0, end, sink);
      return from + end - held.length;
    }
    state.heldHead = joined;
  }
  if (state.heldHead.length > MAX_HEAD_BYTES)
    fail(state, `a response head is longer than ${MAX_HEAD_BYTES} bytes`);
  return to;
}

function takeHead(state: ResponseState, bytes: Buffer, from: number, end: number, sink: ResponseSink): void {
  const head = parseHead(bytes, from, end);
  if (typeof head === 'string') {
    fail(state, head);
    return;
  }
  const { status, keepAlive, length, chunked, facts } = head;
  if (status < 200) {
    if (status === 101) fail(state, 'the service switched protocols');
    return;
  }
  state.status = status;
  state.keepAlive = keepAlive;
  state.facts = facts;
  if (status === 204 || status === 304) state.phase = PHASE.done;
  else if (chunked) startChunk(state);
  else if (length >= 0) {
    state.left = length;
    state.phase = length > 0 ? PHASE.sized : PHASE.done;
  } else {
    state.keepAlive = false;
    state.phase = PHASE.untilClose;
  }
  remember(state, bytes.subarray(from, end));
  sink.onHead(status);
}

function remember({ lastHead, ...said }: ResponseState, head: Buffer): void {
  lastHead.bytes = Buffer.from(head);
  const { status, keepAlive, phase, left, facts } = said;
  Object.assign(lastHead, { status, keepAlive, phase, left, facts });
}

function takeLast(state: ResponseState, sink: ResponseSink): void {
  const { status, keepAlive, phase, left, facts } = state.lastHead;
  if (phase === PHASE.chunkSize) startChunk(state);
  state.status = status;
  state.keepAlive = keepAlive;
  state.phase = phase;
  state.left = left;
  state.facts = facts;
  sink.onHead(status);
}
