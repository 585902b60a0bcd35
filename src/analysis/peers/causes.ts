/** Why a tool's numbers differ from the reference's, each cause with its own number. */

import {
  type Cell,
  type DifferenceCause,
  type LatencyName,
  latencyNames,
  type RateName,
  type ToolFigures,
} from '../../core/explanation.ts';
import { OUTCOME } from '../../core/records.ts';
import { formatMs, formatSeconds } from '../../core/text/format-numbers.ts';
import { jsonEvents, type Peer, type Reading } from './peer.ts';

export interface Measured {
  peer: Peer;
  reading: Reading;
  found: ToolFigures | string;
}

const everyRow = [
  'TTFT',
  'TPOT',
  'ITL',
  'E2EL',
  'outputTokensPerS',
  'requestsPerS',
  'durationS',
  'requests',
] as const;
const rateRows = ['outputTokensPerS', 'requestsPerS', 'durationS'] as const;

/** Both have figures. */
export function causesOf(measured: Measured, reference: Measured): DifferenceCause[] {
  const mine = measured.found as ToolFigures;
  const theirs = reference.found as ToolFigures;
  const counted = [
    windowCause(measured, mine),
    successCause(measured, reference),
    firstPointCause(measured, reference),
    endCause(measured, reference),
    pointsCause(measured, reference),
    durationCause(measured, mine, theirs),
    retryCause(measured),
    cutStreamCause(measured),
  ].filter((cause) => cause !== null);
  const formulas = measured.peer
    .formulas(measured.reading)
    .flatMap((cause) => withNumber(cause, mine, theirs));
  return [...counted, ...formulas];
}

function windowCause({ reading }: Measured, { window, requests }: ToolFigures): DifferenceCause | null {
  if (window === null) return null;
  const span = `${formatSeconds(window.startMs / 1000)} to ${formatSeconds(window.endMs / 1000)}`;
  return {
    name: 'window',
    rows: [...everyRow],
    text: `only ${span} of the run, ${requests} of ${reading.successes.length} successful requests`,
  };
}

function successCause({ peer, reading }: Measured, reference: Measured): DifferenceCause | null {
  const { table } = reading;
  const lost = reference.reading.successes.filter((row) => table.success[row] === 0).length;
  if (lost === 0) return null;
  return {
    name: 'failed requests',
    rows: [...everyRow],
    text: `${lost} successful responses count as failed: fewer than ${peer.minPoints} of its time points`,
  };
}

function firstPointCause({ peer, reading }: Measured, reference: Measured): DifferenceCause | null {
  const both = reading.successes.filter((row) => reference.reading.table.success[row] === 1);
  const shifts = differences(both, reading.table.firstUs, reference.reading.table.firstUs);
  if (shifts.length === 0) return null;
  const mean = meanOf(shifts);
  const silent = shifts.filter(Number.isNaN).length;
  const known = shifts.length - silent;
  const how =
    known === 0
      ? []
      : [
          `${milliseconds(Math.abs(mean))} ${mean < 0 ? 'earlier' : 'later'} in ${known} of ${both.length} requests`,
        ];
  if (silent > 0) how.push(`absent on one side in ${silent}`);
  return {
    name: mean < 0 ? 'role chunk' : 'first token',
    rows: ['TTFT', 'TPOT', 'ITL'],
    text: `TTFT ends at ${peer.firstPoint}: ${how.join(', ')}`,
  };
}

function endCause({ peer, reading }: Measured, reference: Measured): DifferenceCause | null {
  const both = reading.successes.filter((row) => reference.reading.table.success[row] === 1);
  const shifts = differences(both, reading.endUs, reference.reading.endUs);
  if (shifts.length === 0) return null;
  const mean = meanOf(shifts);
  return {
    name: peer.ends === jsonEvents ? 'usage chunk' : 'end of the request',
    rows: ['E2EL', 'TPOT', ...rateRows],
    text: `E2EL ends at ${peer.lastPoint}: ${milliseconds(Math.abs(mean))} ${mean < 0 ? 'earlier' : 'later'} in ${shifts.length} of ${both.length} requests`,
  };
}

