/**
 * What lets an event be read without parsing it. The events of a service come in a few shapes: the same
 * bytes, except for a text, an id and some numbers. A shape (learned by learn-shape.ts) is compared byte for
 * byte with holes for those; an event that fits says what the sample said, with the holes' values put in.
 */
import type { Delta } from '../../../core/protocol.ts';
import type { ByteSource } from './read-buffer.ts';

/** What may differ from event to event. */
export const HOLE = {
  /** The shape ends here. */
  none: 0,
  /** Inside of a string of at least one byte. */
  text: 1,
  reasoning: 2,
  tool: 3,
  id: 4,
  /** Whole numbers. */
  inTokens: 5,
  outTokens: 6,
  cachedTokens: 7,
  /** A number that says nothing. */
  number: 8,
  /** A string that says nothing. */
  string: 9,
} as const;

/** Literal bytes, and the hole behind them. */
export interface Piece {
  length: number;
  /** The bytes by eights; the last eight overlap the ones before. Empty for fewer than eight bytes. */
  words: Float64Array;
  bytes: Uint8Array;
  hole: number;
}

export interface EventShape {
  pieces: Piece[];
  /** What parsing said of the sample. */
  says: Delta;
  /** Code of the event's kind. */
  code: number;
  isOutput: boolean;
  /** There is a hole for it. */
  hasId: boolean;
  hasText: boolean;
  hasReasoning: boolean;
  /** It says more than one piece of output: how the answer ended, tokens used, the end mark. */
  isLast: boolean;
  /** Events that fitted, for throwing out the shape that is least in use. */
  hits: number;
  /** The shape that came next the last time: the best guess. */
  next: EventShape | null;
}

/** The last event that fitted: positions in its source, and the numbers in its holes. */
export interface Found {
  /** Where the event starts, and behind which its source has no more bytes. */
  start: number;
  limit: number;
  /** Behind the event. */
  end: number;
  textFrom: number;
  textTo: number;
  reasoningFrom: number;
  reasoningTo: number;
  idFrom: number;
  idTo: number;
  inTokens: number;
  outTokens: number;
  cachedTokens: number;
}

export function nothingFound(): Found {
  return {
    start: 0,
    limit: 0,
    end: 0,
    textFrom: 0,
    textTo: 0,
    reasoningFrom: 0,
    reasoningTo: 0,
    idFrom: 0,
    idTo: 0,
    inTokens: 0,
    outTokens: 0,
    cachedTokens: 0,
  };
}

const QUOTE = 34;
const BACKSLASH = 92;
const FIRST_PRINTABLE = 32;
const ZERO = 48;
const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const MAX_DIGITS = 9;
const MISS = -1;

/** True when the event at `found.start` fits and ends at or before `found.limit`; `found` then says where its holes are. */
export function fitShape({ pieces }: EventShape, source: ByteSource, found: Found): boolean {
  const { limit } = found;
  let at = found.start;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i];
    if (at + piece.length > limit || !stands(piece, source, at)) return false;
    at += piece.length;
    if (piece.hole === HOLE.none) break;
    const end = holeEnd(piece.hole, source.bytes, at, found);
    if (end === MISS) return false;
    at = end;
  }
  found.end = at;
  return true;
}

/**
 * True when the piece's literal bytes stand at `at`. Eight bytes compared as one float: no event that is
 * JSON holds the bytes of a NaN or of a zero, for which that would not be the same as comparing bits.
 */
function stands({ length, words, bytes: own }: Piece, { bytes, view }: ByteSource, at: number): boolean {
  const last = words.length - 1;
  if (last < 0) {
    for (let i = 0; i < length; i++) if (bytes[at + i] !== own[i]) return false;
    return true;
  }
  // The end first: what differs between shapes stands there, while they all begin alike.
  if (view.getFloat64(at + length - 8, true) !== words[last]) return false;
  for (let i = 0; i < last; i++) if (view.getFloat64(at + 8 * i, true) !== words[i]) return false;
  return true;
}

