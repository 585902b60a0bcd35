/** Where one response stands while it is read. */

import type { ByteSource } from '../shapes/read-buffer.ts';
import { type HeadFacts, NO_FACTS } from './response-head.ts';

export const PHASE = {
  head: 0,
  sized: 1,
  untilClose: 2,
  chunkSize: 3,
  chunk: 4,
  chunkEnd: 5,
  trailer: 6,
  done: 7,
} as const;

/** Takes what a response holds. */
export interface ResponseSink {
  /** The head of the final response; interim (1xx) heads are skipped. */
  onHead(status: number): void;
  onBody(source: ByteSource, from: number, to: number): void;
  /** Chunks begin at `from`, and the sink may read whole ones by itself; returns the position behind them. */
  onChunks(source: ByteSource, from: number, to: number): number;
  /** True once the sink wants no more bytes. */
  readonly over: boolean;
}

/** Where one response stands; reused from response to response of a connection. */
export interface ResponseState {
  readonly sink: ResponseSink;
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
  /** Bytes of trailers and chunk extensions, and interim heads, so far. */
  extras: number;
  interim: number;
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

export function newResponseState(sink: ResponseSink, lastHead = noHead()): ResponseState {
  return {
    sink,
    phase: PHASE.head,
    status: 0,
    keepAlive: false,
    invalid: '',
    left: 0,
    count: 0,
    inExtension: false,
    extras: 0,
    interim: 0,
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
  state.extras = 0;
  state.interim = 0;
  state.facts = NO_FACTS;
}

export const isComplete = (state: ResponseState): boolean => state.phase === PHASE.done;

/** Call when the connection ended: true when the end of the connection is the end of the body. */
export function completesAtClose(state: ResponseState): boolean {
  return state.phase === PHASE.untilClose;
}

/** The bytes are no HTTP response, and the connection is of no use any more. */
export function fail(state: ResponseState, why: string): void {
  state.invalid = why;
  state.keepAlive = false;
  state.phase = PHASE.done;
}

export function startChunk(state: ResponseState): void {
  state.phase = PHASE.chunkSize;
  state.left = 0;
  state.count = 0;
  state.inExtension = false;
}