function pointsCause({ reading }: Measured, reference: Measured): DifferenceCause | null {
  const gaps = (of: Reading) =>
    reading.successes.reduce((sum, row) => sum + Math.max(0, of.table.points[row] - 1), 0);
  const [mine, theirs] = [gaps(reading), gaps(reference.reading)];
  if (mine === theirs) return null;
  const what = mine > theirs ? 'chunks without output are time points too' : 'some output is no time point';
  return { name: 'chunks', rows: ['ITL'], text: `${what}: ${mine} gaps instead of ${theirs}` };
}

function durationCause(
  { reading }: Measured,
  mine: ToolFigures,
  theirs: ToolFigures,
): DifferenceCause | null {
  if (mine.window !== null || isSame(mine.durationS, theirs.durationS)) return null;
  const shift = (mine.durationS - theirs.durationS) * 1e6;
  const failed = reading.rows.length - reading.successes.length;
  const without = failed > 0 ? `; ${failed} of ${reading.rows.length} requests failed` : '';
  return {
    name: 'duration',
    rows: [...rateRows],
    text: `it divides by ${formatSeconds(mine.durationS)}, ${milliseconds(Math.abs(shift))} ${shift < 0 ? 'less' : 'more'}${without}`,
  };
}

function retryCause({ peer, reading }: Measured): DifferenceCause | null {
  const { table } = reading;
  const retries = table.attempt.reduce((count, attempt) => count + (attempt > 0 ? 1 : 0), 0);
  if (retries === 0) return null;
  const gone = table.count - reading.rows.length;
  return {
    name: 'retries',
    rows: [],
    text:
      peer.attempts === 'last'
        ? `${gone} attempts that were sent again do not exist for it, neither as failures nor as time`
        : `${retries} retries count as requests of their own, as in the record; it is not stated whether it retries`,
  };
}

function cutStreamCause({ reading }: Measured): DifferenceCause | null {
  const { outcome } = reading.table;
  const cut = reading.rows.filter((row) => outcome[row] === OUTCOME.protocol).length;
  if (cut === 0) return null;
  return {
    name: 'cut streams',
    rows: [],
    text: `${cut} streams were cut or contained an error and count as failed here; it is not stated whether it would notice`,
  };
}

/** Left out when it changes nothing here; else with the first figure that it changes. */
function withNumber(cause: DifferenceCause, mine: ToolFigures, theirs: ToolFigures): DifferenceCause[] {
  if (cause.rows.length === 0) return [cause];
  const names = cause.rows.filter((row): row is LatencyName =>
    (latencyNames as readonly string[]).includes(row),
  );
  for (const name of names) {
    for (const stat of ['mean', 'median', 'p99'] as const) {
      const [a, b] = [mine.latencies[name][stat], theirs.latencies[name][stat]];
      if (isSame(a, b) || a === 'not reported') continue;
      return [{ ...cause, text: `${cause.text} (${name} ${stat}: ${cellMs(b)} here, ${cellMs(a)} there)` }];
    }
  }
  return [];
}

/** The rows of two tools that are not the same, to 9 digits. */
export function differingRows(mine: ToolFigures, theirs: ToolFigures): (LatencyName | RateName)[] {
  const latencies = latencyNames.filter((name) =>
    (['mean', 'median', 'p99'] as const).some(
      (stat) => !isSame(mine.latencies[name][stat], theirs.latencies[name][stat]),
    ),
  );
  const rates = (['outputTokensPerS', 'requestsPerS', 'durationS', 'requests'] as const).filter(
    (name) => !isSame(mine[name], theirs[name]),
  );
  return [...latencies, ...rates];
}

function isSame(a: Cell, b: Cell): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** Differences of two columns where they differ, µs; NaN where only one of them has a value. */
function differences(rows: Uint32Array, mine: Float64Array, theirs: Float64Array): number[] {
  return [...rows]
    .filter((row) => !Object.is(mine[row], theirs[row]) && Math.abs(mine[row] - theirs[row]) !== 0)
    .map((row) => mine[row] - theirs[row]);
}

function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
}

/** `us` is not negative; below 1 µs it is the rounding of stamps. */
function milliseconds(us: number): string {
  return us < 1 ? `${us.toFixed(3)} µs` : formatMs(us / 1000);
}

function cellMs(cell: Cell): string {
  return typeof cell === 'number' ? milliseconds(cell * 1e6) : cell;
}
