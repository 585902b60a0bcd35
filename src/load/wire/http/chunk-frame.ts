/** What is around the chunks of a chunked body: sizes and trailers. */
import { fail, PHASE, type ResponseState } from './response-state.ts';

const CR = 13;
const LF = 10;
/** Most bytes of trailers and chunk extensions in one response. Nobody reads them. */
const MAX_EXTRA_BYTES = 65_536;
/** 16^12 bytes are more than any chunk has, and 16^13 may be more than a safe integer. */
const MAX_SIZE_DIGITS = 12;

const hexValue = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  hexValue[i.toString(16).charCodeAt(0)] = i;
  hexValue[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/** Reads the line with a chunk's size, as far as it has come; returns the position behind what was read. */
export function readChunkSize(state: ResponseState, bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at++];
    if (byte === LF) {
      endSizeLine(state);
      return at;
    }
    const digit = state.inExtension ? -1 : hexValue[byte];
    if (digit >= 0) {
      state.left = state.left * 16 + digit;
      if (++state.count > MAX_SIZE_DIGITS) fail(state, 'a chunk size has too many digits');
    } else readBehindSize(state, byte);
    if (state.phase !== PHASE.chunkSize) return at;
  }
  return at;
}

function endSizeLine(state: ResponseState): void {
  if (state.count === 0) fail(state, 'a chunk has no size');
  state.count = 0;
  if (state.phase === PHASE.chunkSize) state.phase = state.left > 0 ? PHASE.chunk : PHASE.trailer;
}

/** The CR of the line's end, or an extension, which says nothing to us. */
function readBehindSize(state: ResponseState, byte: number): void {
  if (state.count === 0) {
    fail(state, 'a chunk has no size');
    return;
  }
  const isExtra = state.inExtension || byte !== CR;
  state.inExtension = true;
  if (isExtra && ++state.extras > MAX_EXTRA_BYTES) {
    fail(state, `chunk extensions are longer than ${MAX_EXTRA_BYTES} bytes`);
  }
}

/** Reads trailers as far as they have come; returns the position behind what was read. */
export function readTrailer(state: ResponseState, bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (++state.extras > MAX_EXTRA_BYTES) {
      fail(state, `trailers are longer than ${MAX_EXTRA_BYTES} bytes`);
      return at;
    }
    if (bytes[at] === LF) {
      if (state.count === 0) {
        state.phase = PHASE.done;
        return at + 1;
      }
      state.count = 0;
    } else if (bytes[at] !== CR) state.count++;
  }
  return to;
}
