/**
 * Finds the events of a `text/event-stream` body as the WHATWG standard cuts them: lines end with LF,
 * CRLF or CR, a blank line ends an event, several `data:` lines are joined. Whole events of a known shape
 * are told by comparing (event-shape.ts); everything else is handed out to be parsed.
 */

import { type EventRun, isExpected, newEventRun, startRun } from './shapes/event-run.ts';
import type { EventShape } from './shapes/event-shape.ts';
import { type ByteSource, byteSource } from './shapes/read-buffer.ts';
import { type EventPlace, findShape, type ShapeTable } from './shapes/shape-table.ts';

export interface EventSink {
  /** An event that is as `run` expects it; `run` says where its text is. */
  onExpected(run: EventRun, source: ByteSource): void;
  /** An event that fits `shape`; what is in its holes is in the table's `found`. */
  onShape(shape: EventShape, source: ByteSource, from: number): void;
  /** Any other event. `place` tells where it is when it is one single data line, else null. */
  onEvent(data: string, source: ByteSource, place: EventPlace | null): void;
  onComment(): void;
  onTooLong(): void;
  readonly over: boolean;
}

/** Where the scan of one body stands. Offsets count from the first byte of the event being read. */
export interface SseState {
  /** The unfinished event, when it came in several reads. */
  held: ByteSource;
  heldLength: number;
  lineAt: number;
  scanned: number;
  /** The first data line's payload; -1: none yet. */
  dataFrom: number;
  dataTo: number;
  /** The payload so far when it has several lines. */
  joined: string | null;
  /** Only one data line and nothing else so far. */
  plain: boolean;
  /** The last line ended with CR; an LF right behind belongs to it. */
  skipLf: boolean;
  atStreamStart: boolean;
  /**
   * The first CR at or behind the position of the scan, when known (else -1). Found once and kept: a stream
   * without CRs must not be searched to its end for every event.
   */
  crAt: number;
  /** What the next event is expected to be. */
  run: EventRun;
}

/** An event longer than this is no event: the arguments of a large tool call are a tenth of it. */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;
/** More memory than this is not kept for the next body. */
const MOST_KEPT_BYTES = 65_536;
const FIRST_HELD_BYTES = 1024;
const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;
const NOTHING = byteSource(0);

export function newSseState(): SseState {
  return {
    held: NOTHING,
    heldLength: 0,
    lineAt: 0,
    scanned: 0,
    dataFrom: -1,
    dataTo: -1,
    joined: null,
    plain: true,
    skipLf: false,
    atStreamStart: true,
    crAt: -1,
    run: newEventRun(),
  };
}

/** Makes the state ready for another body; keeps its memory. */
export function startStream(state: SseState): void {
  startEvent(state);
  startRun(state.run);
  state.heldLength = 0;
  state.skipLf = false;
  state.atStreamStart = true;
}

/** Gives back the memory of an event of unusual length; call it between two bodies. */
export function trimStream(state: SseState): void {
  if (state.held.bytes.length > MOST_KEPT_BYTES) state.held = NOTHING;
  state.heldLength = 0;
  state.joined = null;
}

function startEvent(state: SseState): void {
  state.lineAt = 0;
  state.scanned = 0;
  state.dataFrom = -1;
  state.joined = null;
  state.plain = true;
}

/** True when the next byte is the first of an event. */
export function isBetweenEvents(state: SseState): boolean {
  return state.heldLength === 0 && state.scanned === 0 && !state.skipLf;
}

/** Scans the bytes `from` … `to` of a body. Without shapes every event is handed out to be parsed. */
export function scanEvents(
  state: SseState,
  source: ByteSource,
  from: number,
  to: number,
  shapes: ShapeTable | null,
  sink: EventSink,
): void {
  const { run } = state;
  let src = source;
  let at = from;
  let end = to;
  if (state.heldLength > 0) {
    hold(state, source, from, to);
    src = state.held;
    at = 0;
    end = state.heldLength;
  }
  state.crAt = -1;
  while (at < end && !sink.over) {
    if (shapes !== null && state.scanned === 0 && !state.skipLf) {
      if (run.shape !== null && isExpected(run, src, at, end)) {
        at = run.end;
        sink.onExpected(run, src);
        continue;
      }
      const shape = findShape(shapes, src, at, end);
      if (shape !== null) {
        const start = at;
        at = shapes.found.end;
        state.atStreamStart = false;
        sink.onShape(shape, src, start);
        continue;
      }
    }
    const next = scanEvent(state, src, at, end, sink);
    if (next < 0) break;
    at = next;
  }
  keepRest(state, src, at, end, sink);
}

