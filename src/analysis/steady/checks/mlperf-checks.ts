/**
 * Plug-in: what MLPerf's draft for endpoints asks of a steady state beside our own checks, under `profile: 'mlperf'`
 * alone. Bounds as its published description of the method gives them. The window is ours.
 */
import { formatMs, formatPercent } from '../../../core/text/format-numbers.ts';
import { e2elUs } from '../../request-table.ts';
import { distributionOf, meanOf } from '../../stats.ts';
import { latencyOf, type SteadyFacts } from '../facts.ts';
import { tpotUs } from '../latencies.ts';
import { earlyStoppingEstimate, fewestFor } from '../statistics/early-stopping.ts';
import { mannKendall, pettitt } from '../statistics/rank-tests.ts';
import {
  fittedChange,
  leastLength,
  MIN_PASSES,
  type SuperPasses,
  superPassesOf,
  variationOf,
} from '../super-passes.ts';
import {
  below,
  both,
  type Check,
  type Finding,
  latencyOnly,
  type Severity,
  type WindowFacts,
  worst,
} from './check.ts';

/** The widest of its bounds on the variation between super-passes, and how far two levels must be apart. */
const MAX_VARIATION = 0.08;
/** A trend smaller than this from end to end counts as none. */
const MIN_CHANGE = 0.05;
const SIGNIFICANCE = 0.05;
const TOO_FEW = 'too few';

export const mlperfWallClock: Check = {
  name: 'wall_clock',
  concerns: both,
  threshold: '600 s',
  needs: 'window',
  run(facts) {
    const { plateau, latencies } = facts.steady;
    const least = leastLength(passesOf(facts), latencyOf(latencies, 'E2EL', 'P99'));
    const lengthS = (plateau.toMs - plateau.fromMs) / 1000;
    return {
      result: below(lengthS, least.seconds, 0),
      threshold: `${Number(least.seconds.toFixed(1))} s (${least.why})`,
      found: `${lengthS.toFixed(1)} s`,
      advice: 'Run longer: events that occur once in several minutes cannot be observed in a shorter window.',
    };
  },
};

/** Variation and trend of TPOT between super-passes. */
export const superPassDrift: Check = {
  name: 'mlperf_drift',
  concerns: both,
  threshold: 'P50 and P90 of TPOT vary by less than 8 % between super-passes, without a trend of 5 %',
  needs: 'window',
  run: (facts) =>
    testPasses(facts, (passes) => {
      const { tpotP50Us, tpotP90Us } = passes;
      const parts = [`P50 ${describe(tpotP50Us)}`, `P90 ${describe(tpotP90Us)}`];
      return {
        result: worst([driftSeverity(tpotP50Us), driftSeverity(tpotP90Us)]),
        found: `${passes.spanMs.length} super-passes; ${parts.join('; ')}`,
        advice: 'The service changed during the run. Warm it up longer, or find out what changed.',
      };
    }),
};

function driftSeverity(values: readonly number[]): Severity {
  const trend = mannKendall(values).pValue < SIGNIFICANCE && Math.abs(fittedChange(values)) >= MIN_CHANGE;
  return trend || !(variationOf(values) < MAX_VARIATION) ? 'failed' : 'ok';
}

function describe(values: readonly number[]): string {
  return `varies by ${formatPercent(variationOf(values))}, trend ${formatPercent(fittedChange(values))} (p = ${mannKendall(values).pValue.toFixed(3)})`;
}

/** A flag, not a failure: the first of several levels may still be the service's steady state. */
export const superPassShift: Check = {
  name: 'mlperf_shift',
  concerns: both,
  threshold: 'the median TPOT of super-passes does not shift by 8 %',
  needs: 'window',
  run: (facts) =>
    testPasses(facts, ({ tpotP50Us: values }) => {
      const { at, pValue } = pettitt(values);
      const step = at > 0 ? meanOf(values.slice(at)) / meanOf(values.slice(0, at)) - 1 : 0;
      const hasShifted = pValue < SIGNIFICANCE && Math.abs(step) > MAX_VARIATION;
      return {
        result: hasShifted ? 'reservation' : 'ok',
        found: `most likely shift ${formatPercent(step)} after super-pass ${at} of ${values.length} (p = ${pValue.toFixed(3)})`,
        advice: 'The performance shifted. Find out what happened at that time.',
      };
    }),
};

/** A latency's name and its value in µs, NaN where a request has none. */
type Series = [string, (row: number) => number];

/** Not a judgement but LoadGen's estimate. As there, a request that ended after the load counts as it was. */
export const earlyStopping: Check = {
  name: 'early_stopping',
  concerns: latencyOnly,
  threshold: `${fewestFor(0.99)} independent requests for P99, ${fewestFor(0.9)} for P90`,
  needs: 'window',
  run({ steady, table, run }) {
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
    return { result: 'ok', found: `at 99 % confidence: ${found.join('; ')}` };
  },
};

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
  return Number.isNaN(us) ? TOO_FEW : formatMs(us / 1000, 1);
}

function passesOf({ run, table, steady }: WindowFacts): SuperPasses {
  return superPassesOf(table, steady.cohort, Math.max(1, run.info.samples));
}

/** What the profile asks for and the run does not hold is a reservation. */
function testPasses(facts: WindowFacts, test: (passes: SuperPasses) => Finding): Finding {
  const { samples, stream } = facts.run.info;
  if (!stream) return untested('without a stream there is no TPOT');
  const passes = passesOf(facts);
  const count = passes.spanMs.length;
  if (count >= MIN_PASSES) return test(passes);
  return untested(
    `the window contains ${count} super-passes of ${samples} requests with a TPOT, but a trend needs ${MIN_PASSES}`,
  );
}

function untested(found: string): Finding {
  const advice = 'Send the dataset at least four times within the window, as a streaming task.';
  return { result: 'reservation', found, advice };
}
