/** From the load phase to the steady window: what is cut as warm-up, and what is wrong with the rest. */

import type { CycleAverage } from './bins.ts';
import type { LoadPhase } from './load-phase.ts';
import type { RunSeries } from './series.ts';
import { type Drift, driftOf, type LevelShift, levelShift, mostCut, warmUpCut } from './series-tests.ts';
import { MIN_BATCHES } from './statistics/intervals.ts';

type SteadyMetric = 'throughput' | 'itl' | 'ttft';

export interface MetricPlateau {
  metric: SteadyMetric;
  /** Batches cut as warm-up, of `batches`. */
  cut: number;
  /** The cut reached its limit: the metric never settled. */
  unsettled: boolean;
  /** Of the whole load phase, so that a cut cannot hide it. Never looked for in TTFT. */
  shift: LevelShift | null;
  /** Of the window. */
  drift: Drift;
}

export interface Plateau {
  /** Moments in (fromMs, toMs] belong to the window. */
  fromMs: number;
  toMs: number;
  cycleMs: number;
  /** Batches of the load phase among which the cut was looked for. */
  batches: number;
  metrics: MetricPlateau[];
}

/** Relative difference of means that is worth cutting data for, and the change that makes a run unsteady. */
const limits: Record<SteadyMetric, { tolerance: number; delta: number }> = {
  throughput: { tolerance: 0.001, delta: 0.05 },
  itl: { tolerance: 0.001, delta: 0.05 },
  ttft: { tolerance: 0.02, delta: 0.2 },
};
const MAX_BATCHES = 100;
/** Cycles a window must have for its averages to be free of aliasing. */
const MIN_CYCLES = 2;

/** A series' batch values over a window. */
type BatchValues = (fromMs: number, toMs: number, batches: number) => Float64Array;

/** null when the load phase is shorter than `MIN_CYCLES`. */
export function findPlateau(series: RunSeries, load: LoadPhase): Plateau | null {
  const { fromMs, toMs, cycleMs } = load;
  const lengthMs = toMs - fromMs;
  if (lengthMs < MIN_CYCLES * cycleMs || lengthMs <= cycleMs) return null;
  const metrics = metricSeries(series, cycleMs).filter(([, values]) =>
    isWhole(values(fromMs, toMs, MIN_BATCHES)),
  );
  const batches = Math.round(
    Math.min(MAX_BATCHES, Math.max(MIN_BATCHES, Math.floor((2 * lengthMs) / cycleMs))),
  );
  const cuts = metrics.map(([metric, values]) =>
    cutOf(values(fromMs, toMs, batches), limits[metric].tolerance),
  );
  const cut = Math.max(0, ...cuts);
  const windowFromMs = fromMs + (cut * (lengthMs - cycleMs)) / batches;
  return {
    fromMs: windowFromMs,
    toMs,
    cycleMs,
    batches,
    metrics: metrics.map(([metric, values], i) => ({
      metric,
      cut: cuts[i],
      unsettled: cuts[i] >= mostCut(batches),
      shift: metric === 'ttft' ? null : levelShift(values(fromMs, toMs, MIN_BATCHES)),
      drift: driftOf(values(windowFromMs, toMs, MIN_BATCHES), limits[metric].delta),
    })),
  };
}

/** Tokens per ms, mean ITL and mean TTFT in µs, each averaged over one cycle. */
function metricSeries(series: RunSeries, cycleMs: number): [SteadyMetric, BatchValues][] {
  const plain =
    (average: CycleAverage): BatchValues =>
    (from, to, n) =>
      average.batches(from, to, cycleMs, n);
  const ratio =
    (above: CycleAverage, below: CycleAverage): BatchValues =>
    (from, to, n) => {
      const count = below.batches(from, to, cycleMs, n);
      return above.batches(from, to, cycleMs, n).map((value, k) => value / count[k]);
    };
  return [
    ['throughput', plain(series.outTokens)],
    ['itl', ratio(series.gapSum, series.gaps)],
    ['ttft', ratio(series.ttftSum, series.ttfts)],
  ];
}

function cutOf(values: Float64Array, tolerance: number): number {
  return isWhole(values) ? warmUpCut(values, tolerance) : 0;
}

/** False when a batch holds nothing to divide by: too few requests for a series. */
function isWhole(values: Float64Array): boolean {
  return values.every(Number.isFinite);
}