/** Position behind what is in a hole, which `found` then tells; MISS for anything that does not belong there. */
function holeEnd(hole: number, bytes: Buffer, at: number, found: Found): number {
  const to = found.limit;
  switch (hole) {
    case HOLE.text:
      found.textFrom = at;
      found.textTo = outputEnd(bytes, at, to);
      return found.textTo;
    case HOLE.reasoning:
      found.reasoningFrom = at;
      found.reasoningTo = outputEnd(bytes, at, to);
      return found.reasoningTo;
    case HOLE.id:
      found.idFrom = at;
      found.idTo = plainEnd(bytes, at, to);
      return found.idTo === at ? MISS : found.idTo;
    case HOLE.inTokens:
    case HOLE.outTokens:
    case HOLE.cachedTokens:
      return countHoleEnd(hole, bytes, at, found);
    case HOLE.number:
      return numberEnd(bytes, at, to);
    default: {
      const end = textEnd(bytes, at, to);
      return end === at ? MISS : end;
    }
  }
}

function outputEnd(bytes: Buffer, at: number, to: number): number {
  const end = textEnd(bytes, at, to);
  return end === at || isContinuation(bytes[at]) ? MISS : end;
}

function countHoleEnd(hole: number, bytes: Buffer, at: number, found: Found): number {
  const end = countEnd(bytes, at, found.limit);
  if (end === MISS) return MISS;
  const count = countIn(bytes, at, end);
  if (hole === HOLE.inTokens) found.inTokens = count;
  else if (hole === HOLE.outTokens) found.outTokens = count;
  else found.cachedTokens = count;
  return end;
}

/**
 * A byte that only goes on with a UTF-8 character. Kept texts are joined as bytes: one that begins with such a byte
 * would complete a character that the text before it left open, which are two errors when each is read by itself.
 */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Position of the quote that ends the JSON string whose inside starts at `from`, or MISS. */
function textEnd(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte < FIRST_PRINTABLE) return MISS;
    if (byte === BACKSLASH) {
      const length = escapeLength(bytes, at, to);
      if (length === 0) return MISS;
      at += length - 1;
    }
  }
  return MISS;
}

/** The same for a string without escapes. */
function plainEnd(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte < FIRST_PRINTABLE || byte === BACKSLASH) return MISS;
  }
  return MISS;
}

const ESCAPES = new Set([...'"\\/bfnrt'].map((c) => c.charCodeAt(0)));
const LOWER_U = 117;

/** Length of the escape that starts at `at`; 0 when JSON has no such escape. */
function escapeLength(bytes: Buffer, at: number, to: number): number {
  if (at + 1 >= to) return 0;
  if (ESCAPES.has(bytes[at + 1])) return 2;
  if (bytes[at + 1] !== LOWER_U || at + 6 > to) return 0;
  for (let i = at + 2; i < at + 6; i++) if (!isHexDigit(bytes[i])) return 0;
  return 6;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 97 && lower <= 102);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

/** Position behind a whole number as JSON writes it, or MISS. */
function digitsEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && isDigit(bytes[at])) at++;
  const digits = at - from;
  if (digits === 0 || at === to || (digits > 1 && bytes[from] === ZERO)) return MISS;
  return at;
}

/** The same for a count of tokens. Longer numbers may be more than a column can hold: they are parsed. */
function countEnd(bytes: Buffer, from: number, to: number): number {
  const end = digitsEnd(bytes, from, to);
  return end - from > MAX_DIGITS ? MISS : end;
}

function countIn(bytes: Buffer, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) value = value * 10 + bytes[at] - ZERO;
  return value;
}

/** Position behind any number as JSON writes it, or MISS. */
function numberEnd(bytes: Buffer, from: number, to: number): number {
  let at = digitsEnd(bytes, bytes[from] === MINUS ? from + 1 : from, to);
  if (at === MISS) return MISS;
  if (bytes[at] === DOT) {
    at = moreDigits(bytes, at + 1, to);
    if (at === MISS) return MISS;
  }
  if ((bytes[at] | 0x20) === 101) {
    const signed = bytes[at + 1] === MINUS || bytes[at + 1] === PLUS;
    at = moreDigits(bytes, at + (signed ? 2 : 1), to);
  }
  return at;
}

function moreDigits(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && isDigit(bytes[at])) at++;
  return at === from || at === to ? MISS : at;
}
