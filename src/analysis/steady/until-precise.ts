/**
 * When a run has been measured long enough. A rule that looks again and again and stops at the first good-looking
 * interval stops too often at a lucky one, so looks are rare (each 1.5 times as late as the one before) and two in a
 * row must be good (Chow and Robbins 1965; the simulation is in docs/statistics.md).
 */

import type { PrecisionEnd, PrecisionState, PrecisionTarget } from '../../core/precision.ts';
import type { RecordedRun } from '../../core/run.ts';
import type { SteadyDrift, SteadyFigure } from '../../core/steady.ts';
import { formatPercent } from '../../core/text/format-numbers.ts';
import { definitions } from '../definitions.ts';
import { type RequestTable, readRequests } from '../request-table.ts';
import { steadySummary } from './steady-summary.ts';

const rates: Record<string, string> = {
  throughput: 'Output Token Throughput',
  input_throughput: 'Input Token Throughput',
  total_throughput: 'Total Token Throughput',
  request_throughput: 'Request Throughput',
  concurrency: 'Concurrency',
};
const latencies: Record<string, string> = { ttft: 'TTFT', tpot: 'TPOT', itl: 'ITL', e2el: 'E2EL' };
const stats: Record<string, string> = { '': 'Mean', _p50: 'P50', _p90: 'P90', _p99: 'P99' };

/** From a name on the command line to a steady figure's name and statistic. */
export const figureNames: ReadonlyMap<string, [string, string]> = new Map<string, [string, string]>([
  ...Object.entries(rates).map(([key, name]): [string, [string, string]] => [key, [name, 'Mean']]),
  ...Object.entries(latencies).flatMap(([key, name]) =>
    Object.entries(stats).map(([end, stat]): [string, [string, string]] => [key + end, [name, stat]]),
  ),
]);
export const precisionMetrics: readonly string[] = [...figureNames.keys()];

/** The figure that a metric of the command line means; undefined when it is not there. */
export function precisionFigure(metric: string, figures: readonly SteadyFigure[]): SteadyFigure | undefined {
  const [name, stat] = figureNames.get(metric) ?? ['', ''];
  return figures.find((one) => one.name === name && one.stat === stat);
}

/** Each look comes so many times as late as the one before. */
const GROWTH = 1.5;
const FIRST_LOOK_MS = 60_000;
/** Of a run shorter than four first looks, the first comes after this share. */
const FIRST_SHARE = 1 / 4;
const IN_A_ROW = 2;
/** Intervals are of twenty batches, none of which may be shorter than a cycle. */
const MIN_CYCLES = 20;
/**
 * The change from end to end of a window is uncertain by three times as much as its mean (√12 times the error, at 90 instead
 * of 95 %), and itself as large by chance. So where ± 1 % is asked for, a change of 6 % is what cannot be told from noise.
 */
const CHANGE_PER_WIDTH = 6;
/** So many half-widths of its 90 % interval away from 0, a drift ends the run; less of one only lets it go on. */
const DOUBT = 2;
/** The series that a figure rests on, by the first part of its name. */
const seriesOf: Record<string, readonly SteadyDrift['metric'][]> = {
  ttft: ['ttft'],
  tpot: ['itl'],
  itl: ['itl'],
  e2el: ['ttft', 'itl'],
};

/** What one look sees of a run that goes on; small, so that it can come from another thread. */
export interface Seen {
  /** Length of the steady window, request cycles; 0 without one, and `noWindow` says why there is none. */
  waves: number;
  noWindow: string;
  figures: SteadyFigure[];
  drifts: SteadyDrift[];
}

interface Look {
  atMs: number;
  states: PrecisionState[];
  /** What stands in the way beside the widths: too short a window, or a drift that cannot be ruled out; '' when nothing. */
  obstacle: string;
  /** Every interval is tight enough and nothing stands in the way. */
  good: boolean;
  decision: 'go on' | 'reached' | 'not steady';
  /** Time left as far as widths tell that shrink with the root of time, ms; null when nothing can be said. */
  leftMs: number | null;
}

/** Knows nothing of records: what it costs does not grow with the run. */
export interface StoppingRule {
  /** Run time at which the next look is due, ms. */
  readonly nextLookMs: number;
  readonly last: Look | null;
  /** Takes in what a look at `nowMs` saw. */
  take(seen: Seen, nowMs: number): Look;
  /** What to store when the run is over; `interrupted`: by the user. */
  end(interrupted: boolean): PrecisionEnd;
}

