/**
 * The events of one response mostly differ in their text alone. Where one has been read, the next is expected to be
 * the same bytes before and behind its text, ids and numbers included: one comparison, without looking for holes.
 */
import { type ChunkScan, HEAD_BYTES, type Slot, TAIL_BYTES } from './chunk-scan.ts';
import { type EventShape, isContinuation } from './event-shape.ts';
import type { ByteSource } from './read-buffer.ts';

/** What is expected of the next event of a response. */
export interface EventRun {
  /** The shape of the event it was taken from; null: nothing is expected. */
  shape: EventShape | null;
  /** Where its bytes are kept; null: nothing was ever expected. */
  slot: Slot | null;
  /** Whose slot it is; null: our own. */
  scan: ChunkScan | null;
  headLength: number;
  tailLength: number;
  /** Events in a row that were not what was expected. */
  misses: number;
  /** The last event that fitted: its text, and what is behind it. */
  textFrom: number;
  textTo: number;
  end: number;
}

/** A service with a number that changes from event to event is not learned again for each of them. */
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
    headLength: 0,
    tailLength: 0,
    misses: 0,
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

/** Gives back what belongs to the read buffer. Nothing is expected afterwards. */
export function endRun(run: EventRun): void {
  if (run.slot !== null) run.scan?.giveSlot(run.slot);
  run.shape = null;
  run.slot = null;
  run.scan = null;
}

/** Expects further events like the one of `shape` from `from` to `to`, whose text is the bytes `textFrom` to `textTo`. */
export function expectLike(
  run: EventRun,
  shape: EventShape,
  source: ByteSource,
  from: number,
  to: number,
  textFrom: number,
  textTo: number,
): void {
  const headLength = textFrom - from;
  const tailLength = to - textTo;
  run.shape = null;
  if (headLength < WORD || headLength > HEAD_BYTES || tailLength < WORD || tailLength > TAIL_BYTES) return;
  if (run.misses > MAX_MISSES) return;
  run.misses++;
  run.shape = shape;
  run.headLength = headLength;
  run.tailLength = tailLength;
  const { view, headAt, tailAt } = slotFor(run, source.scan);
  copyWords(source.view, from, view, headAt, headLength);
  copyWords(source.view, textTo, view, tailAt, tailLength);
}

/** One of the read buffer's if there is one to be had. */
function slotFor(run: EventRun, scan: ChunkScan | null): Slot {
  const slot = run.scan === null && scan !== null ? scan.takeSlot() : null;
  if (slot !== null) {
    run.scan = scan;
    run.slot = slot;
  }
  run.slot ??= {
    view: new DataView(new ArrayBuffer(HEAD_BYTES + TAIL_BYTES)),
    headAt: 0,
    tailAt: HEAD_BYTES,
  };
  return run.slot;
}

/** Eight bytes at a time, the last eight overlapping the ones before. */
function copyWords(from: DataView, fromAt: number, to: DataView, toAt: number, length: number): void {
  const last = length - WORD;
  for (let i = 0; i < last; i += WORD) to.setFloat64(toAt + i, from.getFloat64(fromAt + i));
  to.setFloat64(toAt + last, from.getFloat64(fromAt + last));
}

/** True when the event at `from` is as expected and ends at or before `to`; `run` then tells where its text is. */
export function isExpected(run: EventRun, source: ByteSource, from: number, to: number): boolean {
  const { headLength, tailLength } = run;
  const { view: own, headAt, tailAt } = run.slot!;
  const { bytes, view } = source;
  const textFrom = from + headLength;
  if (textFrom > to || !areSame(own, headAt, view, from, headLength)) return false;
  let at = textFrom;
  if (isContinuation(bytes[at])) return false;
  while (at < to && PLAIN[bytes[at]] === 1) at++;
  const end = at + tailLength;
  if (at === textFrom || end > to || !areSame(own, tailAt, view, at, tailLength)) return false;
  run.textFrom = textFrom;
  run.textTo = at;
  run.end = end;
  run.misses = 0;
  return true;
}

/**
 * Passes over the whole chunks from `from` on that hold nothing but expected events; `source.scan` then tells what was
 * in them. Returns the position behind the last one, which is `from` when there is none.
 */
export function passChunks(run: EventRun, source: ByteSource, from: number, to: number): number {
  const { scan } = source;
  const { shape, slot, scan: owner, headLength, tailLength } = run;
  if (scan === null || owner !== scan || shape === null) return from;
  const end = scan.pass(slot!, headLength, tailLength, from, to);
  if (end !== from) run.misses = 0;
  return end;
}

/** Compared as event-shape.ts does: by floats, which tell any bytes of JSON apart. */
function areSame(a: DataView, aAt: number, b: DataView, bAt: number, length: number): boolean {
  const last = length - WORD;
  if (a.getFloat64(aAt + last) !== b.getFloat64(bAt + last)) return false;
  for (let i = 0; i < last; i += WORD) if (a.getFloat64(aAt + i) !== b.getFloat64(bAt + i)) return false;
  return true;
}