/** A body that ended without the last blank line: hands out the event that it was in the middle of. */
export function finishStream(state: SseState, sink: EventSink): void {
  if (state.heldLength === 0) return;
  const blank = byteSource(2);
  blank.bytes.fill(LF);
  scanEvents(state, blank, 0, 2, null, sink);
}

/** Position of the first LF or CR at or behind `from`, or `end`. Two native searches beat a loop over bytes tenfold. */
function lineEndAt(state: SseState, bytes: Buffer, from: number, end: number): number {
  if (state.crAt < from) state.crAt = positionOf(bytes, CR, from, end);
  return Math.min(positionOf(bytes, LF, from, end), state.crAt, end);
}

function positionOf(bytes: Buffer, byte: number, from: number, end: number): number {
  const at = bytes.indexOf(byte, from);
  return at < 0 ? end : at;
}

/** Reads lines up to the end of one event; returns the position behind it, or -1 when more bytes are needed. */
function scanEvent(state: SseState, src: ByteSource, base: number, end: number, sink: EventSink): number {
  const { bytes } = src;
  let line = base + state.lineAt;
  let at = base + state.scanned;
  for (;;) {
    if (state.skipLf && at < end) {
      state.skipLf = false;
      if (bytes[at] === LF) {
        at++;
        line = at;
        // The LF of a blank line's CRLF is no part of the next event.
        if (state.lineAt === 0 && state.scanned === 0) return at;
      }
    }
    at = lineEndAt(state, bytes, at, end);
    if (at >= end) {
      state.lineAt = line - base;
      state.scanned = at - base;
      return -1;
    }
    const lineEnd = at;
    at++;
    if (bytes[lineEnd] === CR) {
      if (at < end) {
        if (bytes[at] === LF) at++;
      } else state.skipLf = true;
    }
    if (state.atStreamStart) {
      state.atStreamStart = false;
      if (
        lineEnd - line >= 3 &&
        bytes[line] === 0xef &&
        bytes[line + 1] === 0xbb &&
        bytes[line + 2] === 0xbf
      ) {
        line += 3;
        state.plain = false;
      }
    }
    if (lineEnd === line) {
      emit(state, src, base, at, sink);
      startEvent(state);
      return at;
    }
    readLine(state, bytes, base, line, lineEnd, sink);
    line = at;
  }
}

function readLine(
  state: SseState,
  bytes: Buffer,
  base: number,
  line: number,
  lineEnd: number,
  sink: EventSink,
): void {
  if (bytes[line] === COLON) {
    state.plain = false;
    sink.onComment();
    return;
  }
  const isData =
    bytes[line] === 0x64 && // d
    bytes[line + 1] === 0x61 && // a
    bytes[line + 2] === 0x74 && // t
    bytes[line + 3] === 0x61 && // a
    (line + 4 === lineEnd || bytes[line + 4] === COLON);
  if (!isData) {
    state.plain = false;
    return;
  }
  let payload = Math.min(line + 5, lineEnd);
  if (payload < lineEnd && bytes[payload] === SPACE) payload++;
  if (state.dataFrom < 0) {
    if (line !== base) state.plain = false;
    state.dataFrom = payload - base;
    state.dataTo = lineEnd - base;
    return;
  }
  state.plain = false;
  state.joined ??= bytes.toString('utf8', base + state.dataFrom, base + state.dataTo);
  state.joined += `\n${bytes.toString('utf8', payload, lineEnd)}`;
}

function emit(state: SseState, src: ByteSource, start: number, end: number, sink: EventSink): void {
  if (state.dataFrom < 0) return;
  const payload = start + state.dataFrom;
  const lineEnd = start + state.dataTo;
  const data = state.joined ?? src.bytes.toString('utf8', payload, lineEnd);
  sink.onEvent(data, src, state.plain ? { start, payload, lineEnd, end } : null);
}

function keepRest(state: SseState, src: ByteSource, at: number, end: number, sink: EventSink): void {
  const rest = end - at;
  if (src === state.held) {
    if (at > 0) src.bytes.copyWithin(0, at, end);
    state.heldLength = rest;
  } else {
    state.heldLength = 0;
    if (rest > 0) hold(state, src, at, end);
  }
  if (state.heldLength > MAX_EVENT_BYTES) sink.onTooLong();
}

function hold(state: SseState, source: ByteSource, from: number, to: number): void {
  const length = state.heldLength + to - from;
  if (length > state.held.bytes.length) {
    const larger = byteSource(Math.max(FIRST_HELD_BYTES, 2 ** Math.ceil(Math.log2(length))));
    state.held.bytes.copy(larger.bytes, 0, 0, state.heldLength);
    state.held = larger;
  }
  source.bytes.copy(state.held.bytes, state.heldLength, from, to);
  state.heldLength = length;
}
