/**
 * What MLPerf's draft for endpoints asks of a steady state beside our own checks, under `profile: 'mlperf'` alone: 4 in
 * its own form, and 23 to 25. Bounds as its published description of the method gives them. The window is ours.
 */
import type { SteadyCheck } from '../../../core/steady.ts';
import { e2elUs } from '../../request-table.ts';
import { distributionOf, meanOf } from '../../stats.ts';
import { latencyOf, type RunFacts, type SteadyFacts } from '../facts.ts';
import { tpotUs } from '../latencies.ts';
import { earlyStoppingEstimate, fewestFor } from '../statistics/early-stopping.ts';
import { mannKendall, pettitt } from '../statistics/rank-tests.ts';
import {
  FEWEST_PASSES,
  fittedChange,
  leastLength,
  type SuperPasses,
  superPassesOf,
  variationOf,
} from '../super-passes.ts';
import {
  below,
  both,
  checked,
  type Level,
  latencyOnly,
  noWindow,
  percent,
  unchecked,
  worst,
} from './check.ts';

/** The widest of its bounds on the variation between super-passes, and how far two levels must be apart. */
const MOST_VARIATION = 0.08;
/** A trend smaller than this from end to end counts as none. */
const LEAST_CHANGE = 0.05;
const SIGNIFICANCE = 0.05;
const TOO_FEW = 'too few';

export function mlperfWallClock(facts: RunFacts): SteadyCheck {
  const { steady } = facts;
  const about = { name: 'wall_clock', concerns: both };
  if (steady === null) return unchecked(4, 'not tested', { ...about, threshold: '600 s' }, noWindow);
  const least = leastLength(passesOf(facts, steady), latencyOf(steady.latencies, 'E2EL', 'P99'));
  const lengthS = (steady.plateau.toMs - steady.plateau.fromMs) / 1000;
  return checked(4, below(lengthS, least.seconds, 0), {
    ...about,
    threshold: `${Number(least.seconds.toFixed(1))} s (${least.why})`,
    found: `${lengthS.toFixed(1)} s`,
    advice: 'Run longer: what happens once in minutes cannot show in less.',
  });
}

/** Variation and trend of TPOT between super-passes. */
export function superPassDrift(facts: RunFacts): SteadyCheck {
  const about = {
    name: 'mlperf_drift',
    concerns: both,
    threshold: 'P50 and P90 of TPOT vary by less than 8 % between super-passes, without a trend of 5 %',
  };
  const passes = testable(facts);
  if (typeof passes === 'string') return untested(23, about, passes);
  const series = [
    ['P50', passes.tpotP50Us],
    ['P90', passes.tpotP90Us],
  ] as const;
  const level = worst(series.map(([, values]) => driftLevel(values)));
  return checked(23, level, {
    ...about,
    found: `${passes.spanMs.length} super-passes; ${series.map(([name, values]) => `${name} ${describe(values)}`).join('; ')}`,
    advice: 'The service changed during the run: warm it up for longer, or find out what changed.',
  });
}

function driftLevel(values: readonly number[]): Level {
  const trend = mannKendall(values).pValue < SIGNIFICANCE && Math.abs(fittedChange(values)) >= LEAST_CHANGE;
  return trend || !(variationOf(values) < MOST_VARIATION) ? 'failed' : 'ok';
}

function describe(values: readonly number[]): string {
  return `varies by ${percent(variationOf(values))}, trend ${percent(fittedChange(values))} (p = ${mannKendall(values).pValue.toFixed(3)})`;
}

