/** The memory that reads land in, and the code beside it (chunk-scan.wat) that passes over chunks of expected events. */
import { CHUNK_SCAN_CODE } from './chunk-scan-code.ts';

/** Most bytes one read can bring. */
export const READ_BYTES = 65_536;

/** Where the expected bytes of one stream stand: those before the text, and those behind it. */
export interface Slot {
  view: DataView;
  headAt: number;
  tailAt: number;
}

/** Most bytes before and behind the text of an event that is to be expected: half a kilobyte of memory a stream. */
export const HEAD_BYTES = 352;
export const TAIL_BYTES = 160;
const SLOT_BYTES = HEAD_BYTES + TAIL_BYTES;
/** Behind areas that the code reads and writes sixteen bytes at a time. */
const SLACK = 64;
const TEXT_AT = READ_BYTES + SLACK;
const RESULT_AT = TEXT_AT + READ_BYTES + SLACK;
const SLOTS_AT = RESULT_AT + SLACK;

export interface ChunkScan {
  memory: ArrayBuffer;
  /** Null when all are taken: a read is then scanned by other means. */
  takeSlot(): Slot | null;
  giveSlot(slot: Slot): void;
  /**
   * Passes over the whole chunks from `from` to `to` of the read in `memory` that hold nothing but events as `slot`
   * expects them. Returns the position behind the last one; then `events` and the texts tell what was in them.
   */
  pass(slot: Slot, headLength: number, tailLength: number, from: number, to: number): number;
  /** Of the last `pass`. */
  events(): number;
  /** Texts of the last `pass`, one behind another, JSON escapes and all: from `textFrom` to `textTo` of `bytes`. */
  textTo(): number;
  readonly textFrom: number;
  readonly bytes: Buffer;
}

interface Code {
  memory: { buffer: ArrayBuffer };
  scan(
    head: number,
    headLength: number,
    tail: number,
    tailLength: number,
    from: number,
    to: number,
    text: number,
    result: number,
  ): number;
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
      const headAt = SLOTS_AT + SLOT_BYTES * taken++;
      return { view, headAt, tailAt: headAt + HEAD_BYTES };
    },
    giveSlot: (slot) => void given.push(slot),
    pass: ({ headAt, tailAt }, headLength, tailLength, from, to) =>
      scan(headAt, headLength, tailAt, tailLength, from, to, TEXT_AT, RESULT_AT),
    events: () => result[0],
    textTo: () => result[1],
  };
}