/** `mostMs` is the time after which measuring ends anyway. */
export function stoppingRule(
  targets: readonly PrecisionTarget[],
  mostMs: number,
  firstLookMs = Math.min(FIRST_LOOK_MS, mostMs * FIRST_SHARE),
): StoppingRule {
  let nextLookMs = firstLookMs;
  let last: Look | null = null;
  let looks = 0;
  let goodInARow = 0;
  let driftsInARow = 0;

  function take(seen: Seen, nowMs: number): Look {
    const states = targets.map((target) => stateOf(target, seen));
    const obstacle = obstacleIn(seen, targets);
    const tight = states.every((s) => s.halfWidthPercent !== null && s.halfWidthPercent <= s.percent);
    const good = tight && obstacle === '';
    goodInARow = good ? goodInARow + 1 : 0;
    driftsInARow = isLongEnough(seen) && seen.drifts.some(isBeyondDoubt) ? driftsInARow + 1 : 0;
    const otherwise = driftsInARow >= IN_A_ROW ? 'not steady' : 'go on';
    const decision = goodInARow >= IN_A_ROW ? 'reached' : otherwise;
    looks++;
    nextLookMs = Math.max(nowMs, nextLookMs) * GROWTH;
    last = {
      atMs: nowMs,
      states,
      obstacle,
      good,
      decision,
      leftMs: leftMs(states, nowMs, good ? nextLookMs : 0),
    };
    return last;
  }

  return {
    take,
    get nextLookMs() {
      return nextLookMs;
    },
    get last() {
      return last;
    },
    end: (interrupted) => ({
      reached: last?.decision === 'reached',
      why: whyEnded(last, interrupted, mostMs),
      looks,
      targets: last?.states ?? targets.map((target) => stateOf(target, NOTHING)),
    }),
  };
}

const NOTHING: Seen = { waves: 0, noWindow: '', figures: [], drifts: [] };

function isLongEnough({ waves }: Seen): boolean {
  return waves >= MIN_CYCLES;
}

function isUnsteady({ result, step }: SteadyDrift): boolean {
  return result === 'drift' || step !== null;
}

/** A test that errs once in ten times when it is made once would end one run in ten that is looked at again and again. */
function isBeyondDoubt(drift: SteadyDrift): boolean {
  return isUnsteady(drift) && Math.abs(drift.change) > DOUBT * drift.halfWidth;
}

function obstacleIn(seen: Seen, targets: readonly PrecisionTarget[]): string {
  if (!isLongEnough(seen)) return `the window contains fewer than ${MIN_CYCLES} request cycles`;
  const guilty = seen.drifts.filter((drift) => isUnsteady(drift) || mayMatter(drift, targets));
  const changes = guilty.map(
    ({ metric, change, halfWidth }) => `${metric} ${formatPercent(change)} ± ${formatPercent(halfWidth)}`,
  );
  return guilty.length > 0 ? `not known to be steady: ${changes.join('; ')}` : '';
}

/** Too large a change cannot be ruled out in a series that a target rests on. */
function mayMatter({ metric, change, halfWidth, delta }: SteadyDrift, targets: readonly PrecisionTarget[]) {
  return targets.some((target) => {
    const series = seriesOf[target.metric.split('_')[0]] ?? ['throughput'];
    const allowed = Math.max(delta, (CHANGE_PER_WIDTH * target.percent) / 100);
    return series.includes(metric) && Math.abs(change) + halfWidth > allowed;
  });
}

function whyEnded(last: Look | null, interrupted: boolean, mostMs: number): string {
  if (last?.decision === 'reached')
    return 'every confidence interval was narrow enough at two checks in a row';
  if (last?.decision === 'not steady') return 'the service drifted or shifted at two checks in a row';
  if (interrupted) return 'the run was interrupted';
  const obstacle = last?.obstacle ? ` (${last.obstacle})` : '';
  return `the --max-time of ${mostMs / 1000} s was reached${obstacle}`;
}

/**
 * The steady figures of the requests that have ended by `nowMs`. The records hold no others, so what is known of the
 * load ends where the oldest request in flight was sent. In a closed loop the level itself shows it; of an open one
 * the last span as long as the slowest request is left out. Reads the run three times.
 */
export function seenSoFar(run: Omit<RecordedRun, 'end'>, nowMs: number): Seen {
  const unended = { ...run, end: null };
  const table = readRequests(unended, definitions.product);
  if (table.count === 0) return NOTHING;
  const { kind } = run.info.schedule;
  const closed = kind === 'closed' || kind === 'pressure';
  const measuredMs = closed ? nowMs : nowMs - slowestMs(table);
  const { window, noWindow, rates, latencies, drifts } = steadySummary(unended, table, 'default', measuredMs);
  return { waves: window?.cycles ?? 0, noWindow, figures: [...rates, ...latencies], drifts };
}

function slowestMs({ sentMs, endMs }: RequestTable): number {
  return endMs.reduce((most, end, row) => Math.max(most, end - sentMs[row]), 0);
}

function stateOf(target: PrecisionTarget, seen: Seen): PrecisionState {
  const figure = precisionFigure(target.metric, seen.figures);
  const halfWidthPercent = figure ? percentOf(figure) : null;
  const refused = halfWidthPercent !== null ? '' : figure?.refused || seen.noWindow || 'too few requests';
  return { ...target, halfWidthPercent, refused };
}

function percentOf({ value, low, high }: SteadyFigure): number | null {
  if (low === null || high === null || !(value > 0)) return null;
  return (100 * Math.max(high - value, value - low)) / value;
}

/** Widths shrink with the root of time; `leastMs`: when the next look may end the run. */
function leftMs(states: readonly PrecisionState[], nowMs: number, leastMs: number): number | null {
  let wantedMs = leastMs;
  for (const { halfWidthPercent, percent } of states) {
    if (halfWidthPercent === null) return null;
    wantedMs = Math.max(wantedMs, nowMs * (halfWidthPercent / percent) ** 2);
  }
  return Math.max(0, wantedMs - nowMs);
}
