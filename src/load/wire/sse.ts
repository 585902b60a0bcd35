/**
 * Finds the events of a `text/event-stream` body as the WHATWG standard cuts them: lines end with LF,
 * CRLF or CR, a blank line ends an event, several `data:` lines are joined. Whole events of a known shape
 * are told by comparing (event-shape.ts); everything else is handed out to be parsed.
 */

import { expectLike, isExpected, passChunks } from './shapes/event-run.ts';
import { type ByteSource, byteSource } from './shapes/read-buffer.ts';
import { findShape } from './shapes/shape-table.ts';
import { type SseState, startEvent } from './sse-state.ts';

/** An event longer than this is no event: the arguments of a large tool call are a tenth of it. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;
const FIRST_HELD_BYTES = 1024;
const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;

/**
 * Passes over the whole chunks of a chunked body that hold nothing but expected events: most of a response, which is
 * noted in one go. Returns the position behind them.
 */
export function scanChunks(state: SseState, source: ByteSource, from: number, to: number): number {
  if (state.heldLength > 0 || state.scanned > 0 || state.skipLf) return from;
  const end = passChunks(state.run, source, from, to);
  if (end > from) state.sink.onExpected(state.run, source.scan!.bytes);
  return end;
}

/** Scans the bytes `from` … `to` of a body. */
export function scanEvents(state: SseState, source: ByteSource, from: number, to: number): void {
  const { sink } = state;
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
    let next = scanKnown(state, src, at, end);
    if (next < 0) next = scanEvent(state, src, at, end);
    if (next < 0) break;
    at = next;
  }
  keepRest(state, src, at, end);
}

/** Reads an event by comparing; returns the position behind it, or -1 when it has to be read line by line. */
function scanKnown(state: SseState, src: ByteSource, at: number, end: number): number {
  const { shapes, run, sink } = state;
  if (shapes === null || state.scanned > 0 || state.skipLf) return -1;
  if (run.shape !== null && isExpected(run, src, at, end)) {
    sink.onExpected(run, src.bytes);
    return run.end;
  }
  const shape = findShape(shapes, src, at, end);
  if (shape === null) return -1;
  state.atStreamStart = false;
  sink.onShape(shape, src);
  expectLike(run, shape, src, shapes.found);
  return shapes.found.end;
}

/** A body that ended without the last blank line: hands out the event that it was in the middle of. */
export function finishStream(state: SseState): void {
  if (state.heldLength === 0) return;
  const blank = byteSource(2);
  blank.bytes.fill(LF);
  scanEvents(state, blank, 0, 2);
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
function scanEvent(state: SseState, src: ByteSource, base: number, end: number): number {
  const { bytes } = src;
  state.base = base;
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
    const lineEnd = lineEndAt(state, bytes, at, end);
    if (lineEnd >= end) {
      state.lineAt = line - base;
      state.scanned = lineEnd - base;
      return -1;
    }
    at = behindLineEnd(state, bytes, lineEnd, end);
    if (state.atStreamStart) line = behindByteOrderMark(state, bytes, line, lineEnd);
    if (lineEnd === line) {
      emit(state, src, at);
      startEvent(state);
      return at;
    }
    readLine(state, bytes, line, lineEnd);
    line = at;
  }
}

/** Position behind the LF, CR or CRLF at `lineEnd`, as far as it has come. */
function behindLineEnd(state: SseState, bytes: Buffer, lineEnd: number, end: number): number {
  const next = lineEnd + 1;
  if (bytes[lineEnd] !== CR) return next;
  if (next === end) {
    state.skipLf = true;
    return next;
  }
  return bytes[next] === LF ? next + 1 : next;
}

/** Where the first line of a stream begins. */
function behindByteOrderMark(state: SseState, bytes: Buffer, line: number, lineEnd: number): number {
  state.atStreamStart = false;
  const isMarked =
    lineEnd - line >= 3 && bytes[line] === 0xef && bytes[line + 1] === 0xbb && bytes[line + 2] === 0xbf;
  if (!isMarked) return line;
  state.plain = false;
  return line + 3;
}

function readLine(state: SseState, bytes: Buffer, line: number, lineEnd: number): void {
  if (bytes[line] === COLON) {
    state.plain = false;
    state.sink.onComment();
    return;
  }
  if (!isDataLine(bytes, line, lineEnd)) {
    state.plain = false;
    return;
  }
  const { base } = state;
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

function isDataLine(bytes: Buffer, line: number, lineEnd: number): boolean {
  return (
    bytes[line] === 0x64 && // d
    bytes[line + 1] === 0x61 && // a
    bytes[line + 2] === 0x74 && // t
    bytes[line + 3] === 0x61 && // a
    (line + 4 === lineEnd || bytes[line + 4] === COLON)
  );
}

function emit(state: SseState, src: ByteSource, end: number): void {
  if (state.dataFrom < 0) return;
  const start = state.base;
  const payload = start + state.dataFrom;
  const lineEnd = start + state.dataTo;
  const data = state.joined ?? src.bytes.toString('utf8', payload, lineEnd);
  state.sink.onEvent(data, src, state.plain ? { start, payload, lineEnd, end } : null);
}

function keepRest(state: SseState, src: ByteSource, at: number, end: number): void {
  const rest = end - at;
  if (src === state.held) {
    if (at > 0) src.bytes.copyWithin(0, at, end);
    state.heldLength = rest;
  } else {
    state.heldLength = 0;
    if (rest > 0) hold(state, src, at, end);
  }
  if (state.heldLength > MAX_EVENT_BYTES) state.sink.onTooLong();
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
