/**
 * The events of one response mostly differ in their text alone. Where one has been read, the next is expected to be
 * the same bytes before and behind its text, ids and numbers included: one comparison, without looking for holes.
 */
import type { EventShape } from './event-shape.ts';
import type { ByteSource } from './read-buffer.ts';

/** What is expected of the next event of a response. */
export interface EventRun {
  /** The shape of the event it was taken from; null: nothing is expected. */
  shape: EventShape | null;
  /** The bytes before the text by eights, the last eight overlapping the ones before; so is `tail`. */
  head: Float64Array;
  headLength: number;
  tail: Float64Array;
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
const NOTHING = new Float64Array(0);
const QUOTE = 34;
const BACKSLASH = 92;

/** 1 for the bytes of a JSON string that stand for themselves. */
const PLAIN = new Uint8Array(256).fill(1, 32);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

export function newEventRun(): EventRun {
  return {
    shape: null,
    head: NOTHING,
    headLength: 0,
    tail: NOTHING,
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

/** Expects further events like the one of `shape` from `from` to `to`, whose text is the bytes `textFrom` to `textTo`. */
export function expectLike(
  run: EventRun,
  shape: EventShape,
  { view }: ByteSource,
  from: number,
  to: number,
  textFrom: number,
  textTo: number,
): void {
  run.shape = null;
  if (textFrom - from < WORD || to - textTo < WORD || run.misses > MAX_MISSES) return;
  run.misses++;
  run.shape = shape;
  run.headLength = textFrom - from;
  run.tailLength = to - textTo;
  run.head = wordsOf(run.head, view, from, run.headLength);
  run.tail = wordsOf(run.tail, view, textTo, run.tailLength);
}

function wordsOf(old: Float64Array, view: DataView, from: number, length: number): Float64Array {
  const count = Math.ceil(length / WORD);
  const words = old.length === count ? old : new Float64Array(count);
  for (let i = 0; i < count - 1; i++) words[i] = view.getFloat64(from + WORD * i, true);
  words[count - 1] = view.getFloat64(from + length - WORD, true);
  return words;
}

/** True when the event at `from` is as expected and ends at or before `to`; `run` then tells where its text is. */
export function isExpected(run: EventRun, source: ByteSource, from: number, to: number): boolean {
  const { bytes, view } = source;
  const textFrom = from + run.headLength;
  if (textFrom > to || !stand(run.head, run.headLength, view, from)) return false;
  let at = textFrom;
  while (at < to && PLAIN[bytes[at]] === 1) at++;
  const end = at + run.tailLength;
  if (at === textFrom || end > to || !stand(run.tail, run.tailLength, view, at)) return false;
  run.textFrom = textFrom;
  run.textTo = at;
  run.end = end;
  run.misses = 0;
  return true;
}

/** By fours: a third of the time of a plain loop. */
function stand(words: Float64Array, length: number, view: DataView, at: number): boolean {
  const last = words.length - 1;
  if (view.getFloat64(at + length - WORD, true) !== words[last]) return false;
  let i = 0;
  for (let from = at; i + 4 <= last; i += 4, from += 4 * WORD) {
    if (
      view.getFloat64(from, true) !== words[i] ||
      view.getFloat64(from + WORD, true) !== words[i + 1] ||
      view.getFloat64(from + 2 * WORD, true) !== words[i + 2] ||
      view.getFloat64(from + 3 * WORD, true) !== words[i + 3]
    )
      return false;
  }
  for (; i < last; i++) if (view.getFloat64(at + WORD * i, true) !== words[i]) return false;
  return true;
}
