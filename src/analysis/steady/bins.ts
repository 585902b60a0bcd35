/**
 * What happened when, in bounded memory: sums over a few thousand equal time slots, and the averages over whole
 * request cycles that are read off them. Between slot edges the cumulative sum is taken as a straight line.
 */

export interface SlotGrid {
  startMs: number;
  slotMs: number;
  count: number;
}

const MIN_SLOTS = 4096;
const MAX_SLOTS = 65_536;
/** With slots up to a tenth of a cycle an averaged rate differs from the exact one by 3e-5 at most. */
const SLOTS_PER_CYCLE = 20;

export function slotGrid(startMs: number, endMs: number, cycleMs: number): SlotGrid {
  const wanted = Math.ceil(((endMs - startMs) / cycleMs) * SLOTS_PER_CYCLE);
  const count = Math.min(MAX_SLOTS, Math.max(MIN_SLOTS, wanted || 0));
  return { startMs, slotMs: (endMs - startMs) / count, count };
}

/** Adds `amount` at a moment; moments outside the grid go to its ends. */
export function addAt(grid: SlotGrid, slots: Float64Array, atMs: number, amount: number): void {
  const slot = Math.floor((atMs - grid.startMs) / grid.slotMs);
  slots[Math.min(grid.count - 1, Math.max(0, slot))] += amount;
}

/** Collects amounts that are spread evenly over intervals, for instance the level: a request is 1 per ms while in flight. */
export function createSpread(grid: SlotGrid) {
  /** Rate per slot at the slot's start, as changes, and what partly covered slots hold. */
  const change = new Float64Array(grid.count + 1);
  const partial = new Float64Array(grid.count + 1);
  const mark = (ms: number, rate: number) => {
    const position = Math.min(grid.count, Math.max(0, (ms - grid.startMs) / grid.slotMs));
    const slot = Math.floor(position);
    partial[slot] += (slot + 1 - position) * rate;
    if (slot < grid.count) change[slot + 1] += rate;
  };
  return {
    /** `amount` per ms from `fromMs` to `toMs`. */
    add(fromMs: number, toMs: number, amount: number): void {
      if (toMs <= fromMs) return;
      mark(fromMs, amount * grid.slotMs);
      mark(toMs, -amount * grid.slotMs);
    },
    slots(): Float64Array {
      const result = new Float64Array(grid.count);
      let rate = 0;
      for (let slot = 0; slot < grid.count; slot++) {
        rate += change[slot];
        result[slot] = rate + partial[slot];
      }
      return result;
    },
  };
}

export interface CycleAverage {
  /** Mean amount per ms over each of `n` equal batches of the window, averaged over one cycle at both of its edges. */
  batches(fromMs: number, toMs: number, cycleMs: number, n: number): Float64Array;
}

/**
 * With I the integral of the cumulative sum, N(x) = (I(x + E/2) − I(x − E/2))/E is the cumulative sum averaged over
 * one cycle E. Batches divide [from + E/2, to − E/2], and the mean of all of them is exactly the phase-averaged rate
 * of (from, to].
 */
export function cycleAverage(grid: SlotGrid, slots: Float64Array): CycleAverage {
  const { startMs, slotMs, count } = grid;
  const cumulative = new Float64Array(count + 1);
  const integral = new Float64Array(count + 1);
  for (let slot = 0; slot < count; slot++) {
    cumulative[slot + 1] = cumulative[slot] + slots[slot];
    integral[slot + 1] = integral[slot] + (cumulative[slot] + slots[slot] / 2) * slotMs;
  }
  const integralAt = (ms: number) => {
    const position = (ms - startMs) / slotMs;
    if (position <= 0) return 0;
    if (position >= count) return integral[count] + cumulative[count] * (position - count) * slotMs;
    const slot = Math.floor(position);
    const share = position - slot;
    return integral[slot] + (cumulative[slot] + (slots[slot] * share) / 2) * share * slotMs;
  };
  return {
    batches(fromMs, toMs, cycleMs, n) {
      const width = (toMs - fromMs - cycleMs) / n;
      const smoothed = (ms: number) => (integralAt(ms + cycleMs) - integralAt(ms)) / cycleMs;
      const result = new Float64Array(n);
      let previous = smoothed(fromMs);
      for (let k = 0; k < n; k++) {
        const next = smoothed(fromMs + (k + 1) * width);
        result[k] = (next - previous) / width;
        previous = next;
      }
      return result;
    },
  };
}
