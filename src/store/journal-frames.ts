/** Single frames of a journal file. */
import { readSync } from 'node:fs';
import {
  FRAME,
  FRAME_HEAD_BYTES,
  type FrameHead,
  frameCrc,
  headIn,
  MAX_PAYLOAD_BYTES,
  padded,
} from './frame.ts';

/** An open journal and what is known of it before its frames are read. */
export interface OpenJournal {
  fd: number;
  size: number;
  version: number;
  scratch: Buffer;
}

/** The head of a frame whose every byte is as it was written. */
export function checkedFrame(
  { fd, size, version, scratch }: OpenJournal,
  at: number,
): FrameHead | 'torn' | 'corrupt' {
  const headBytes = readUpTo(fd, at, Buffer.alloc(FRAME_HEAD_BYTES));
  if (headBytes.length < FRAME_HEAD_BYTES) return 'torn';
  const head = headIn(headBytes);
  if (!frameTypes.has(head.type) || head.length > MAX_PAYLOAD_BYTES) return 'corrupt';
  if (at + FRAME_HEAD_BYTES + padded(head.length) > size) return 'torn';
  const payload = pieces(fd, at + FRAME_HEAD_BYTES, head.length, scratch);
  return frameCrc(headBytes, payload, version) === head.crc ? head : 'corrupt';
}

const frameTypes: ReadonlySet<number> = new Set(Object.values(FRAME));

function* pieces(fd: number, at: number, length: number, scratch: Buffer): Iterable<Buffer> {
  for (let done = 0; done < length; done += scratch.length) {
    yield readUpTo(fd, at + done, scratch.subarray(0, Math.min(scratch.length, length - done)));
  }
}

/** A fresh copy of a payload, in memory of its own. */
export function payloadAt(fd: number, at: number, head: FrameHead): Buffer {
  return readUpTo(fd, at + FRAME_HEAD_BYTES, Buffer.allocUnsafeSlow(head.length));
}

/** Fills `into` from the file position on; the result is shorter where the file ends. */
export function readUpTo(fd: number, position: number, into: Buffer): Buffer {
  let filled = 0;
  while (filled < into.length) {
    const got = readSync(fd, into, filled, into.length - filled, position + filled);
    if (got === 0) break;
    filled += got;
  }
  return into.subarray(0, filled);
}
