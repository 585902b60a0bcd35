/** Where a run was under its load, without the first generation of requests that filled the service. */
import type { RecordedRun } from '../../core/run.ts';
import { type Edges, firstAtLeast, loadPlateau, sweep } from '../concurrency.ts';
import { e2elUs, type RequestTable, sentIn } from '../request-table.ts';
import { distributionOf } from '../stats.ts';

export interface LoadPhase {
  /** `closed`: the client keeps the concurrency constant. `open`: arrivals follow a schedule and the level is what follows. */
  kind: 'closed' | 'open';
  /** The level that was held; NaN for an open loop. */
  target: number;
  /** False when the configured maximum was never reached, so that `target` is the 95th percentile of the level. */
  reachedMaximum: boolean;
  /** First moment at the target, and the last one; for an open loop one cycle after the first send, and the last send. */
  fullMs: number;
  releasedMs: number;
  /**
   * Moments in (fromMs, toMs] count: 90 % of the requests in flight at `fullMs` have ended by `fromMs`, which is `fullMs` where
   * the slots were filled out of phase; a hold is left out.
   */
  fromMs: number;
  toMs: number;
  /** One request cycle: the median E2EL of the successes that end under load. */
  cycleMs: number;
  /** Requests sent in the phase. */
  sends: number;
}

/** Share of the requests in flight at the first full moment that must have ended before the window opens. */
const FIRST_GENERATION = 0.9;
/**
 * A ramp over one cycle takes half a cycle from a quarter to three quarters of the level. Requests in flight at its
 * end are of all ages, as they are ever after: there is no first generation to wait for.
 */
const SLOW_RISE = 0.45;
/** A paced run that is at its limit for more than this share of the time in between is in fact a closed loop. */
const MOSTLY_FULL = 0.5;

/** `measuredMs`: load after it does not count, but is load. null when there is no request that succeeded under load. */
export function loadPhase(
  run: RecordedRun,
  table: RequestTable,
  edges: Edges,
  measuredMs = Number.POSITIVE_INFINITY,
): LoadPhase | null {
  if (edges.starts.length === 0) return null;
  const maximum = run.info.batchSize;
  const plateau = loadPlateau(edges, maximum);
  if (isPaced(run) && !isMostlyFull(edges, maximum, plateau)) return openPhase(table, measuredMs);
  const target = plateau ? maximum : percentileLevel(edges, 0.95);
  const ends = plateau ?? loadPlateau(edges, target);
  if (ends === null) return null;
  const found = phaseOf(
    table,
    { kind: 'closed', target, reachedMaximum: plateau !== null, ...ends },
    measuredMs,
  );
  if (found === null) return null;
  // Filled before the run: what is measured came to a full service, slot by slot.
  const isFilled = run.info.warmup.filledOverMs !== undefined && plateau !== null;
  const isOutOfPhase = isFilled || riseMs(edges, target) >= SLOW_RISE * found.cycleMs;
  return isOutOfPhase ? { ...found, fromMs: found.fullMs } : found;
}

/** How long the level took from a quarter to three quarters of `target`; of all slots, so that a late one does not count. */
function riseMs(edges: Edges, target: number): number {
  return firstAtLeast(edges, 0.75 * target) - firstAtLeast(edges, 0.25 * target);
}

function isPaced(run: RecordedRun): boolean {
  return run.info.schedule.kind === 'rate' || run.info.schedule.kind === 'timestamps';
}

function openPhase(table: RequestTable, measuredMs: number): LoadPhase | null {
  const firstMs = table.sentMs[table.bySent[0]];
  const lastMs = table.sentMs[table.bySent[table.count - 1]];
  const cycleMs = medianE2elMs(table, firstMs, lastMs);
  return phaseOf(
    table,
    {
      kind: 'open',
      target: Number.NaN,
      reachedMaximum: true,
      fullMs: firstMs + cycleMs,
      releasedMs: lastMs,
    },
    measuredMs,
  );
}

function phaseOf(
  table: RequestTable,
  ends: Pick<LoadPhase, 'kind' | 'target' | 'reachedMaximum' | 'fullMs' | 'releasedMs'>,
  measuredMs: number,
): LoadPhase | null {
  const { fullMs, releasedMs } = ends;
  const cycleMs = medianE2elMs(table, fullMs, releasedMs);
  if (!(cycleMs > 0)) return null;
  const firstEnds = Float64Array.from(
    sentIn(table, Number.NEGATIVE_INFINITY, fullMs).filter((row) => fullMs < table.endMs[row]),
    (row) => table.endMs[row],
  ).sort();
  const fromMs =
    firstEnds.length > 0 ? firstEnds[Math.ceil(FIRST_GENERATION * firstEnds.length) - 1] : fullMs;
  const toMs = Math.min(releasedMs, measuredMs);
  return { ...ends, fromMs, toMs, cycleMs, sends: sentIn(table, fullMs, toMs).length };
}

function medianE2elMs(table: RequestTable, fromMs: number, toMs: number): number {
  const times = new Float64Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    const within = table.endMs[row] > fromMs && table.endMs[row] <= toMs;
    if (within && table.success[row] === 1) times[count++] = e2elUs(table, row);
  }
  return distributionOf(times.subarray(0, count)).quantile(0.5) / 1000;
}

function isMostlyFull(edges: Edges, maximum: number, plateau: ReturnType<typeof loadPlateau>): boolean {
  if (plateau === null) return false;
  const { fullMs, releasedMs } = plateau;
  const times = timeAtLevels(edges, fullMs, releasedMs);
  let full = 0;
  for (let level = maximum; level < times.length; level++) full += times[level];
  return full > MOSTLY_FULL * (releasedMs - fullMs);
}

/** The level that the run was at or below for a share `p` of its time. */
function percentileLevel(edges: Edges, p: number): number {
  const times = timeAtLevels(edges, edges.starts[0], edges.ends[edges.ends.length - 1]);
  const total = times.reduce((all, ms) => all + ms, 0);
  let below = 0;
  for (let level = 0; level < times.length; level++) {
    below += times[level];
    if (below >= p * total) return level;
  }
  return times.length - 1;
}

/** ms spent at each level within [fromMs, toMs]. */
function timeAtLevels(edges: Edges, fromMs: number, toMs: number): number[] {
  const times: number[] = [0];
  let previousMs = fromMs;
  let current = 0;
  sweep(edges, (atMs, level) => {
    const until = Math.min(Math.max(atMs, fromMs), toMs);
    times[current] = (times[current] ?? 0) + Math.max(0, until - previousMs);
    previousMs = Math.max(previousMs, until);
    current = level;
    times[current] ??= 0;
  });
  return times;
}
