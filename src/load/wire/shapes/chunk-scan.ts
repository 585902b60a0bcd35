/** The memory that reads land in, and the code beside it (chunk-scan.wat) that passes over chunks of expected events. */
import { CHUNK_SCAN_CODE } from './chunk-scan-code.ts';

/** A read brings at most so many bytes. */
export const READ_BYTES = 65_536;

/** Bytes that are expected, as they stand somewhere in memory. */
export interface Literal {
  view: DataView;
  at: number;
  length: number;
}

/** The expected bytes of one stream: those before the text, and those behind it. */
export interface Slot {
  head: Literal;
  tail: Literal;
}

/**
 * Only events with at most so many bytes before and behind their text are expected. It costs each stream half a
 * kilobyte of memory.
 */
export const HEAD_BYTES = 352;
export const TAIL_BYTES = 160;
export const SLOT_BYTES = HEAD_BYTES + TAIL_BYTES;
/** The code reads and writes sixteen bytes at a time, so it may go beyond the end of an area by less than this. */
const SLACK = 64;
const TEXT_AT = READ_BYTES + SLACK;
const RESULT_AT = TEXT_AT + READ_BYTES + SLACK;
const SLOTS_AT = RESULT_AT + SLACK;

/** A slot of `SLOT_BYTES` at `at` of the memory of `view`. */
export function newSlot(view: DataView, at: number): Slot {
  return { head: { view, at, length: 0 }, tail: { view, at: at + HEAD_BYTES, length: 0 } };
}

export interface ChunkScan {
  memory: ArrayBuffer;
  /** Null when all are taken: a read is then scanned by other means. */
  takeSlot(): Slot | null;
  giveSlot(slot: Slot): void;
  /**
   * Passes over the whole chunks from `from` to `to` of the read in `memory` that hold nothing but events as `slot`
   * expects them. Returns the position behind the last one; then `events` and the texts tell what was in them.
   */
  pass(slot: Slot, from: number, to: number): number;
  /** Of the last `pass`. */
  events(): number;
  /** Texts of the last `pass`, one behind another, JSON escapes and all: from `textFrom` to `textTo` of `bytes`. */
  textTo(): number;
  readonly textFrom: number;
  readonly bytes: Buffer;
}

interface Code {
  memory: { buffer: ArrayBuffer };
  /** Takes place and length of head and tail, where to read from and to, and where to put texts and result. */
  scan(...places: number[]): number;
}

const compiled = new WebAssembly.Module(Buffer.from(CHUNK_SCAN_CODE, 'base64'));

export function createChunkScan(): ChunkScan {
  const { memory, scan } = new WebAssembly.Instance(compiled).exports as unknown as Code;
  const { buffer } = memory;
  const view = new DataView(buffer);
  const result = new Int32Array(buffer, RESULT_AT, 2);
  const slots = Math.floor((buffer.byteLength - SLOTS_AT) / SLOT_BYTES);
  const given: Slot[] = [];
  let taken = 0;
  return {
    memory: buffer,
    textFrom: TEXT_AT,
    bytes: Buffer.from(buffer),
    takeSlot() {
      const again = given.pop();
      if (again !== undefined || taken === slots) return again ?? null;
      return newSlot(view, SLOTS_AT + SLOT_BYTES * taken++);
    },
    giveSlot: (slot) => void given.push(slot),
    pass: ({ head, tail }, from, to) =>
      scan(head.at, head.length, tail.at, tail.length, from, to, TEXT_AT, RESULT_AT),
    events: () => result[0],
    textTo: () => result[1],
  };
}
