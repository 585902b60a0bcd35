/**
 * When a run has been measured long enough. A rule that looks again and again and stops at the first good-looking
 * interval stops too often at a lucky one, so looks are rare (each 1.5 times as late as the one before) and two in a
 * row must be good (Chow and Robbins 1965; the simulation is in docs/statistics.md).
 */
import type { PrecisionEnd, PrecisionState, PrecisionTarget } from '../core/precision.ts';
import type { RecordBatch } from '../core/records.ts';
import type { RunInfo } from '../core/run.ts';
import type { SteadyFigure, SteadySummary } from '../core/steady.ts';
import { definitions } from './definitions.ts';
import { type RequestTable, readRequests } from './request-table.ts';
import { steadySummary } from './steady/steady-summary.ts';

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

/** Each look comes so many times as late as the one before. */
const GROWTH = 1.5;
const FIRST_LOOK_MS = 60_000;
/** Of a run shorter than four first looks, the first comes after this share. */
const FIRST_SHARE = 1 / 4;
const IN_A_ROW = 2;
const FEWEST_WAVES = 10;
/** Number of the check for drift and level shift. */
const DRIFT_CHECK = 6;

export interface Look {
  atMs: number;
  states: PrecisionState[];
  /** What stands in the way beside the widths: too few cycles, or a drift that cannot be ruled out; '' when nothing. */
  obstacle: string;
  /** Every interval is tight enough and nothing drifts. */
  good: boolean;
  decision: 'go on' | 'reached' | 'not steady';
  /** Time left as far as widths tell that shrink with the root of time, ms; null when nothing can be said. */
  leftMs: number | null;
}

export interface PrecisionWatch {
  /** Records as they arrive. */
  add(batch: RecordBatch): void;
  /** Run time at which the next look is due, ms. */
  readonly nextLookMs: number;
  readonly last: Look | null;
  readonly looks: number;
  /** Computes the steady figures of what has ended by `nowMs`; call when one is due. */
  look(nowMs: number): Look;
  /** What to store when the run is over; `interrupted`: by the user. */
  end(interrupted: boolean): PrecisionEnd;
}

/** Keeps the batches: what it costs is what the records cost. `mostMs` is the time after which measuring ends anyway. */
export function watchPrecision(
  info: RunInfo,
  targets: readonly PrecisionTarget[],
  mostMs: number,
  firstLookMs = Math.min(FIRST_LOOK_MS, mostMs * FIRST_SHARE),
): PrecisionWatch {
  const batches: RecordBatch[] = [];
  let nextLookMs = firstLookMs;
  let last: Look | null = null;
  let looks = 0;
  let goodInARow = 0;
  let driftsInARow = 0;

  function look(nowMs: number): Look {
    const steady = steadySoFar(info, batches, nowMs);
    const states = targets.map((target) => stateOf(target, steady));
    const drift = steady?.checks.find((check) => check.number === DRIFT_CHECK);
    const longEnough = (steady?.window?.waves ?? 0) >= FEWEST_WAVES;
    const obstacle = !longEnough
      ? `the window holds fewer than ${FEWEST_WAVES} request cycles`
      : drift?.result === 'ok'
        ? ''
        : `not known to be steady: ${drift?.found ?? ''}`;
    const tight = states.every((s) => s.halfWidthPercent !== null && s.halfWidthPercent <= s.percent);
    const good = tight && obstacle === '';
    goodInARow = good ? goodInARow + 1 : 0;
    driftsInARow = longEnough && drift?.result === 'failed' ? driftsInARow + 1 : 0;
    const unsteady = driftsInARow >= IN_A_ROW;
    const decision = goodInARow >= IN_A_ROW ? 'reached' : unsteady ? 'not steady' : 'go on';
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
    add: (batch) => void batches.push(batch),
    look,
    get nextLookMs() {
      return nextLookMs;
    },
    get last() {
      return last;
    },
    get looks() {
      return looks;
    },
    end: (interrupted) => ({
      reached: last?.decision === 'reached',
      why: whyEnded(last, interrupted, mostMs),
      looks,
      targets: last?.states ?? targets.map((target) => stateOf(target, null)),
    }),
  };
}

function whyEnded(last: Look | null, interrupted: boolean, mostMs: number): string {
  if (last?.decision === 'reached') return 'every interval was tight enough at two looks in a row';
  if (last?.decision === 'not steady')
    return 'the service drifted or changed its level at two looks in a row';
  if (interrupted) return 'the run was interrupted';
  const obstacle = last?.obstacle ? ` (${last.obstacle})` : '';
  return `--max-time of ${mostMs / 1000} s was over${obstacle}`;
}

/**
 * The records hold only what has ended, so what is known of the load ends where the oldest request in flight was sent.
 * In a closed loop the level itself shows it; of an open one the last span as long as the slowest request is left out.
 */
function steadySoFar(info: RunInfo, batches: readonly RecordBatch[], nowMs: number): SteadySummary | null {
  if (batches.length === 0) return null;
  const run = { info, end: null, batches: () => batches };
  const table = readRequests(run, definitions.product);
  if (table.count === 0) return null;
  const closed = info.schedule.kind === 'closed' || info.schedule.kind === 'pressure';
  const measuredMs = closed ? nowMs : nowMs - slowestMs(table);
  return steadySummary(run, table, 'default', measuredMs);
}

function slowestMs({ sentMs, endMs }: RequestTable): number {
  return endMs.reduce((most, end, row) => Math.max(most, end - sentMs[row]), 0);
}

function stateOf(target: PrecisionTarget, steady: SteadySummary | null): PrecisionState {
  const [name, stat] = figureNames.get(target.metric) ?? ['', ''];
  const figure = [...(steady?.rates ?? []), ...(steady?.latencies ?? [])].find(
    (one) => one.name === name && one.stat === stat,
  );
  const halfWidthPercent = figure ? percentOf(figure) : null;
  const refused = halfWidthPercent !== null ? '' : figure?.refused || steady?.noWindow || 'too few requests';
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