/** A flag, not a failure: the first of several levels may still be the service's steady state. */
export function superPassShift(facts: RunFacts): SteadyCheck {
  const about = {
    name: 'mlperf_shift',
    concerns: both,
    threshold: 'the median TPOT of super-passes makes no step of 8 %',
  };
  const passes = testable(facts);
  if (typeof passes === 'string') return untested(24, about, passes);
  const { tpotP50Us: values } = passes;
  const { at, pValue } = pettitt(values);
  const step = at > 0 ? meanOf(values.slice(at)) / meanOf(values.slice(0, at)) - 1 : 0;
  const shifted = pValue < SIGNIFICANCE && Math.abs(step) > MOST_VARIATION;
  return checked(24, shifted ? 'reservation' : 'ok', {
    ...about,
    found: `likeliest step ${percent(step)} after super-pass ${at} of ${values.length} (p = ${pValue.toFixed(3)})`,
    advice: 'The service went from one level to another: find out what happened then.',
  });
}

/** A latency's name and its value in µs, NaN where a request has none. */
type Series = [string, (row: number) => number];

/** Not a judgement but LoadGen's estimate. As there, a request that ended after the load counts as it was. */
export function earlyStopping({ steady, table, run }: RunFacts): SteadyCheck {
  const about = {
    name: 'early_stopping',
    concerns: latencyOnly,
    threshold: `${fewestFor(0.99)} independent requests for P99, ${fewestFor(0.9)} for P90`,
  };
  if (steady === null) return unchecked(25, 'not tested', about, noWindow);
  const ended = steady.cohort.rows.filter((row) => table.success[row] === 1);
  const e2el: Series = ['E2EL', (row) => e2elUs(table, row)];
  const streamed: Series[] = [
    ['TTFT', (row) => table.firstUs[row]],
    ['TPOT', (row) => tpotUs(table, row)],
  ];
  const series = run.info.stream ? [...streamed, e2el] : [e2el];
  const found = series.flatMap(([name, usOf]) => {
    const sorted = Float64Array.from(ended, usOf).filter((us) => !Number.isNaN(us));
    return sorted.length > 0 ? [bounds(name, sorted, steady)] : [];
  });
  return checked(25, 'ok', { ...about, found: `at 99 % confidence: ${found.join('; ')}`, advice: '' });
}

/** LoadGen's own, which takes requests for independent, and in brackets for as many as they are worth. */
function bounds(name: string, us: Float64Array, { latencies }: SteadyFacts): string {
  const distribution = distributionOf(us);
  const parts = [0.9, 0.99].map((p) => {
    const stat = `P${Math.round(p * 100)}`;
    const figure = latencies.find((one) => one.name === name && one.stat === stat);
    const worth = figure?.effectiveN ?? distribution.n;
    const designEffect = Math.max(1, distribution.n / worth);
    const [plain, corrected] = [1, designEffect].map((effect) =>
      shownMs(earlyStoppingEstimate(us, p, effect)),
    );
    return plain === TOO_FEW ? `${stat} ${plain}` : `${stat} ≤ ${plain} (${corrected})`;
  });
  return `${name} ${parts.join(', ')}`;
}

function shownMs(us: number): string {
  return Number.isNaN(us) ? TOO_FEW : `${(us / 1000).toFixed(1)} ms`;
}

function passesOf({ run, table }: RunFacts, { cohort }: SteadyFacts): SuperPasses {
  return superPassesOf(table, cohort, Math.max(1, run.info.samples));
}

/** The super-passes, or why there is nothing to test. */
function testable(facts: RunFacts): SuperPasses | string {
  const { steady, run } = facts;
  if (steady === null) return noWindow;
  if (!run.info.stream) return 'without a stream there is no TPOT';
  const passes = passesOf(facts, steady);
  const count = passes.spanMs.length;
  if (count >= FEWEST_PASSES) return passes;
  return `the window holds ${count} super-passes of ${run.info.samples} requests with a TPOT, a trend needs ${FEWEST_PASSES}`;
}

/** What the profile asks for and the run does not hold is a reservation; without a window check 1 has said it. */
function untested(
  number: number,
  about: Pick<SteadyCheck, 'name' | 'concerns' | 'threshold'>,
  why: string,
): SteadyCheck {
  if (why === noWindow) return unchecked(number, 'not tested', about, why);
  const advice = 'Send the data set four times or more within the window, as a streaming task.';
  return checked(number, 'reservation', { ...about, found: why, advice });
}
