/**
 * Exact distribution of very many whole numbers without keeping or sorting them: one counter a value.
 * Gaps between tokens are whole µs and nearly all below some seconds, so a dense table (grown up to
 * 2^22 µs, 16 MB) takes them and a map takes the rest. 10^9 gaps need no more than 10^3 do.
 */
import { between, type Distribution, rankOf } from './stats.ts';

const DENSE_START = 2 ** 14;
const DENSE_LIMIT = 2 ** 22;

export interface CountHistogram {
  /** A whole number ≥ 0. */
  add(value: number, count?: number): void;
  /**
   * The gaps between the points among the events `from` … `to` of one request: `gaps` are distances from
   * event to event, and `isPoint[kind]` is 0 for an event that is no point. The same as calling `add` for
   * each, at a fifth of its cost.
   */
  addGaps(gaps: Uint32Array, kinds: Uint8Array, isPoint: ArrayLike<number>, from: number, to: number): void;
  /**
   * The gaps between the tokens of one request, of which each event brought `tokens`, 0 for an event without: the gap
   * before n tokens is n gaps, equal but for a µs, so that all are whole numbers and their sum is the gap.
   */
  addTokenGaps(gaps: Uint32Array, tokens: Uint16Array, from: number, to: number): void;
  /** Takes out what `other` holds, all of which must have been added here too. */
  remove(other: CountHistogram): void;
  /** Calls back with each value that was counted and how often. */
  forEach(visit: (value: number, count: number) => void): void;
  distribution(): Distribution;
}

export function createCountHistogram(): CountHistogram {
  let dense = new Uint32Array(DENSE_START);
  const sparse = new Map<number, number>();

  const grow = (value: number) => {
    let size = dense.length;
    while (size <= value) size *= 2;
    const wider = new Uint32Array(size);
    wider.set(dense);
    dense = wider;
  };

  const add = (value: number, count = 1) => {
    if (value < DENSE_LIMIT) {
      if (value >= dense.length) grow(value);
      dense[value] += count;
    } else sparse.set(value, (sparse.get(value) ?? 0) + count);
  };

  return {
    add,
    addGaps(gaps, kinds, isPoint, from, to) {
      let at = from;
      while (at < to && isPoint[kinds[at]] === 0) at++;
      let table = dense;
      let gap = 0;
      for (at++; at < to; at++) {
        gap += gaps[at];
        if (isPoint[kinds[at]] === 0) continue;
        if (gap < table.length) table[gap]++;
        else {
          add(gap);
          table = dense;
        }
        gap = 0;
      }
    },
    addTokenGaps(gaps, tokens, from, to) {
      let at = from;
      while (at < to && tokens[at] === 0) at++;
      let gap = 0;
      for (at++; at < to; at++) {
        gap += gaps[at];
        if (tokens[at] === 0) continue;
        const each = Math.floor(gap / tokens[at]);
        const longer = gap % tokens[at];
        add(each, tokens[at] - longer);
        if (longer > 0) add(each + 1, longer);
        gap = 0;
      }
    },
    remove(other) {
      other.forEach((value, count) => {
        if (value < DENSE_LIMIT) dense[value] -= count;
        else {
          const left = (sparse.get(value) ?? 0) - count;
          if (left > 0) sparse.set(value, left);
          else sparse.delete(value);
        }
      });
    },
    forEach(visit) {
      dense.forEach((count, value) => {
        if (count > 0) visit(value, count);
      });
      sparse.forEach((count, value) => {
        visit(value, count);
      });
    },
    distribution() {
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
