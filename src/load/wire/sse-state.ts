/** Where the scan of one event stream stands, and who is told what is in it. */
import { type EventRun, newEventRun, startRun } from './shapes/event-run.ts';
import type { EventShape } from './shapes/event-shape.ts';
import { type ByteSource, byteSource } from './shapes/read-buffer.ts';
import type { EventPlace, ShapeTable } from './shapes/shape-table.ts';

export interface EventSink {
  /** Events that are as `run` expects them; `run` says how many and where in `bytes` their texts are. */
  onExpected(run: EventRun, bytes: Buffer): void;
  /** An event that fits `shape`; what is in its holes is in the table's `found`. */
  onShape(shape: EventShape, source: ByteSource): void;
  /** Any other event. `place` tells where it is when it is one single data line, else null. */
  onEvent(data: string, source: ByteSource, place: EventPlace | null): void;
  onComment(): void;
  onTooLong(): void;
  readonly over: boolean;
}

/** Where the scan of one body stands. Offsets count from the first byte of the event being read. */
export interface SseState {
  readonly sink: EventSink;
  /** Null when every event is to be parsed. */
  readonly shapes: ShapeTable | null;
  /** Where the event being read begins in its source. */
  base: number;
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

/** More memory than this is not kept for the next body. */
const MAX_KEPT_BYTES = 65_536;
const NOTHING = byteSource(0);

export function newSseState(sink: EventSink, shapes: ShapeTable | null): SseState {
  return {
    sink,
    shapes,
    base: 0,
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
  if (state.held.bytes.length > MAX_KEPT_BYTES) state.held = NOTHING;
  state.heldLength = 0;
  state.joined = null;
}

/** Forgets the event before. */
export function startEvent(state: SseState): void {
  state.lineAt = 0;
  state.scanned = 0;
  state.dataFrom = -1;
  state.joined = null;
  state.plain = true;
}
