/**
 * The journal's bytes, little-endian throughout.
 *
 *     file   = "aisbench" u32 version u32 0, frame*
 *     frame  = u32 type, u32 length, u32 CRC-32 (over type, length, number and payload), u32 number, payload, 0 … 7 zero bytes
 *     batch  = u32 rows, u32 events, u32 note bytes, u32 flags, columns, notes as JSON
 *
 * Flag 1 says that the column of tokens by event is there, behind the others; a batch without such counts has none.
 *
 * Payloads and columns start on multiples of 8, so that a column can be read in place. The first
 * frame is the run's info; every other JSON frame adds to it or ends it. Frames are numbered from 0, so that one that is
 * missing, doubled or out of its place shows. In version 1 the number was 0 and outside the checksum.
 */
import { crc32 } from 'node:zlib';
import { eventColumns, type Note, type RecordBatch, rowColumns, UNKNOWN_TOKENS } from '../core/records.ts';

export const MAGIC = 'aisbench';
/** Version 1 had no column of cached tokens, and no numbers of frames. */
export const VERSION = 2;
export const FIRST_VERSION = 1;
export const FILE_HEAD_BYTES = 16;
export const FRAME_HEAD_BYTES = 16;
const BATCH_HEAD_BYTES = 16;
/** Largest payload; the length field could hold more, but nothing sane writes it. */
export const MAX_PAYLOAD_BYTES = 0x7fff_fff0;

export const FRAME = { info: 1, batch: 2, update: 3, end: 4 } as const;
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

export interface FrameHead {
  type: number;
  /** Payload bytes, padding excluded. */
  length: number;
  crc: number;
  number: number;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;
type ColumnType = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Column;

/** Stored columns in file order: how many values of which type a batch of that size has. */
const layout: { name: keyof RecordBatch; type: ColumnType; size: number; per: 'row' | 'border' | 'event' }[] =
  [
    ...Object.entries(rowColumns).map(([name, type]) => columnOf(name, type, 'row')),
    columnOf('eventStart', Uint32Array, 'border'),
    ...Object.entries(eventColumns).map(([name, type]) => columnOf(name, type, 'event')),
  ];
const tokensColumn = columnOf('eventTokens', Uint16Array, 'event');
const WITH_TOKENS = 1;

function columnOf<P extends 'row' | 'border' | 'event'>(
  name: string,
  type: ColumnType & { BYTES_PER_ELEMENT: number },
  per: P,
) {
  return { name: name as keyof RecordBatch, type, size: type.BYTES_PER_ELEMENT, per };
}

function countOf(per: 'row' | 'border' | 'event', rows: number, events: number): number {
  if (per === 'event') return events;
  return per === 'row' ? rows : rows + 1;
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

export function fileHead(): Uint8Array {
  const head = Buffer.alloc(FILE_HEAD_BYTES);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(VERSION, 8);
  return head;
}

/** A frame around a JSON value. */
export function jsonFrame(type: FrameType, value: unknown, number: number): Uint8Array {
  const json = Buffer.from(JSON.stringify(value));
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + padded(json.length));
  json.copy(frame, FRAME_HEAD_BYTES);
  return sealed(frame, { type, length: json.length, number });
}

function batchBytes(
  { rows, events, noteBytes }: { rows: number; events: number; noteBytes: number },
  columns: typeof layout,
): number {
  const columnBytes = columns.reduce((sum, c) => sum + padded(countOf(c.per, rows, events) * c.size), 0);
  return BATCH_HEAD_BYTES + columnBytes + noteBytes;
}

/** A frame with a copy of the batch's columns. `RangeError` for a batch of more than 2 GiB. */
export function batchFrame(batch: RecordBatch, number: number): Uint8Array {
  const { rows } = batch;
  const events = batch.eventStart[rows];
  const notes = batch.notes.length > 0 ? Buffer.from(JSON.stringify(batch.notes)) : Buffer.alloc(0);
  const hasTokens = batch.eventTokens.length > 0;
  const columns = hasTokens ? [...layout, tokensColumn] : layout;
  const length = batchBytes({ rows, events, noteBytes: notes.length }, columns);
  if (length > MAX_PAYLOAD_BYTES) throw new RangeError(`a batch of ${length} bytes does not fit a frame`);
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + padded(length));
  frame.writeUInt32LE(rows, FRAME_HEAD_BYTES);
  frame.writeUInt32LE(events, FRAME_HEAD_BYTES + 4);
  frame.writeUInt32LE(notes.length, FRAME_HEAD_BYTES + 8);
  if (hasTokens) frame.writeUInt32LE(WITH_TOKENS, FRAME_HEAD_BYTES + 12);
  let at = FRAME_HEAD_BYTES + BATCH_HEAD_BYTES;
  for (const { name, size, per } of columns) {
    const bytes = countOf(per, rows, events) * size;
    const column = batch[name] as Column;
    frame.set(new Uint8Array(column.buffer, column.byteOffset, bytes), at);
    at += padded(bytes);
  }
  frame.set(notes, at);
  return sealed(frame, { type: FRAME.batch, length, number });
}

