/**
 * The events of one response mostly differ in their text alone. Where one has been read, the next is expected to be
 * the same bytes before and behind its text, ids and numbers included: one comparison, without looking for holes.
 */
import {
  type ChunkScan,
  HEAD_BYTES,
  type Literal,
  newSlot,
  SLOT_BYTES,
  type Slot,
  TAIL_BYTES,
} from './chunk-scan.ts';
import { type EventShape, type Found, isContinuation } from './event-shape.ts';
import type { ByteSource } from './read-buffer.ts';

/** What is expected of the next event of a response. */
export interface EventRun {
  /** The shape of the event it was taken from; null: nothing is expected. */
  shape: EventShape | null;
  /** Where its bytes are kept; null: nothing was ever expected. */
  slot: Slot | null;
  /** Whose slot it is; null: our own. */
  scan: ChunkScan | null;
  /** Events in a row that were not what was expected. */
  misses: number;
  /** The last events that fitted: how many, where their texts are, and what is behind them. */
  events: number;
  textFrom: number;
  textTo: number;
  end: number;
}

/** After so many misses in a row nothing more is expected: some number changes from event to event. */
const MAX_MISSES = 4;
const WORD = 8;
const QUOTE = 34;
const BACKSLASH = 92;

/** 1 for the bytes of a JSON string that stand for themselves. */
const PLAIN = new Uint8Array(256).fill(1, 32);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

export function newEventRun(): EventRun {
  return {
    shape: null,
    slot: null,
    scan: null,
    misses: 0,
    events: 0,
    textFrom: 0,
    textTo: 0,
    end: 0,
  };
}

/** Forgets the response before; keeps the memory. */
export function startRun(run: EventRun): void {
  run.shape = null;
  run.misses = 0;
}

/** Gives the slot back to the read buffer. Nothing is expected afterwards. */
export function endRun(run: EventRun): void {
  if (run.slot !== null) run.scan?.giveSlot(run.slot);
  run.shape = null;
  run.slot = null;
  run.scan = null;
}

/** Expects further events like the one of `shape` that was found in `source`, if it is one text and nothing else. */
export function expectLike(run: EventRun, shape: EventShape, source: ByteSource, found: Found): void {
  if (shape.isLast || !shape.isOutput || shape.hasText === shape.hasReasoning) return;
  const textFrom = shape.hasText ? found.textFrom : found.reasoningFrom;
  const textTo = shape.hasText ? found.textTo : found.reasoningTo;
  const headLength = textFrom - found.start;
  const tailLength = found.end - textTo;
  run.shape = null;
  if (headLength < WORD || headLength > HEAD_BYTES || tailLength < WORD || tailLength > TAIL_BYTES) return;
  if (run.misses > MAX_MISSES) return;
  run.misses++;
  run.shape = shape;
  const { head, tail } = slotFor(run, source.scan);
  head.length = headLength;
  tail.length = tailLength;
  keep(head, source.view, found.start);
  keep(tail, source.view, textTo);
}

/** A slot in the memory of the read buffer while there is one left, else one of its own. */
function slotFor(run: EventRun, scan: ChunkScan | null): Slot {
  const slot = run.scan === null && scan !== null ? scan.takeSlot() : null;
  if (slot !== null) {
    run.scan = scan;
    run.slot = slot;
  }
  run.slot ??= newSlot(new DataView(new ArrayBuffer(SLOT_BYTES)), 0);
  return run.slot;
}

/** Copies eight bytes at a time, the last eight overlapping the ones before. */
function keep({ view, at, length }: Literal, from: DataView, fromAt: number): void {
  const last = length - WORD;
  for (let i = 0; i < last; i += WORD) view.setFloat64(at + i, from.getFloat64(fromAt + i));
  view.setFloat64(at + last, from.getFloat64(fromAt + last));
}

/** True when the event at `from` is as expected and ends at or before `to`; `run` then tells where its text is. */
export function isExpected(run: EventRun, source: ByteSource, from: number, to: number): boolean {
  const { head, tail } = run.slot!;
  const { bytes, view } = source;
  const textFrom = from + head.length;
  if (textFrom > to || !stands(head, view, from)) return false;
  let at = textFrom;
  if (isContinuation(bytes[at])) return false;
  while (at < to && PLAIN[bytes[at]] === 1) at++;
  const end = at + tail.length;
  if (at === textFrom || end > to || !stands(tail, view, at)) return false;
  run.events = 1;
  run.textFrom = textFrom;
  run.textTo = at;
  run.end = end;
  run.misses = 0;
  return true;
}

/**
 * Passes over the whole chunks from `from` on that hold nothing but expected events; `run` then tells what was in them,
 * in the memory of `source.scan`. Returns the position behind the last one, which is `from` when there is none.
 */
export function passChunks(run: EventRun, source: ByteSource, from: number, to: number): number {
  const { scan } = source;
  if (scan === null || run.scan !== scan || run.shape === null) return from;
  const end = scan.pass(run.slot!, from, to);
  if (end === from) return from;
  run.misses = 0;
  run.events = scan.events();
  run.textFrom = scan.textFrom;
  run.textTo = scan.textTo();
  return end;
}

/** Compares as event-shape.ts does: by floats, which tell any bytes of JSON apart. */
function stands({ view, at, length }: Literal, other: DataView, from: number): boolean {
  const last = length - WORD;
  if (view.getFloat64(at + last) !== other.getFloat64(from + last)) return false;
  for (let i = 0; i < last; i += WORD) {
    if (view.getFloat64(at + i) !== other.getFloat64(from + i)) return false;
  }
  return true;
}
