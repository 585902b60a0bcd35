/** What the service did inside a window, by when it happened: the numbers that window edges do not bias. */
import type { RecordBatch } from '../../core/records.ts';
import type { RecordedRun } from '../../core/run.ts';
import { meanLevel } from '../concurrency.ts';
import { knownTokens, type RequestTable, sentIn } from '../request-table.ts';
import { type PhaseAverage, phaseAverage } from './statistics/phase-average.ts';

/** Moments in (fromMs, toMs] belong to it; `cycleMs` is one request cycle. */
export interface RateWindow {
  fromMs: number;
  toMs: number;
  cycleMs: number;
}

export interface SteadyRates {
  /** Every token at the moment it arrived; those of requests that failed later too. */
  outputTokensPerS: number;
  /** Input tokens at the first output event, when their prefill is done. */
  inputTokensPerS: number;
  /** Mean of the rates of starts and of ends. */
  requestsPerS: number;
  /** Time averages of requests in flight, before and after their first output event. */
  meanLevel: number;
  meanWaiting: number;
  meanDecoding: number;
  /** See `littleResidual`; with the phase-averaged request rate, which is 0 for any stationary run. */
  littleResidual: number;
  /** `prorated`: the run did not stream, so tokens are spread evenly over each request's time. */
  tokenTimes: 'events' | 'prorated';
}

/** Reads once more the events of requests near the window's edges. The window must be at least two cycles long. */
export function steadyRates(run: RecordedRun, table: RequestTable, window: RateWindow): SteadyRates {
  const { fromMs, toMs, cycleMs } = window;
  const average = phaseAverage(fromMs, toMs, cycleMs);
  let input = 0;
  let requests = 0;
  let waitingMs = 0;
  let decodingMs = 0;
  for (const row of table.bySent) {
    const sent = table.sentMs[row];
    const end = table.endMs[row];
    const first = Math.min(sent + table.firstUs[row] / 1000, end);
    requests += (average.at(sent) + average.at(end)) / 2;
    waitingMs += overlap(sent, Number.isNaN(first) ? end : first, fromMs, toMs);
    if (Number.isNaN(first)) continue;
    input += (knownTokens(table.inTokens[row]) || 0) * average.at(first);
    decodingMs += overlap(first, sent + table.lastUs[row] / 1000, fromMs, toMs);
  }
  const level = meanLevel(table, fromMs, toMs);
  return {
    outputTokensPerS: outputRate(run, table, window, average) * 1000,
    inputTokensPerS: input * 1000,
    requestsPerS: requests * 1000,
    meanLevel: level,
    meanWaiting: waitingMs / (toMs - fromMs),
    meanDecoding: decodingMs / (toMs - fromMs),
    littleResidual: (requests * cohortOf(table, fromMs, toMs).meanMs) / level - 1,
    tokenTimes: run.info.stream ? 'events' : 'prorated',
  };
}

/**
 * λR̄/N̄ − 1 with λ and R̄ of the attempts sent in (fromMs, toMs] and N̄ the time average of the level.
 * 0 for an infinite window; in a finite one exactly (lifetime of members after it − lifetime inside it of
 * earlier ones) ÷ (N̄ T): how much the edges bias figures that credit whole requests (Little 1961, 2011).
 */
export function littleResidual(table: RequestTable, fromMs: number, toMs: number): number {
  const { count, meanMs } = cohortOf(table, fromMs, toMs);
  return ((count / (toMs - fromMs)) * meanMs) / meanLevel(table, fromMs, toMs) - 1;
}

function cohortOf(table: RequestTable, fromMs: number, toMs: number): { count: number; meanMs: number } {
  const members = sentIn(table, fromMs, toMs);
  let sum = 0;
  for (const row of members) sum += table.endMs[row] - table.sentMs[row];
  return { count: members.length, meanMs: sum / members.length };
}

/**
 * Tokens per ms. A request's usage total is spread evenly over its output events, or as its events are known to have
 * brought the tokens; without it, one each. Events are
 * looked at only where their times matter: most requests lie within the top of the trapezoid, or outside it.
 */
function outputRate(
  run: RecordedRun,
  table: RequestTable,
  window: RateWindow,
  average: PhaseAverage,
): number {
  const { top } = average;
  const shares = new Float64Array(table.count);
  const near = new Uint8Array(table.count);
  for (let row = 0; row < table.count; row++) {
    const points = table.points[row];
    const tokens = knownTokens(table.outTokens[row]);
    if (!run.info.stream) shares[row] = (tokens || 0) * average.over(table.sentMs[row], table.endMs[row]);
    else if (points > 0) {
      const total = Number.isNaN(tokens) ? points : tokens;
      const firstMs = table.sentMs[row] + table.firstUs[row] / 1000;
      const lastMs = table.sentMs[row] + table.lastUs[row] / 1000;
      if (firstMs >= top.fromMs && lastMs <= top.toMs) shares[row] = total * top.weight;
      else if (lastMs > window.fromMs && firstMs < window.toMs) {
        near[row] = 1;
        shares[row] = total / (table.counted[row] || points);
      }
    }
  }
  if (near.includes(1)) weighNear(run, table, average, { near, shares });
  // In the order of sending the sum does not depend on the order of the records.
  let sum = 0;
  for (const row of table.bySent) sum += shares[row];
  return sum;
}

/** Turns the tokens per event that `shares` holds for the rows near an edge into their weighted sums. */
function weighNear(
  run: RecordedRun,
  table: RequestTable,
  average: PhaseAverage,
  { near, shares }: { near: Uint8Array; shares: Float64Array },
): void {
  let base = 0;
  for (const batch of run.batches(near)) {
    for (let row = 0; row < batch.rows; row++) {
      if (near[base + row] === 0) continue;
      const how = {
        sentMs: table.sentMs[base + row],
        isPoint: table.definition.isPoint,
        isCounted: table.counted[base + row] > 0,
      };
      shares[base + row] *= sumOverPoints(batch, row, how, average);
    }
    base += batch.rows;
  }
}

function sumOverPoints(
  { eventStart, eventGapUs, eventKind, eventTokens }: RecordBatch,
  row: number,
  { sentMs, isPoint, isCounted }: { sentMs: number; isPoint: Uint8Array; isCounted: boolean },
  average: PhaseAverage,
): number {
  let us = 0;
  let sum = 0;
  for (let event = eventStart[row]; event < eventStart[row + 1]; event++) {
    us += eventGapUs[event];
    if (isPoint[eventKind[event]] === 0) continue;
    sum += average.at(sentMs + us / 1000) * (isCounted ? eventTokens[event] : 1);
  }
  return sum;
}

function overlap(start: number, end: number, from: number, to: number): number {
  return Math.max(0, Math.min(end, to) - Math.max(start, from));
}
