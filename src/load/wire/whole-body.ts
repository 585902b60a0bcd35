/** A body that is read when it has ended: an error, or an answer in one piece. */
import { appendText, type TextLog } from './logs/text-log.ts';

export interface WholeBody extends TextLog {
  /** Bytes that came and were not kept. */
  dropped: number;
}

/** This many bytes of an error are kept. */
export const ERROR_BODY_BYTES = 2048;
/** After this many more bytes of an error we stop reading: another connection costs less. */
const MAX_DROPPED_BYTES = 256 * 1024;
/** A longer answer in one piece is refused, because it takes many times as much memory when it is parsed. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

export function emptyBody(): WholeBody {
  return { bytes: NOTHING, length: 0, dropped: 0 };
}

const BLANK = new Set([9, 10, 13, 32]);
const BRACE = 123;
const ANGLE = 60;

/** Keeps a copy of the bytes `from` to `to`. */
export function keepBytes(body: WholeBody, bytes: Buffer, from: number, to: number): void {
  if (to > from) appendText(body, bytes, from, to);
}

/** Keeps the first bytes, as many as are kept of an error; false when so many followed that nobody should read on. */
export function keepStart(body: WholeBody, bytes: Buffer, from: number, to: number): boolean {
  const kept = Math.min(to, from + ERROR_BODY_BYTES - body.length);
  keepBytes(body, bytes, from, kept);
  body.dropped += to - kept;
  return body.dropped <= MAX_DROPPED_BYTES;
}

export function textOf(body: WholeBody): string {
  return body.bytes.toString('utf8', 0, body.length);
}

/** The first bytes, as many as are kept of an error. */
export function startOf(body: WholeBody | string): string {
  const bytes =
    typeof body === 'string'
      ? Buffer.from(body.slice(0, ERROR_BODY_BYTES))
      : body.bytes.subarray(0, body.length);
  return bytes.toString('utf8', 0, ERROR_BODY_BYTES);
}

const MAX_QUOTED_CHARS = 200;

/** The cause of an answer that should be JSON and is not. */
export function malformed(data: string): string {
  const words = data.trim();
  const isPlain = words !== '' && !/^[{[<"]/.test(words);
  return isPlain ? `malformed JSON: ${words.slice(0, MAX_QUOTED_CHARS)}` : 'malformed JSON';
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whether the bytes begin a JSON object or a page; no line of an event stream does. */
export function startsDocument(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && BLANK.has(bytes[at])) at++;
  return at < to && (bytes[at] === BRACE || bytes[at] === ANGLE);
}
