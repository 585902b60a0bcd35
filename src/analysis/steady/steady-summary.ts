/** From a recorded run to its steady numbers, their uncertainty and the verdict on them. */
import type { RecordedRun } from '../../core/run.ts';
import type { SteadyCut, SteadyFigure, SteadySeries, SteadySummary } from '../../core/steady.ts';
import { clientHealth } from '../client-health.ts';
import { type Edges, edgesOf, sweep } from '../concurrency.ts';
import type { RequestTable } from '../request-table.ts';
import type { CycleAverage } from './bins.ts';
import { GAP_SEGMENTS } from './event-sums.ts';
import type { SteadyFacts, SteadyProfile } from './facts.ts';
import { findPlateau, type Plateau } from './find-plateau.ts';
import { type Cohort, cohortOf, itlFigures, ttftFigures, wholeRequestFigures } from './latencies.ts';
import { type LoadPhase, loadPhase } from './load-phase.ts';
import { rateFigures } from './rate-figures.ts';
import { type RunSeries, readSeries } from './series.ts';
import { type Drift, driftOf } from './series-tests.ts';
import { MIN_BATCHES, ratioOfBatches } from './statistics/intervals.ts';
import { synchronyOf } from './synchrony.ts';
import { sinceFirstSend, wholeNs } from './time-origin.ts';
import { steadyRates } from './token-rates.ts';
import { judge } from './verdict.ts';

/** What changes by more than this over a window is no longer the same load. */
const MIX_DELTA = 0.05;
const LEVEL_DELTA = 0.2;

/**
 * Reads the run's events twice: into time slots, and those near the window's edges once more. Nothing is set
 * beside it yet: see `againstDocument`. Requests sent after `measuredMs` held the load up and are not measured.
 */
export function steadySummary(
  run: RecordedRun,
  table: RequestTable,
  profile: SteadyProfile = 'default',
  measuredMs: number | undefined = run.end?.measuredMs,
): SteadySummary {
  const { table: moved, originMs } = sinceFirstSend(table);
  const found = ownSummary(
    run,
    moved,
    profile,
    measuredMs === undefined ? undefined : wholeNs(measuredMs - originMs),
  );
  return onRunClock(found, originMs);
}

/** All times from the first send on. */
function ownSummary(
  run: RecordedRun,
  table: RequestTable,
  profile: SteadyProfile,
  measuredMs: number | undefined,
): SteadySummary {
  const health = clientHealth(run, table);
  const edges = edgesOf(table);
  const load = loadPhase(run, table, edges, measuredMs);
  const series = load && hasLength(load) ? readSeries(run, table, load) : null;
  const plateau = load && series ? findPlateau(series, load) : null;
  if (load === null || series === null || plateau === null) {
    return withoutWindow(run, load, series, judge({ run, table, load, health, profile, steady: null }));
  }
  const facts = factsOf({ run, table, edges, load, series, plateau });
  return {
    window: {
      startMs: plateau.fromMs,
      endMs: plateau.toMs,
      cycleMs: plateau.cycleMs,
      cycles: (plateau.toMs - plateau.fromMs) / plateau.cycleMs,
    },
    noWindow: '',
    loop: load.kind,
    cuts: cutsOf(table, load, plateau),
    rates: rateFigures(facts.rates, series, plateau),
    latencies: facts.latencies,
    why: '',
    meanWaiting: run.info.stream ? facts.rates.meanWaiting : null,
    meanDecoding: run.info.stream ? facts.rates.meanDecoding : null,
    littleResidual: facts.rates.littleResidual,
    drifts: plateau.metrics.map(({ metric, shift, drift: { change, halfWidth, delta, result } }) => ({
      metric,
      change,
      halfWidth,
      delta,
      result,
      step: shift?.step ?? null,
    })),
    synchrony: facts.synchrony,
    tokenTimes: facts.rates.tokenTimes,
    series: plotSeries(series, load, plateau),
    ...judge({ run, table, load, health, profile, steady: facts }),
  };
}

function onRunClock(found: SteadySummary, originMs: number): SteadySummary {
  const { window, cuts, series } = found;
  return {
    ...found,
    window: window && {
      ...window,
      startMs: window.startMs + originMs,
      endMs: window.endMs + originMs,
    },
    cuts: cuts.map((cut) => ({ ...cut, fromMs: cut.fromMs + originMs, toMs: cut.toMs + originMs })),
    series: series && {
      ...series,
      bins: { ...series.bins, fromMs: series.bins.fromMs + originMs },
      atMs: series.atMs.map((ms) => ms + originMs),
    },
  };
}

function hasLength({ fromMs, toMs }: LoadPhase): boolean {
  return toMs > fromMs;
}

function withoutWindow(
  run: RecordedRun,
  load: LoadPhase | null,
  series: RunSeries | null,
  judgement: ReturnType<typeof judge>,
): SteadySummary {
  const { found } = judgement.checks[0];
  return {
    window: null,
    noWindow: found,
    loop: load?.kind ?? null,
    cuts: [],
    rates: [],
    latencies: [],
    why: '',
    meanWaiting: null,
    meanDecoding: null,
    littleResidual: null,
    drifts: [],
    synchrony: null,
    tokenTimes: run.info.stream ? 'events' : 'prorated',
    series: series && { bins: tokenBins(series), atMs: [], tokensPerS: [], level: [], itlS: [], ttftS: [] },
    ...judgement,
  };
}

/** A run whose steady window is found. */
interface SteadyRun {
  run: RecordedRun;
  table: RequestTable;
  edges: Edges;
  load: LoadPhase;
  series: RunSeries;
  plateau: Plateau;
}

