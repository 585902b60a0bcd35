/** Reads a journal back, also one whose writer was killed in the middle of a frame. */
import { closeSync, fstatSync } from 'node:fs';
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
  headIn,
  MAGIC,
  padded,
  VERSION,
} from './frame.ts';
import { checkedFrame, type OpenJournal, payloadAt, readUpTo } from './journal-frames.ts';
import { type LostPart, lostFrom } from './lost-part.ts';
import { openToRead } from './own-files.ts';
import { runEndIn, runInfoIn } from './run-facts.ts';

export interface JournalContent {
  /** The info of the run's start with all later additions. */
  info: RunInfo;
  /** null: the run was killed before its end. */
  end: RunEnd | null;
  rows: number;
  events: number;
  /** What could not be read, from the first bad byte to the end of the file. */
  lost: LostPart | null;
  /** All whole batches before `lost`, in the order they were appended; each has memory of its own. */
  batches(): Iterable<RecordBatch>;
}

const READ_BYTES = 4 * 2 ** 20;

/**
 * Checks the whole file once, with memory for one JSON frame and 4 MiB. A torn last frame, or a
 * frame whose checksum or place is wrong, ends the readable part: see `lost`. `UserError` for a file that is
 * no journal of a known version or breaks off before the run's info was written.
 */
export function readJournal(file: string): JournalContent {
  try {
    const fd = openToRead(file);
    try {
      const { size } = fstatSync(fd);
      const scratch = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, size));
      const version = versionOf(fd);
      const { readableBytes, ...content } = scan({ fd, size, scratch, version });
      return { ...content, batches: () => batchesOf(file, readableBytes, version) };
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new UserError(EXIT.failed, `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function versionOf(fd: number): number {
  const head = readUpTo(fd, 0, Buffer.alloc(FILE_HEAD_BYTES));
  if (head.length < FILE_HEAD_BYTES) throw new Error('it breaks off in its first line');
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('it is not a journal');
  const version = head.readUInt32LE(MAGIC.length);
  if (version >= FIRST_VERSION && version <= VERSION) return version;
  throw new Error(`its format is ${version}, but this version reads up to ${VERSION}`);
}

function scan(journal: OpenJournal) {
  const { fd, size } = journal;
  const isInPlace = placeCheck(journal.version);
  let info: Record<string, unknown> = {};
  let end: RunEnd | null = null;
  let rows = 0;
  let events = 0;
  let number = 0;
  let at = FILE_HEAD_BYTES;
  let lost: LostPart | null = null;
  while (at < size) {
    const frame = checkedFrame(journal, at);
    if (frame === 'torn' || frame === 'corrupt' || end !== null || !isInPlace(frame)) {
      lost = lostFrom(journal, at, { reason: frame === 'torn' ? 'torn' : 'corrupt', number });
      break;
    }
    number++;
    if (frame.type === FRAME.batch) {
      const counts = readUpTo(fd, at + FRAME_HEAD_BYTES, Buffer.alloc(8));
      rows += counts.readUInt32LE(0);
      events += counts.readUInt32LE(4);
    } else if (frame.type === FRAME.end) {
      end = runEndIn(jsonAt(fd, at, frame));
    } else {
      info = { ...info, ...(jsonAt(fd, at, frame) as object) };
    }
    at += FRAME_HEAD_BYTES + padded(frame.length);
  }
  if (at === FILE_HEAD_BYTES) throw new Error('it breaks off before the facts of the run');
  return { info: runInfoIn(info), end, rows, events, lost, readableBytes: at };
}

/** Says of each frame in turn whether it is the one that was written there. */
function placeCheck(version: number): (frame: FrameHead) => boolean {
  if (version > FIRST_VERSION) {
    let next = 0;
    return ({ number, type }) => number === next++ && (type === FRAME.info) === (number === 0);
  }
  const seen = new Set<string>();
  return ({ type, length, crc }) => {
    const key = `${type} ${length} ${crc}`;
    const isNew = type !== FRAME.batch || !seen.has(key);
    seen.add(key);
    return isNew;
  };
}

function* batchesOf(file: string, readableBytes: number, version: number): Iterable<RecordBatch> {
  const fd = openToRead(file);
  try {
    let at = FILE_HEAD_BYTES;
    while (at < readableBytes) {
      const head = headIn(readUpTo(fd, at, Buffer.alloc(FRAME_HEAD_BYTES)));
      if (head.type === FRAME.batch) yield batchOf(file, payloadAt(fd, at, head), version);
      at += FRAME_HEAD_BYTES + padded(head.length);
    }
  } finally {
    closeSync(fd);
  }
}

function batchOf(file: string, payload: Buffer, version: number): RecordBatch {
  try {
    return batchIn(payload, version);
  } catch (cause) {
    throw new UserError(EXIT.failed, `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function jsonAt(fd: number, at: number, head: FrameHead): unknown {
  return JSON.parse(payloadAt(fd, at, head).toString('utf8'));
}
