/**
 * Generated text while its request runs: the bytes between the quotes, JSON escapes and all, one event
 * behind another. They are read as one JSON text when the batch has left the worker.
 */
export interface TextLog {
  bytes: Buffer;
  length: number;
}

const FIRST_BYTES = 256;
/** More memory than this is not kept for the next answer. */
const MAX_KEPT_BYTES = 262_144;
/** The native copy has a price of its own: some 50 bytes moved in a loop. */
const LONG_BYTES = 48;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_BEYOND_ASCII = 0x80;
/** Of one UTF-16 unit. */
const MAX_UTF8_BYTES = 3;
/** Lone surrogates, too: UTF-8 cannot say them, an escape can. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

export function newTextLog(): TextLog {
  return { bytes: Buffer.alloc(0), length: 0 };
}

/** Gives back the memory of a text of unusual length. */
export function trimText(log: TextLog): void {
  log.length = 0;
  if (log.bytes.length > MAX_KEPT_BYTES) log.bytes = Buffer.alloc(0);
}

export function appendText(log: TextLog, source: Buffer, from: number, to: number): void {
  const length = log.length + to - from;
  reserve(log, length);
  const { bytes } = log;
  if (to - from > LONG_BYTES) source.copy(bytes, log.length, from, to);
  else for (let at = from, into = log.length; at < to; ) bytes[into++] = source[at++];
  log.length = length;
}

function reserve(log: TextLog, length: number): void {
  if (length <= log.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, length * 2));
  log.bytes.copy(larger, 0, 0, log.length);
  log.bytes = larger;
}

/** Appends a text that was parsed, escaped again where JSON needs it. */
export function appendParsed(log: TextLog, text: string): void {
  if (text.length <= LONG_BYTES && appendPlain(log, text)) return;
  if (NEEDS_ESCAPE.test(text)) {
    const escaped = Buffer.from(JSON.stringify(text));
    appendText(log, escaped, 1, escaped.length - 1);
    return;
  }
  reserve(log, log.length + text.length * MAX_UTF8_BYTES);
  log.length += log.bytes.write(text, log.length);
}

/** A token's worth of plain ASCII; false, and nothing appended, for any other text. */
function appendPlain(log: TextLog, text: string): boolean {
  reserve(log, log.length + text.length);
  const { bytes, length } = log;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < SPACE || code >= FIRST_BEYOND_ASCII || code === QUOTE || code === BACKSLASH) return false;
    bytes[length + i] = code;
  }
  log.length = length + text.length;
  return true;
}
