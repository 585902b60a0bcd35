/**
 * What lets an output event be told without parsing it. Within a run such events look alike: the same
 * bytes before the text, the same bytes behind it. A template is learned from an event that was parsed;
 * an event that fits it is output of that kind, and says nothing else (no usage, no finish reason).
 */
import { type EventKind, KIND } from '../core/records.ts';
import { type ByteSource, byteSource } from './read-buffer.ts';

export interface OutputTemplate {
  kind: EventKind;
  code: number;
  key: Buffer;
  /** Bytes from the event's start to the first byte of the text; 0 until learned. */
  valueAt: number;
  /** Bytes from the event's start to its payload, behind `data:` and a space. */
  payloadAt: number;
  /** First bytes of the event. */
  head: ByteSource;
  /** Bytes right before the text: the key, and what stands before the key. */
  lead: ByteSource;
  /** From the closing quote up to the line end, a CR included. */
  tail: ByteSource;
  crlf: boolean;
  /** Events to let pass before learning again; doubles while nothing fits, so that odd streams cost little. */
  patience: number;
  wait: number;
}

const QUOTE = 34;
const BACKSLASH = 92;
const CR = 13;
const LF = 10;
const HEAD_BYTES = 8;
/** Enough for `"content":null,` or `"delta":{` before the key. */
const BYTES_BEFORE_KEY = 24;
const MAX_TAIL_BYTES = 1024;
const MAX_PATIENCE = 256;

export function newTemplate(key: string, kind: 'text' | 'reasoning'): OutputTemplate {
  const none = byteSource(0);
  return {
    kind,
    code: KIND[kind],
    key: Buffer.from(key),
    valueAt: 0,
    payloadAt: 0,
    head: none,
    lead: none,
    tail: none,
    crlf: false,
    patience: 1,
    wait: 0,
  };
}

/**
 * Position behind the event that starts at `from` when it fits, else 0. `lf` and `cr` are the first LF and
 * CR at or behind `from` (anything beyond `to` if there are none before it).
 */
export function fits(
  template: OutputTemplate,
  source: ByteSource,
  from: number,
  to: number,
  lf: number,
  cr: number,
): number {
  const { bytes, view } = source;
  const { head, lead, tail, valueAt } = template;
  if (valueAt === 0) return 0;
  const value = from + valueAt;
  const valueEnd = lf - tail.bytes.length;
  if (valueEnd <= value) return 0;
  let end = lf + 1;
  if (template.crlf) {
    // A CR elsewhere would end the line early. The blank line must be there too.
    if (cr !== lf - 1 || lf + 2 >= to || bytes[end++] !== CR) return 0;
  } else if (cr < lf || end >= to) return 0;
  if (bytes[end] !== LF) return 0;
  if (!same(view, value - lead.bytes.length, lead.view)) return 0;
  if (!same(view, valueEnd, tail.view) || !same(view, from, head.view)) return 0;
  // A quote inside could end the text early, a backslash before the tail's quote could undo that quote.
  if (bytes[valueEnd - 1] === BACKSLASH) return 0;
  for (let i = value; i < valueEnd; i++) if (bytes[i] === QUOTE) return 0;
  return end + 1;
}

/** First byte of the text in an event that fits; its payload starts at `payload`. */
export function textStart(template: OutputTemplate, payload: number): number {
  return payload - template.payloadAt + template.valueAt;
}

/** Position behind that text; the payload ends at `payloadEnd`, a CR not included. */
export function textEnd({ tail, crlf }: OutputTemplate, payloadEnd: number): number {
  return payloadEnd + (crlf ? 1 : 0) - tail.bytes.length;
}

/** True when all of `b` stands at `at` in `a`. */
function same(a: DataView, at: number, b: DataView): boolean {
  const length = b.byteLength;
  let i = 0;
  for (; i + 4 <= length; i += 4) if (a.getInt32(at + i, true) !== b.getInt32(i, true)) return false;
  for (; i < length; i++) if (a.getInt8(at + i) !== b.getInt8(i)) return false;
  return true;
}

/**
 * Takes over the shape of the event `from` … `lf`, whose only line is a data line with its payload at
 * `payload`, and which parsing found to be plain output of this template's kind. Events that are not
 * plain enough (the key twice, no text, a long tail) leave the template as it is.
 */
export function learn(
  template: OutputTemplate,
  source: ByteSource,
  from: number,
  payload: number,
  lf: number,
): void {
  if (template.wait > 0) {
    template.wait--;
    return;
  }
  template.wait = template.patience;
  template.patience = Math.min(template.patience * 2, MAX_PATIENCE);
  const { bytes } = source;
  const line = bytes.subarray(from, lf);
  const keyAt = line.indexOf(template.key);
  if (keyAt < BYTES_BEFORE_KEY || line.indexOf(template.key, keyAt + 1) >= 0) return;
  const value = keyAt + template.key.length;
  let close = value;
  while (close < line.length && line[close] !== QUOTE) close += line[close] === BACKSLASH ? 2 : 1;
  if (close === value || close >= line.length || line.length - close > MAX_TAIL_BYTES) return;
  template.valueAt = value;
  template.payloadAt = payload - from;
  template.head = copyOf(line, 0, HEAD_BYTES);
  template.lead = copyOf(line, keyAt - BYTES_BEFORE_KEY, value);
  template.tail = copyOf(line, close, line.length);
  template.crlf = line[line.length - 1] === CR;
}

function copyOf(bytes: Buffer, from: number, to: number): ByteSource {
  const copy = byteSource(to - from);
  bytes.copy(copy.bytes, 0, from, to);
  return copy;
}
