/**
 * The distribution of a latency over the requests that started in a window, some of which were still on their way
 * when the load ended. Dropping those would drop the long ones; counting them as they ended would mix in the drain.
 * So each is censored at that moment, and the ones seen to the end carry the weight of their like that were not:
 * Kaplan and Meier 1958; as weights, Robins and Rotnitzky 1992, Satten and Datta 2001.
 */
import { type Estimate, meanOfBatches } from './statistics/intervals.ts';
import { orderOf } from './statistics/order.ts';

/** Requests of a window; all columns have one entry a request, times ≥ 0. */
export interface Members {
  /** How long the request was followed, and whether that was to the end. */
  life: Float64Array;
  ended: Uint8Array;
  /** The batch, in time order, in which it started. */
  batch: Uint8Array;
  batches: number;
}

/** The members by lifetime, those that ended before those that were cut at the same time. */
export interface Survival {
  order: Uint32Array;
  ended: Uint8Array;
  batch: Uint8Array;
  batches: number;
  life: Float64Array;
  /** Size of the Kaplan-Meier step at each, 0 at censored ones. */
  weight: Float64Array;
  /** Share of the members that live longer than any could be followed. */
  missing: number;
}

export interface CohortSample {
  /** Members seen to the end that have a value. */
  n: number;
  /** Mean over them. */
  mean: Estimate;
  /** Variance of single values, for effective sample sizes. */
  variance: number;
  /** The least value with a share of `p` at or below it, NaN when no value has. */
  quantile(p: number): number;
  /** The share at or below `value`, with its error. */
  shareUpTo(value: number): Estimate;
}

/** With fewer than this share of the cohort still followed, a lifetime is not identified. */
export const MIN_FOLLOWED = 0.1;

/** `longest`: follow nobody for longer; choose it so that `MIN_FOLLOWED` of the cohort could be followed so far. */
export function survivalOf(members: Members, longest: number): Survival {
  const n = members.life.length;
  // Censored at the same moment as others end, a member outlives them: the smallest step puts it behind.
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const time = members.life[i];
    keys[i] = members.ended[i] === 1 && time <= longest ? time : nextAfter(Math.min(time, longest));
  }
  const order = orderOf(keys);
  const survival: Survival = {
    order,
    ended: new Uint8Array(n),
    batch: new Uint8Array(n),
    batches: members.batches,
    life: new Float64Array(n),
    weight: new Float64Array(n),
    missing: 0,
  };
  let surviving = 1;
  for (let rank = 0; rank < n; rank++) {
    const i = order[rank];
    survival.life[rank] = members.life[i];
    survival.batch[rank] = members.batch[i];
    if (members.ended[i] === 0 || members.life[i] > longest) continue;
    survival.ended[rank] = 1;
    survival.weight[rank] = surviving / (n - rank);
    surviving = rank === n - 1 ? 0 : surviving - survival.weight[rank];
  }
  survival.missing = Math.max(0, surviving);
  return survival;
}

/** The lifetimes themselves. Shares are of all members, the missing ones being the longest. */
export function durations(survival: Survival): CohortSample {
  const { life, ended } = survival;
  const values = new Float64Array(life.length);
  for (let rank = 0; rank < values.length; rank++) values[rank] = ended[rank] === 1 ? life[rank] : Number.NaN;
  return sampleOf(survival, values, null);
}

/** Marks that are known once a member has ended, in the members' order; NaN for none. Shares are of those that have one. */
export function marks(survival: Survival, known: Float64Array): CohortSample {
  const { order, ended } = survival;
  const values = new Float64Array(order.length);
  for (let rank = 0; rank < values.length; rank++) {
    values[rank] = ended[rank] === 1 ? known[order[rank]] : Number.NaN;
  }
  return sampleOf(survival, values, orderOf(values.map((value) => (Number.isNaN(value) ? 0 : value))));
}

/** `values` by rank of lifetime; `byValue` is their ascending order, null when they ascend already. */
function sampleOf(survival: Survival, values: Float64Array, byValue: Uint32Array | null): CohortSample {
  const n = values.length;
  const sorted = new Float64Array(n);
  const upTo = new Float64Array(n);
  let count = 0;
  let marked = 0;
  let mean = 0;
  for (let at = 0; at < n; at++) {
    const rank = byValue === null ? at : byValue[at];
    if (Number.isNaN(values[rank])) continue;
    marked += survival.weight[rank];
    mean += survival.weight[rank] * values[rank];
    sorted[count] = values[rank];
    upTo[count++] = marked;
  }
  mean /= marked;
  const whole = byValue === null ? 1 : marked;
  let variance = 0;
  const terms = new Float64Array(n);
  for (let rank = 0; rank < n; rank++) {
    if (Number.isNaN(values[rank])) continue;
    variance += (survival.weight[rank] / marked) * (values[rank] - mean) ** 2;
    terms[rank] = (values[rank] - mean) / marked || 0;
  }
  return {
    n: count,
    mean: estimate(survival, terms, mean),
    variance,
    quantile(p) {
      // Rounding must not push a share of exactly p past its value.
      const at = firstAtLeast(upTo, count, (p - 1e-9) * whole);
      return at < count ? sorted[at] : Number.NaN;
    },
    shareUpTo(limit) {
      const share = upTo[firstAbove(sorted, count, limit) - 1] / whole || 0;
      const centre = byValue === null ? 0 : share;
      const [within, beyond] = [(1 - centre) / whole, -centre / whole];
      for (let rank = 0; rank < n; rank++) {
        if (!Number.isNaN(values[rank])) terms[rank] = values[rank] <= limit ? within : beyond;
      }
      return estimate(survival, terms, share);
    },
  };
}

/**
 * Σ weight · term with its error, from how much each member moves it. n times that is the term itself without
 * censoring; with it, a censored member stands for what the longer ones are like, and every longer one pays for
 * that (Akritas 2000). `at` is the value that the result is centred on.
 */
function estimate(survival: Survival, terms: Float64Array, at: number): Estimate {
  const { ended, weight, batch, batches } = survival;
  const n = terms.length;
  let beyond = 0;
  for (let rank = 0; rank < n; rank++) beyond += weight[rank] * terms[rank];
  const average = beyond;
  const sums = new Float64Array(batches);
  let paid = 0;
  for (let rank = 0; rank < n; rank++) {
    const own = weight[rank] * terms[rank];
    beyond -= own;
    let influence = n * own - paid;
    const after = n - rank - 1;
    if (ended[rank] === 0 && after > 0) {
      influence += (beyond * n) / after;
      paid += (beyond * n) / after / after;
    }
    sums[batch[rank]] += influence - average;
  }
  const scale = batches / n;
  return { ...meanOfBatches(sums.map((total) => at + total * scale)), value: at };
}

/** Index of the first of `count` ascending values that is ≥ `wanted`. */
function firstAtLeast(values: Float64Array, count: number, wanted: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(values: Float64Array, count: number, limit: number): number {
  return firstAtLeast(values, count, nextAfter(limit));
}

/** A double just above one ≥ 0. */
function nextAfter(value: number): number {
  return value * (1 + Number.EPSILON) + Number.MIN_VALUE;
}
