/**
 * Exact distribution of very many whole numbers without keeping or sorting them: one counter a value.
 * Gaps between tokens are whole µs and nearly all below some seconds, so a dense table (grown up to
 * 2^22 µs, 16 MB) takes them and a map takes the rest. 10^9 gaps need no more than 10^3 do.
 */
import type { RecordBatch } from '../core/records.ts';
import { between, type Distribution, rankOf } from './stats.ts';

const DENSE_START = 2 ** 14;
const DENSE_LIMIT = 2 ** 22;

/** The events of a batch; those of a row lie from its `eventStart` to the next. */
type Events<Column extends keyof RecordBatch> = Pick<RecordBatch, 'eventStart' | 'eventGapUs' | Column>;

export interface CountHistogram {
  /** A whole number ≥ 0. */
  add(value: number, count?: number): void;
  /**
   * The gaps between the points among the events of one request: `isPoint[kind]` is 0 for an event that is no point.
   * The same as calling `add` for each, at a fifth of its cost.
   */
  addGaps(events: Events<'eventKind'>, row: number, isPoint: ArrayLike<number>): void;
  /**
   * The gaps between the tokens of one request, of which each event brought its number, 0 for an event without: the gap
   * before n tokens is n gaps, equal but for a µs, so that all are whole numbers and their sum is the gap.
   */
  addTokenGaps(events: Events<'eventTokens'>, row: number): void;
  /** Takes out what `other` holds, all of which must have been added here too. */
  remove(other: CountHistogram): void;
  /** Calls back with each value that was counted and how often. */
  forEach(visit: (value: number, count: number) => void): void;
  distribution(): Distribution;
}

/** How often each value occurs. */
interface Counts {
  /** Indexed by the value; replaced by a longer one as values grow. */
  dense: Uint32Array;
  sparse: Map<number, number>;
}

export function createCountHistogram(): CountHistogram {
  const counts: Counts = { dense: new Uint32Array(DENSE_START), sparse: new Map() };
  return {
    add: (value, count = 1) => addCount(counts, value, count),
    addGaps: (events, row, isPoint) => addPointGaps(counts, events, row, isPoint),
    addTokenGaps: (events, row) => addTokenGaps(counts, events, row),
    remove(other) {
      other.forEach((value, count) => {
        removeCount(counts, value, count);
      });
    },
    forEach(visit) {
      counts.dense.forEach((count, value) => {
        if (count > 0) visit(value, count);
      });
      counts.sparse.forEach((count, value) => {
        visit(value, count);
      });
    },
    distribution: () => readDistribution(counts),
  };
}

function addCount(counts: Counts, value: number, count: number): void {
  if (value < DENSE_LIMIT) {
    if (value >= counts.dense.length) grow(counts, value);
    counts.dense[value] += count;
  } else counts.sparse.set(value, (counts.sparse.get(value) ?? 0) + count);
}

function grow(counts: Counts, value: number): void {
  let size = counts.dense.length;
  while (size <= value) size *= 2;
  const wider = new Uint32Array(size);
  wider.set(counts.dense);
  counts.dense = wider;
}

function removeCount({ dense, sparse }: Counts, value: number, count: number): void {
  if (value < DENSE_LIMIT) dense[value] -= count;
  else {
    const left = (sparse.get(value) ?? 0) - count;
    if (left > 0) sparse.set(value, left);
    else sparse.delete(value);
  }
}

/** Counts in a local table, which `addCount` may have replaced. */
function addPointGaps(
  counts: Counts,
  { eventStart, eventGapUs: gaps, eventKind: kinds }: Events<'eventKind'>,
  row: number,
  isPoint: ArrayLike<number>,
): void {
  const to = eventStart[row + 1];
  let at = eventStart[row];
  while (at < to && isPoint[kinds[at]] === 0) at++;
  let table = counts.dense;
  let gap = 0;
  for (at++; at < to; at++) {
    gap += gaps[at];
    if (isPoint[kinds[at]] === 0) continue;
    if (gap < table.length) table[gap]++;
    else {
      addCount(counts, gap, 1);
      table = counts.dense;
    }
    gap = 0;
  }
}

function addTokenGaps(
  counts: Counts,
  { eventStart, eventGapUs: gaps, eventTokens: tokens }: Events<'eventTokens'>,
  row: number,
): void {
  const to = eventStart[row + 1];
  let at = eventStart[row];
  while (at < to && tokens[at] === 0) at++;
  let gap = 0;
  for (at++; at < to; at++) {
    gap += gaps[at];
    if (tokens[at] === 0) continue;
    const each = Math.floor(gap / tokens[at]);
    const longer = gap % tokens[at];
    addCount(counts, each, tokens[at] - longer);
    if (longer > 0) addCount(counts, each + 1, longer);
    gap = 0;
  }
}

function readDistribution({ dense, sparse }: Counts): Distribution {
  const { n, sum } = totals(dense, sparse);
  const tail = [...sparse].sort((a, b) => a[0] - b[0]);
  const at = (rank: number) => orderStatistics(dense, tail, rank, n);
  return {
    n,
    mean: sum / n,
    min: n > 0 ? at(0)[0] : Number.NaN,
    max: n > 0 ? at(n - 1)[0] : Number.NaN,
    quantile(p) {
      const { rank, share } = rankOf(n, p);
      if (n === 0) return Number.NaN;
      const [low, high] = at(rank);
      return between(low, high, share);
    },
  };
}

/** Derived from the counts, so that counting is all there is to do for a value. */
function totals(dense: Uint32Array, sparse: Map<number, number>): { n: number; sum: number } {
  let n = 0;
  let sum = 0;
  const take = (count: number, value: number) => {
    n += count;
    sum += count * value;
  };
  dense.forEach(take);
  sparse.forEach(take);
  return { n, sum };
}

/** The values at `rank` and at the next rank (the same at the end), in one walk. */
function orderStatistics(
  dense: Uint32Array,
  tail: [number, number][],
  rank: number,
  n: number,
): [number, number] {
  const next = Math.min(rank + 1, n - 1);
  let below = 0;
  let low = Number.NaN;
  for (let value = 0; value < dense.length; value++) {
    below += dense[value];
    if (Number.isNaN(low) && below > rank) low = value;
    if (below > next) return [low, value];
  }
  for (const [value, count] of tail) {
    below += count;
    if (Number.isNaN(low) && below > rank) low = value;
    if (below > next) return [low, value];
  }
  return [low, low];
}
