/** What the start of a closed loop does to a run: virtual runs of the batching server from three kinds of start. */
import { seededRandom } from '../../core/random.ts';
import { cycleMs, MEAN_TOKENS, steadyOf } from './oracles.fixture.ts';
import { batchingRun, type LengthLaw, lengthLaws } from './virtual-run.fixture.ts';

/** The slots open with the run, one after the other within the run, or were filled one after the other before it. */
export const starts = ['at once', 'staggered', 'filled before'] as const;

export interface RampJob {
  kind: 'ramp';
  start: (typeof starts)[number];
  law: LengthLaw;
  seed: number;
}

export interface RampResult {
  /** From time zero, in request cycles; NaN without a window. */
  windowFromCycles: number;
  /** Lock-step index of the window: 0 for starts that know nothing of one another, 1 for all in one instant. */
  synchrony: number;
}

const SLOTS = 16;
const WAVES = 30;

export function rampOf({ start, law, seed }: RampJob): RampResult {
  const cycle = cycleMs(SLOTS);
  const run = batchingRun(
    {
      slots: SLOTS,
      lengths: lengthLaws[law](MEAN_TOKENS),
      durationMs: WAVES * cycle,
      ...(start === 'staggered' && { staggerMs: cycle / SLOTS }),
      ...(start === 'filled before' && { fillMs: cycle }),
    },
    seededRandom(seed, `ramp ${law}`),
  );
  const steady = steadyOf(run);
  return {
    windowFromCycles: (steady.window?.startMs ?? Number.NaN) / cycle,
    synchrony: steady.synchrony ?? Number.NaN,
  };
}
