/** Which row each request is drawn in. Rows count from 0, upwards; a row holds requests that do not overlap. */
import type { Requests } from './load.ts';
import { firstAbove } from './search.ts';
import type { Range } from './view.ts';

export interface Layout {
  rows: number;
  rowOf: Uint32Array;
  /** Requests by row and, within a row, by time. */
  order: Uint32Array;
  /** rows + 1 offsets into `order`. */
  start: Uint32Array;
}

/** Row i holds the i-th request sent. */
export function byRequest(r: Requests): Layout {
  const ascending = (length: number) => Uint32Array.from({ length }, (_, i) => i);
  return {
    rows: r.count,
    rowOf: ascending(r.count),
    order: ascending(r.count),
    start: ascending(r.count + 1),
  };
}

/** Each request in the lowest row that is free when it is sent: as many rows as the highest level. */
export function byLane(r: Requests): Layout {
  const rowOf = new Uint32Array(r.count);
  const freeAt: number[] = [];
  for (let i = 0; i < r.count; i++) {
    let row = 0;
    while (row < freeAt.length && freeAt[row] > r.sent[i]) row++;
    freeAt[row] = r.end[i];
    rowOf[i] = row;
  }
  const rows = freeAt.length;
  const start = new Uint32Array(rows + 1);
  for (const row of rowOf) start[row + 1]++;
  for (let row = 0; row < rows; row++) start[row + 1] += start[row];
  const next = start.slice();
  const order = new Uint32Array(r.count);
  for (let i = 0; i < r.count; i++) order[next[rowOf[i]]++] = i;
  return { rows, rowOf, order, start };
}

/** Positions in `order`, from and up to, of the requests of a row that touch [min, max] seconds. */
export function touching(r: Requests, layout: Layout, row: number, { min, max }: Range): [number, number] {
  const { order, start } = layout;
  const from = firstAbove(start[row], start[row + 1], (k) => r.end[order[k]] >= min);
  return [from, firstAbove(from, start[row + 1], (k) => r.sent[order[k]] > max)];
}

/**
 * The rows that a time range needs: all in lanes, else from the oldest request still running at `min` to the
 * last one sent before `max`. Both ends included.
 */
export function rowsFor(r: Requests, layout: Layout, min: number, max: number): [number, number] {
  if (layout.rows < r.count) return [0, layout.rows - 1];
  const last = Math.max(0, firstAbove(0, r.count, (i) => r.sent[i] > max) - 1);
  let first = 0;
  while (first < last && r.end[first] < min) first++;
  return [first, last];
}
