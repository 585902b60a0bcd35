/** The part of HTTP/1.1 that reading a response needs: head, three kinds of body, interim responses. */
import { NO_HTTP } from '../../../core/failures/failure-hints.ts';
import { foreignAnswer } from '../../../core/failures/foreign-answer.ts';
import type { ByteSource } from '../shapes/read-buffer.ts';
import { readChunkSize, readTrailer } from './chunk-frame.ts';
import { headEnd, parseHead } from './response-head.ts';
import { fail, PHASE, type ResponseState, startChunk } from './response-state.ts';

const CR = 13;
const LF = 10;
const LETTER_H = 72;
const MAX_HEAD_BYTES = 65_536;
const MAX_INTERIM = 100;

/**
 * Reads the bytes `from` … `to`; returns the position behind the last one used, which is before `to` only
 * when the response is complete, invalid, or the sink is over.
 */
export function readResponse(state: ResponseState, source: ByteSource, from: number, to: number): number {
  const { sink } = state;
  let at = from;
  while (at < to && state.phase !== PHASE.done && !sink.over) {
    switch (state.phase) {
      case PHASE.chunkSize:
        at = readChunks(state, source, at, to);
        break;
      case PHASE.chunk:
        at = readSized(state, source, at, to);
        if (state.left === 0) state.phase = PHASE.chunkEnd;
        break;
      case PHASE.chunkEnd:
        readChunkEnd(state, source.bytes[at++]);
        break;
      case PHASE.head:
        at = readHead(state, source, at, to);
        break;
      case PHASE.sized:
        at = readSized(state, source, at, to);
        if (state.left === 0) state.phase = PHASE.done;
        break;
      case PHASE.untilClose:
        sink.onBody(source, at, to);
        at = to;
        break;
      default:
        at = readTrailer(state, source.bytes, at, to);
    }
  }
  return at;
}

/** Whole chunks as far as the sink reads them by itself, else the size of one. */
function readChunks(state: ResponseState, source: ByteSource, from: number, to: number): number {
  const isBetween = state.count === 0 && !state.inExtension;
  const at = isBetween ? state.sink.onChunks(source, from, to) : from;
  return at === from ? readChunkSize(state, source.bytes, from, to) : at;
}

/** What has come of a chunk or of a body whose length is known. */
function readSized(state: ResponseState, source: ByteSource, from: number, to: number): number {
  const end = Math.min(to, from + state.left);
  state.left -= end - from;
  state.sink.onBody(source, from, end);
  return end;
}

function readChunkEnd(state: ResponseState, byte: number): void {
  if (byte === LF) startChunk(state);
  else if (byte !== CR || state.count++ > 0) fail(state, 'a chunk is longer than its size says');
}

function readHead(state: ResponseState, source: ByteSource, from: number, to: number): number {
  if (state.heldHead !== null) {
    return readRestOfHead(state, state.heldHead, source.bytes.subarray(from, to), from);
  }
  const { bytes } = source;
  if (isLastHead(state, bytes, from, to)) {
    takeLast(state);
    return from + state.lastHead.bytes.length;
  }
  if (bytes[from] !== LETTER_H) {
    fail(state, foreignAnswer(bytes.subarray(from, to)) ?? NO_HTTP);
    return to;
  }
  const end = headEnd(bytes, from, to);
  if (end > 0) {
    takeHead(state, bytes.subarray(from, end));
    return end;
  }
  holdHead(state, Buffer.from(bytes.subarray(from, to)));
  return to;
}

/** A head that comes in several reads; `more` stands at `from` in the last one. */
function readRestOfHead(state: ResponseState, held: Buffer, more: Buffer, from: number): number {
  const joined = Buffer.concat([held, more]);
  const end = headEnd(joined, 0, joined.length);
  if (end > 0) {
    state.heldHead = null;
    takeHead(state, joined.subarray(0, end));
    return from + end - held.length;
  }
  holdHead(state, joined);
  return from + more.length;
}

function holdHead(state: ResponseState, head: Buffer): void {
  state.heldHead = head;
  if (head.length > MAX_HEAD_BYTES) fail(state, `a response head is longer than ${MAX_HEAD_BYTES} bytes`);
}

function isLastHead({ lastHead }: ResponseState, bytes: Buffer, from: number, to: number): boolean {
  const { length } = lastHead.bytes;
  if (length === 0 || length > to - from) return false;
  return lastHead.bytes.compare(bytes, from, from + length) === 0;
}

function takeHead(state: ResponseState, bytes: Buffer): void {
  const head = parseHead(bytes, 0, bytes.length);
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
  remember(state, bytes);
  state.sink.onHead(status);
}

function remember({ lastHead, status, keepAlive, phase, left, facts }: ResponseState, head: Buffer): void {
  lastHead.bytes = Buffer.from(head);
  Object.assign(lastHead, { status, keepAlive, phase, left, facts });
}

function takeLast(state: ResponseState): void {
  const { status, keepAlive, phase, left, facts } = state.lastHead;
  if (phase === PHASE.chunkSize) startChunk(state);
  state.status = status;
  state.keepAlive = keepAlive;
  state.phase = phase;
  state.left = left;
  state.facts = facts;
  state.sink.onHead(status);
}
