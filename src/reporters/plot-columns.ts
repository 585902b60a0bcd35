/**
 * The timeline as bytes, for the plot's page: columns of whole numbers, times in whole µs, each time as the
 * distance from the one before it, each number as a variable-length integer. Exact to 1 µs and, deflated,
 * about 10 bytes per attempt. The page runs this same file, so nothing here may need Node.
 */
import { UNKNOWN_TOKENS } from '../core/records.ts';
import type { Timeline } from '../core/summary.ts';

/** One entry per attempt in order of sending; times in whole µs after the run's start; NaN where there is none. */
export interface PlotColumns {
  index: Float64Array;
  attempt: Float64Array;
  outcome: Float64Array;
  sentUs: Float64Array;
  firstTokenUs: Float64Array;
  lastTokenUs: Float64Array;
  endUs: Float64Array;
  inTokens: Float64Array;
  outTokens: Float64Array;
}

const MAX_VARINT_BYTES = 8;
const COLUMNS = 9;

export function encodeTimeline(t: Timeline): Uint8Array {
  const bytes = new Uint8Array(t.count * COLUMNS * MAX_VARINT_BYTES);
  let at = 0;
  const column = (valueAt: (row: number) => number) => {
    for (let row = 0; row < t.count; row++) at = putNumber(bytes, at, valueAt(row));
  };
  const us = (times: Float64Array) => Float64Array.from(times, (ms) => Math.round(ms * 1000));
  const tokens = (count: number) => (count === UNKNOWN_TOKENS ? Number.NaN : count);
  const sent = us(t.sentMs);
  const first = us(t.firstTokenMs);
  const last = us(t.lastTokenMs);
  const end = us(t.endMs);
  column((row) => t.index[row] - (row > 0 ? t.index[row - 1] : 0));
  column((row) => t.attempt[row]);
  column((row) => t.outcome[row]);
  column((row) => sent[row] - (row > 0 ? sent[row - 1] : 0));
  column((row) => first[row] - sent[row]);
  column((row) => last[row] - firstPresent(first[row], sent[row]));
  column((row) => end[row] - firstPresent(last[row], first[row], sent[row]));
  column((row) => tokens(t.inTokens[row]));
  column((row) => tokens(t.outTokens[row]));
  return bytes.subarray(0, at);
}

/** The inverse of `encodeTimeline` for `count` attempts. Throws `RangeError` when the bytes end too early. */
export function decodeTimeline(bytes: Uint8Array, count: number): PlotColumns {
  const cursor = { bytes, at: 0 };
  const column = (resolve: (value: number, row: number, done: Float64Array) => number) => {
    const done = new Float64Array(count);
    for (let row = 0; row < count; row++) done[row] = resolve(takeNumber(cursor), row, done);
    return done;
  };
  const plain = (value: number) => value;
  const running = (value: number, row: number, done: Float64Array) => value + (row > 0 ? done[row - 1] : 0);
  const index = column(running);
  const attempt = column(plain);
  const outcome = column(plain);
  const sentUs = column(running);
  const firstTokenUs = column((value, row) => value + sentUs[row]);
  const lastTokenUs = column((value, row) => value + firstPresent(firstTokenUs[row], sentUs[row]));
  const endUs = column(
    (value, row) => value + firstPresent(lastTokenUs[row], firstTokenUs[row], sentUs[row]),
  );
  const inTokens = column(plain);
  const outTokens = column(plain);
  return { index, attempt, outcome, sentUs, firstTokenUs, lastTokenUs, endUs, inTokens, outTokens };
}

/** The first of the given times that is there. */
function firstPresent(...times: number[]): number {
  for (const time of times) if (!Number.isNaN(time)) return time;
  return Number.NaN;
}

function zigzag(value: number): number {
  if (Number.isNaN(value)) return 0;
  return value >= 0 ? 2 * value + 1 : -2 * value;
}

/** 0 stands for NaN; other values are zigzagged (0, -1, 1, -2 …) and counted from 1. Safe up to 2^52. */
function putNumber(bytes: Uint8Array, start: number, value: number): number {
  let rest = zigzag(value);
  let at = start;
  while (rest >= 128) {
    bytes[at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}

function takeNumber(cursor: { bytes: Uint8Array; at: number }): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    if (cursor.at >= cursor.bytes.length) throw new RangeError('The plot data end too early.');
    const byte = cursor.bytes[cursor.at++];
    value += (byte % 128) * scale;
    if (byte < 128) break;
    scale *= 128;
  }
  if (value === 0) return Number.NaN;
  return value % 2 === 1 ? (value - 1) / 2 : -value / 2;
}
