/** What the start of a closed loop does to a run: virtual runs of the batching server from four kinds of start. */
import { seededRandom } from '../../src/core/random.ts';
import type { RecordedRun } from '../../src/core/run.ts';
import { cycleMs, MEAN_TOKENS, steadyOf } from './oracles.ts';
import { batchingRate, batchingRun, type LengthLaw, lengthLaws } from './virtual-run.ts';

const SLOTS = 16;
const cycle = cycleMs(SLOTS);

/** When the slots open: with the run, one after the other within it over so long, or one after the other before it. */
const openings = {
  'at once': {},
  'over one cycle': { staggerMs: cycle / SLOTS },
  'over three cycles': { staggerMs: (3 * cycle) / SLOTS },
  'before the run': { fillMs: cycle },
} as const;
export type Start = keyof typeof openings;
export const starts = Object.keys(openings) as Start[];

export interface RampJob {
  kind: 'ramp';
  start: Start;
  law: LengthLaw;
  waves: number;
  seed: number;
}

export interface RampResult {
  waves: number;
  /** From the first measured send, in request cycles; NaN without a window. */
  windowFromCycles: number;
  /** Lock-step index of the window: 0 for starts that know nothing of one another, 1 for all in one instant. */
  synchrony: number;
  /** Relative error of the output token throughput; NaN without a window. */
  error: number;
}

export function rampOf({ start, law, waves, seed }: RampJob): RampResult {
  const run = batchingRun(
    { slots: SLOTS, lengths: lengthLaws[law](MEAN_TOKENS), durationMs: waves * cycle, ...openings[start] },
    seededRandom(seed, `ramp ${law}`),
  );
  const { window, synchrony, rates } = steadyOf(run);
  return {
    waves,
    windowFromCycles: ((window?.startMs ?? Number.NaN) - firstSentMs(run)) / cycle,
    synchrony: synchrony ?? Number.NaN,
    error: (rates[0]?.value ?? Number.NaN) / batchingRate(SLOTS, MEAN_TOKENS) - 1,
  };
}

function firstSentMs(run: RecordedRun): number {
  return Math.min(...[...run.batches()].map(({ sent }) => Math.min(...sent)));
}
