/** Reads a journal back, also one whose writer was killed in the middle of a frame. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EXIT, UserError } from '../core/errors.ts';
import type { RecordBatch } from '../core/records.ts';
import type { RunEnd, RunInfo } from '../core/run.ts';
import {
  batchIn,
  FILE_HEAD_BYTES,
  FIRST_VERSION,
  FRAME,
  FRAME_HEAD_BYTES,
  type FrameHead,
  frameCrc,
  headIn,
  MAGIC,
  MAX_PAYLOAD_BYTES,
  padded,
  VERSION,
} from './frame.ts';

export interface JournalContent {
  /** The info of the run's start with all later additions. */
  info: RunInfo;
  /** null: the run was killed before its end. */
  end: RunEnd | null;
  rows: number;
  events: number;
  /** What could not be read, from the first bad byte to the end of the file. */
  lost: { bytes: number; reason: 'torn' | 'corrupt' } | null;
  /** All whole batches before `lost`, in the order they were appended; each has memory of its own. */
  batches(): Iterable<RecordBatch>;
}

const READ_BYTES = 4 * 2 ** 20;

/**
 * Checks the whole file once, with memory for one JSON frame and 4 MiB. A torn last frame, or a
 * frame whose checksum is wrong, ends the readable part: see `lost`. `UserError` for a file that is
 * no journal of this version or breaks off before the run's info was written.
 */
export function readJournal(file: string): JournalContent {
  const fd = openSync(file, 'r');
  try {
    const version = checkFileHead(fd, file);
    const { readableBytes, ...content } = scan(fd, file);
    return { ...content, batches: () => batchesOf(file, readableBytes, version) };
  } finally {
    closeSync(fd);
  }
}

/** The version of the journal's layout. */
function checkFileHead(fd: number, file: string): number {
  const head = readUpTo(fd, 0, Buffer.alloc(FILE_HEAD_BYTES));
  if (head.length < FILE_HEAD_BYTES) throw notReadable(file, 'it breaks off in its first line');
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notReadable(file, 'it is no journal');
  const version = head.readUInt32LE(MAGIC.length);
  if (version < FIRST_VERSION || version > VERSION) {
    throw notReadable(file, `its format is ${version}, this version of the tool reads up to ${VERSION}`);
  }
  return version;
}

function scan(fd: number, file: string) {
  const size = fstatSync(fd).size;
  const scratch = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, size));
  let info: Partial<RunInfo> = {};
  let end: RunEnd | null = null;
  let rows = 0;
  let events = 0;
  let at = FILE_HEAD_BYTES;
  let lost: JournalContent['lost'] = null;
  while (at < size && lost === null) {
    const frame = checkedFrame(fd, at, size, scratch);
    if (frame === 'torn' || frame === 'corrupt') {
      lost = { bytes: size - at, reason: frame };
      break;
    }
    if (frame.type === FRAME.batch) {
      const counts = readUpTo(fd, at + FRAME_HEAD_BYTES, Buffer.alloc(8));
      rows += counts.readUInt32LE(0);
      events += counts.readUInt32LE(4);
    } else if (frame.type === FRAME.end) {
      end = jsonAt<RunEnd>(fd, at, frame);
    } else {
      info = { ...info, ...jsonAt<Partial<RunInfo>>(fd, at, frame) };
    }
    at += FRAME_HEAD_BYTES + padded(frame.length);
  }
  if (at === FILE_HEAD_BYTES) throw notReadable(file, 'it breaks off before the facts of the run');
  return { info: info as RunInfo, end, rows, events, lost, readableBytes: at };
}

function checkedFrame(fd: number, at: number, size: number, scratch: Buffer): FrameHead | 'torn' | 'corrupt' {
  const headBytes = readUpTo(fd, at, Buffer.alloc(FRAME_HEAD_BYTES));
  if (headBytes.length < FRAME_HEAD_BYTES) return 'torn';
  const head = headIn(headBytes);
  if (!frameTypes.has(head.type) || head.length > MAX_PAYLOAD_BYTES) return 'corrupt';
  if (at + FRAME_HEAD_BYTES + padded(head.length) > size) return 'torn';
  const payload = pieces(fd, at + FRAME_HEAD_BYTES, head.length, scratch);
  return frameCrc(headBytes, payload) === head.crc ? head : 'corrupt';
}

const frameTypes: ReadonlySet<number> = new Set(Object.values(FRAME));

function* pieces(fd: number, at: number, length: number, scratch: Buffer): Iterable<Buffer> {
  for (let done = 0; done < length; done += scratch.length) {
    yield readUpTo(fd, at + done, scratch.subarray(0, Math.min(scratch.length, length - done)));
  }
}

function* batchesOf(file: string, readableBytes: number, version: number): Iterable<RecordBatch> {
  const fd = openSync(file, 'r');
  try {
    let at = FILE_HEAD_BYTES;
    while (at < readableBytes) {
      const head = headIn(readUpTo(fd, at, Buffer.alloc(FRAME_HEAD_BYTES)));
      if (head.type === FRAME.batch) yield batchIn(payloadAt(fd, at, head), version);
      at += FRAME_HEAD_BYTES + padded(head.length);
    }
  } finally {
    closeSync(fd);
  }
}

function jsonAt<T>(fd: number, at: number, head: FrameHead): T {
  return JSON.parse(payloadAt(fd, at, head).toString('utf8')) as T;
}

/** A fresh copy of a payload, in memory of its own. */
function payloadAt(fd: number, at: number, head: FrameHead): Buffer {
  return readUpTo(fd, at + FRAME_HEAD_BYTES, Buffer.allocUnsafeSlow(head.length));
}

/** Fills `into` from the file position on; the result is shorter where the file ends. */
function readUpTo(fd: number, position: number, into: Buffer): Buffer {
  let filled = 0;
  while (filled < into.length) {
    const got = readSync(fd, into, filled, into.length - filled, position + filled);
    if (got === 0) break;
    filled += got;
  }
  return into.subarray(0, filled);
}

function notReadable(file: string, why: string): UserError {
  return new UserError(EXIT.failed, `cannot read ${file}: ${why}`);
}