const layoutOf: Record<number, typeof layout> = {
  1: layout.filter(({ name }) => name !== 'cachedTokens'),
  2: layout,
};

/**
 * The batch in a payload of a journal of that version. Its columns are views into the payload's memory, which
 * must start on a multiple of 8 and stay untouched as long as the batch is in use. An `Error` for a payload that is no batch.
 */
export function batchIn(payload: Uint8Array, version: number = VERSION): RecordBatch {
  const [rows, events, noteBytes, flags] = new Uint32Array(payload.buffer, payload.byteOffset, 4);
  const stored = flags === WITH_TOKENS ? [...layoutOf[version], tokensColumn] : layoutOf[version];
  if (batchBytes({ rows, events, noteBytes }, stored) !== payload.byteLength)
    throw new Error('it is not a batch');
  let at = payload.byteOffset + BATCH_HEAD_BYTES;
  const columns = stored.map(({ name, type: ColumnArray, size, per }) => {
    const count = countOf(per, rows, events);
    const column = new ColumnArray(payload.buffer, at, count);
    at += padded(count * size);
    return [name, column];
  });
  const notes = noteBytes > 0 ? (JSON.parse(textIn(payload.buffer, at, noteBytes)) as Note[]) : [];
  const absent = {
    eventTokens: new Uint16Array(0),
    ...(version === 1 && { cachedTokens: new Uint32Array(rows).fill(UNKNOWN_TOKENS) }),
  };
  return { rows, ...absent, ...Object.fromEntries(columns), notes } as RecordBatch;
}

export function headIn(bytes: Uint8Array): FrameHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEAD_BYTES);
  return {
    type: view.getUint32(0, true),
    length: view.getUint32(4, true),
    crc: view.getUint32(8, true),
    number: view.getUint32(12, true),
  };
}

/** The checksum that `head` should hold; the payload may come in pieces. */
export function frameCrc(headBytes: Uint8Array, payload: Iterable<Uint8Array>, version = VERSION): number {
  let crc = crc32(headBytes.subarray(0, 8));
  if (version > FIRST_VERSION) crc = crc32(headBytes.subarray(12, FRAME_HEAD_BYTES), crc);
  for (const piece of payload) crc = crc32(piece, crc);
  return crc;
}

function sealed(frame: Buffer, { type, length, number }: Omit<FrameHead, 'crc'>): Uint8Array {
  frame.writeUInt32LE(type, 0);
  frame.writeUInt32LE(length, 4);
  frame.writeUInt32LE(number, 12);
  const payload = frame.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + length);
  frame.writeUInt32LE(frameCrc(frame, [payload]), 8);
  return frame;
}

function textIn(buffer: ArrayBufferLike, at: number, length: number): string {
  return Buffer.from(buffer as ArrayBuffer, at, length).toString('utf8');
}