function factsOf(found: SteadyRun): SteadyFacts {
  const { run, table, edges, load, series, plateau } = found;
  const rates = steadyRates(run, table, plateau);
  const cohort = cohortOf(table, plateau.fromMs, plateau.toMs, load.releasedMs);
  return {
    load,
    plateau,
    cohort,
    rates,
    latencies: latenciesOf(found, cohort),
    synchrony: synchronyOf(table, plateau, rates.meanLevel),
    levelDrift: driftOf(batchesOf(series.level, plateau), LEVEL_DELTA),
    outputMixDrift: mixDrift(series.asked, series.starts, plateau),
    inputMixDrift: mixDrift(series.given, series.starts, plateau),
    sweptLevel: sweptLevel(edges, plateau.fromMs, plateau.toMs),
  };
}

function latenciesOf({ run, table, series, plateau }: SteadyRun, cohort: Cohort): SteadyFigure[] {
  const { stream } = run.info;
  const { e2el, tpot } = wholeRequestFigures(table, cohort, stream);
  if (!stream) return e2el;
  let first = 0;
  while (series.segmentEdgeMs(first) < plateau.fromMs - 1e-6) first++;
  const gaps = series.gapHistograms.between(first, GAP_SEGMENTS, MIN_BATCHES);
  const meanItl = ratioOfBatches(batchesOf(series.gapSum, plateau), batchesOf(series.gaps, plateau));
  return [...e2el, ...ttftFigures(table, cohort), ...tpot, ...itlFigures(gaps, meanItl)];
}

function batchesOf(average: CycleAverage, { fromMs, toMs, cycleMs }: Plateau): Float64Array {
  return average.batches(fromMs, toMs, cycleMs, MIN_BATCHES);
}

/** Drift of an amount per request; null when a batch has no request, or the amount is not known. */
function mixDrift(amount: CycleAverage, starts: CycleAverage, plateau: Plateau): Drift | null {
  const perBatch = batchesOf(starts, plateau);
  const values = batchesOf(amount, plateau).map((value, k) => value / perBatch[k]);
  return values.every((value) => value > 0 && Number.isFinite(value)) ? driftOf(values, MIX_DELTA) : null;
}

/** Time average of the level by stepping through starts and ends. */
function sweptLevel(edges: Edges, fromMs: number, toMs: number): number {
  let area = 0;
  let current = 0;
  let sinceMs = fromMs;
  sweep(edges, (atMs, level) => {
    const untilMs = Math.min(toMs, Math.max(fromMs, atMs));
    area += current * (untilMs - sinceMs);
    sinceMs = untilMs;
    current = level;
  });
  return area / (toMs - fromMs);
}

function cutsOf(table: RequestTable, load: LoadPhase, plateau: Plateau): SteadyCut[] {
  let endMs = 0;
  for (const ms of table.endMs) endMs = Math.max(endMs, ms);
  const guilty = plateau.metrics.filter((metric) => metric.cut > 0).map((metric) => metric.metric);
  const cuts: SteadyCut[] = [
    {
      fromMs: 0,
      toMs: load.fullMs,
      why: load.kind === 'closed' ? 'ramp-up: concurrency below target' : 'ramp-up: the first request cycle',
    },
    {
      fromMs: load.fullMs,
      toMs: load.fromMs,
      why: 'ramp-up: most of the first requests had not ended',
    },
    { fromMs: load.fromMs, toMs: plateau.fromMs, why: `warm-up: ${guilty.join(' and ')} still changing` },
    {
      fromMs: plateau.toMs,
      toMs: endMs,
      why: whyReleased(load),
    },
  ];
  return cuts.filter((cut) => cut.toMs > cut.fromMs);
}

function whyReleased({ kind, toMs, releasedMs }: LoadPhase): string {
  if (toMs < releasedMs) return 'hold: only keeping the load constant';
  return kind === 'closed' ? 'drain: concurrency below target' : 'drain: no further requests';
}

function plotSeries(series: RunSeries, load: LoadPhase, { batches, cycleMs }: Plateau): SteadySeries {
  const { fromMs, toMs } = load;
  const of = (average: CycleAverage) => average.batches(fromMs, toMs, cycleMs, batches);
  const ratio = (above: CycleAverage, below: CycleAverage) => {
    const counts = of(below);
    const values = Array.from(of(above), (value, k) => value / counts[k] / 1e6);
    return values.every(Number.isFinite) ? values : [];
  };
  const width = (toMs - fromMs - cycleMs) / batches;
  return {
    bins: tokenBins(series),
    atMs: Array.from({ length: batches }, (_, k) => fromMs + cycleMs / 2 + (k + 0.5) * width),
    tokensPerS: Array.from(of(series.outTokens), (value) => value * 1000),
    level: Array.from(of(series.level)),
    itlS: ratio(series.gapSum, series.gaps),
    ttftS: ratio(series.ttftSum, series.ttfts),
  };
}

/** Bins of one second, or finer or coarser ones where a run is very short or long. */
const MIN_BINS = 30;
const MAX_BINS = 600;

function tokenBins({ outTokens, span }: RunSeries): SteadySeries['bins'] {
  const { fromMs, toMs, slotMs } = span;
  const lengthMs = toMs - fromMs;
  const widthMs = Math.max(lengthMs / MAX_BINS, Math.min(1000, lengthMs / MIN_BINS));
  const count = Math.ceil(lengthMs / widthMs - 1e-9);
  const rates = outTokens.batches(fromMs - slotMs / 2, fromMs + count * widthMs + slotMs / 2, slotMs, count);
  return { fromMs, widthMs, tokensPerS: Array.from(rates, (perMs) => Math.max(0, perMs * 1000)) };
}
