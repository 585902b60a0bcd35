/**
 * Learns the shape of an event (event-shape.ts) from one that was parsed. Nothing is known here of any
 * dialect: what a value means is found by changing it and decoding again. A value may differ in later events
 * only if such changes showed that it says nothing, or exactly one thing.
 */
import type { Delta } from '../../../core/protocol.ts';
import { isOutput, KIND } from '../../../core/records.ts';
import { kindOf } from './event-kind.ts';
import { type EventShape, HOLE, type Piece } from './event-shape.ts';

type Decode = (data: string) => Delta;

/** A string's inside or a number, as positions in the payload. */
interface Value {
  from: number;
  to: number;
  isString: boolean;
}

interface Hole extends Value {
  hole: number;
}

const PROBE_TEXT = 'zq7';
/** What a text that is looked at at all would be compared with. */
const PROBE_WORDS = [PROBE_TEXT, '7', 'error'];
/** Zero and one are what a value that is looked at at all would be compared with. */
const PROBE_NUMBERS = [0, 1, 700_001];
const counts = ['inTokens', 'outTokens', 'cachedTokens'] as const;
/** Longer events are not worth the trials. */
const MAX_PAYLOAD_CHARS = 8192;
const MAX_VALUES = 64;
/** A string with the colon behind it if it is a key, or a number. */
const VALUE = /"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The shape of an event whose only line is a data line, or null when it has none worth keeping.
 * `prefix`, `payload` and `suffix` are its bytes as Latin-1; `delta` is what `decode` says of the payload.
 */
export function learnShape(
  { prefix, payload, suffix }: { prefix: string; payload: string; suffix: string },
  delta: Delta,
  decode: Decode,
): EventShape | null {
  if (delta.error !== undefined || delta.stray !== undefined || payload.length > MAX_PAYLOAD_CHARS) {
    return null;
  }
  const values = valuesIn(payload);
  if (values.length > MAX_VALUES) return null;
  const holes: Hole[] = [];
  for (const value of values) {
    const hole = holeFor(value, payload, delta, decode);
    if (hole !== HOLE.none) holes.push({ ...value, hole });
  }
  const has = (hole: number) => holes.filter((h) => h.hole === hole).length;
  // Every text must have its hole: where two values make up one, later events have to be parsed.
  if (has(HOLE.text) !== Number(Boolean(delta.text))) return null;
  if (has(HOLE.reasoning) !== Number(Boolean(delta.reasoning))) return null;
  if (has(HOLE.tool) !== Number(Boolean(delta.tool)) || has(HOLE.id) > 1) return null;
  // Likewise every count: one that two numbers make up, or that is a text, is parsed each time.
  if (counts.some((name) => has(HOLE[name]) !== Number(delta.usage?.[name] !== undefined))) return null;
  const code = KIND[kindOf(delta)];
  return {
    pieces: piecesOf(prefix, payload, suffix, holes),
    says: delta,
    code,
    isOutput: isOutput(code),
    hasId: has(HOLE.id) > 0,
    hasText: has(HOLE.text) > 0,
    hasReasoning: has(HOLE.reasoning) > 0,
    isLast: delta.finish !== undefined || delta.usage !== undefined || delta.done === true,
    hits: 0,
    next: null,
  };
}

/** All numbers, and all strings that are no keys and not empty. */
function valuesIn(payload: string): Value[] {
  const values: Value[] = [];
  for (const match of payload.matchAll(VALUE)) {
    const [whole, inside, colon] = match;
    if (inside === undefined) {
      values.push({ from: match.index, to: match.index + whole.length, isString: false });
    } else if (colon === undefined && inside !== '') {
      values.push({ from: match.index + 1, to: match.index + 1 + inside.length, isString: true });
    }
  }
  return values;
}

function holeFor(value: Value, payload: string, delta: Delta, decode: Decode): number {
  const inside = payload.slice(value.from, value.to);
  const trial = (text: string): Delta | null => {
    try {
      return decode(utf8(payload.slice(0, value.from) + text + payload.slice(value.to)));
    } catch {
      return null;
    }
  };
  if (!value.isString) return numberHole(trial, delta);
  return stringHole(trial, utf8(inside), delta);
}

function numberHole(trial: (text: string) => Delta | null, delta: Delta): number {
  const answers = PROBE_NUMBERS.map((n) => ({ n, said: trial(String(n)) }));
  const all = (expected: (n: number) => Delta) => answers.every(({ n, said }) => same(said, expected(n)));
  if (all(() => delta)) return HOLE.number;
  const { usage } = delta;
  const count = counts.find(
    (name) => usage?.[name] !== undefined && all((n) => ({ ...delta, usage: { ...usage, [name]: n } })),
  );
  return count === undefined ? HOLE.none : HOLE[count];
}

function stringHole(trial: (text: string) => Delta | null, inside: string, delta: Delta): number {
  const said = trial(PROBE_TEXT);
  if (said === null) return HOLE.none;
  for (const field of ['text', 'reasoning', 'tool', 'id'] as const) {
    if (delta[field] && same(said, { ...delta, [field]: PROBE_TEXT })) return HOLE[field];
  }
  // A second copy of an output's text differs with it; other strings that say nothing stay as they are.
  const isCopy =
    PROBE_WORDS.every((word) => same(trial(word), delta)) &&
    [delta.text, delta.reasoning].some((text) => text === unescaped(inside));
  return isCopy ? HOLE.string : HOLE.none;
}

function unescaped(inside: string): string {
  try {
    return JSON.parse(`"${inside}"`) as string;
  } catch {
    return inside;
  }
}

function same(a: Delta | null, b: Delta): boolean {
  return a !== null && sorted(a) === sorted(b);
}

/** A text that is equal for equal deltas, in whatever order their fields were set. */
function sorted(delta: Delta): string {
  const inOrder = (_key: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).sort()) : value;
  return JSON.stringify(delta, inOrder);
}

function piecesOf(prefix: string, payload: string, suffix: string, holes: readonly Hole[]): Piece[] {
  let literal = prefix;
  let at = 0;
  const pieces: Piece[] = [];
  for (const { from, to, hole } of holes) {
    pieces.push(pieceOf(literal + payload.slice(at, from), hole));
    literal = '';
    at = to;
  }
  pieces.push(pieceOf(literal + payload.slice(at) + suffix, HOLE.none));
  return pieces;
}

function pieceOf(literal: string, hole: number): Piece {
  const bytes = Uint8Array.from(Buffer.from(literal, 'latin1'));
  const { length } = bytes;
  if (length < 8) return { length, words: new Float64Array(0), bytes, hole };
  const view = new DataView(bytes.buffer);
  const words = new Float64Array(Math.ceil(length / 8));
  for (let i = 0; i < words.length; i++) words[i] = view.getFloat64(Math.min(8 * i, length - 8), true);
  return { length, words, bytes, hole };
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
