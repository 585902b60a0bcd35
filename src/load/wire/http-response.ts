/** The part of HTTP/1.1 that reading a response needs: head, three kinds of body, interim responses. */
import { foreignAnswer } from '../../core/failures/foreign-answer.ts';
import { readChunkSize, readTrailer } from './chunk-frame.ts';
import { headEnd, NO_HTTP, parseHead } from './response-head.ts';
import { fail, PHASE, type ResponseState, startChunk } from './response-state.ts';
import type { ByteSource } from './shapes/read-buffer.ts';

export interface ResponseSink {
  /** The head of the final response; interim (1xx) heads are skipped. */
  onHead(status: number): void;
  onBody(source: ByteSource, from: number, to: number): void;
  /** Chunks begin at `from`, and the sink may read whole ones by itself; returns the position behind them. */
  onChunks(source: ByteSource, from: number, to: number): number;
  /** True once the sink wants no more bytes. */
  readonly over: boolean;
}

const CR = 13;
const LF = 10;
const LETTER_H = 72;
const MAX_HEAD_BYTES = 65_536;
const MAX_INTERIM = 100;

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
        else if (byte !== CR || state.count++ > 0) fail(state, 'a chunk is longer than its size says');
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
    if (source.bytes[from] !== LETTER_H) {
      fail(state, foreignAnswer(source.bytes.subarray(from, to)) ?? NO_HTTP);
      return to;
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
    else if (++state.interim > MAX_INTERIM) fail(state, `more than ${MAX_INTERIM} interim responses (1xx)`);
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
