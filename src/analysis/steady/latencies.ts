/** Latency distributions of the steady window with their intervals. */

import type { SteadyFigure } from '../../core/steady.ts';
import { formatPercent } from '../../core/text/format-numbers.ts';
import { e2elUs, knownTokens, lastPointMs, type RequestTable, sentIn } from '../request-table.ts';
import {
  type CohortSample,
  durations,
  type Members,
  MIN_FOLLOWED,
  marks,
  type Survival,
  survivalOf,
} from './cohort.ts';
import type { GapSample } from './gap-histograms.ts';
import { type Estimate, MIN_BATCHES, ratioOfBatches, sum } from './statistics/intervals.ts';

const latencyStats = ['Mean', 'P50', 'P90', 'P99'] as const;
const probabilities = [0.5, 0.9, 0.99];

/** Independent observations that must lie beyond a quantile for it to have an interval. */
const MIN_BEYOND = 10;
/** More of the cohort than this unseen, and a figure known only at a request's end says nothing. */
const MAX_MISSING = 0.01;
const US_PER_S = 1e6;

export interface Cohort {
  /** Rows sent in the window, in that order. */
  rows: Uint32Array;
  fromMs: number;
  toMs: number;
  /** Until when the load was up, so that what ended by then was seen to its end under load. */
  followedMs: number;
}

export function cohortOf(table: RequestTable, fromMs: number, toMs: number, followedMs = toMs): Cohort {
  return { rows: sentIn(table, fromMs, toMs), fromMs, toMs, followedMs };
}

/** Times from sending. */
export function ttftFigures(table: RequestTable, cohort: Cohort): SteadyFigure[] {
  const survival = survivalOf(
    followed(table, cohort, (row) => {
      const first = table.firstUs[row];
      return table.sentMs[row] + first / 1000 <= cohort.followedMs ? first : Number.NaN;
    }),
    longestUs(cohort),
  );
  return figuresOf('TTFT', durations(survival), survival, longestUs(cohort));
}

/** E2EL and, in a stream, TPOT: (last − first token) ÷ (tokens − 1). */
export function wholeRequestFigures(table: RequestTable, cohort: Cohort, stream: boolean) {
  const survival = survivalOf(
    followed(table, cohort, (row) => {
      const seen = table.success[row] === 1 && lastPointMs(table, row) <= cohort.followedMs;
      return seen ? e2elUs(table, row) : Number.NaN;
    }),
    longestUs(cohort),
  );
  const e2el = figuresOf('E2EL', durations(survival), survival, longestUs(cohort));
  if (!stream) return { e2el, tpot: [] };
  const perToken = Float64Array.from(cohort.rows, (row) => tpotUs(table, row));
  return { e2el, tpot: figuresOf('TPOT', marks(survival, perToken), survival, null) };
}

/**
 * (last − first output event) ÷ (tokens − those of the first event, 1 where nobody told them); NaN when no token came
 * after the first event.
 */
export function tpotUs(table: RequestTable, row: number): number {
  const later = knownTokens(table.outTokens[row]) - Math.max(1, table.firstTokens[row]);
  return later > 0 ? (table.lastUs[row] - table.firstUs[row]) / later : Number.NaN;
}

/** Gaps between consecutive output events, each at the event that ends it; their mean comes from the series. */
export function itlFigures(gaps: GapSample, mean: Estimate): SteadyFigure[] {
  const n = sum(gaps.counts);
  if (n === 0) return [];
  const figures = [figureOf({ name: 'ITL', stat: 'Mean', valueUs: mean.value, n, ...around(mean) })];
  for (const p of probabilities) {
    const value = gaps.quantile(p);
    const share = ratioOfBatches(gaps.upTo(value), gaps.counts);
    figures.push(quantileFigure({ name: 'ITL', p, value, n, share, quantile: (q) => gaps.quantile(q) }));
  }
  return figures;
}

/** `endUs`: when what is timed was over, NaN when that was not seen. Without it a request counts as followed until it was cut. */
function followed(
  table: RequestTable,
  { rows, fromMs, toMs, followedMs }: Cohort,
  endUs: (row: number) => number,
): Members {
  const n = rows.length;
  const members: Members = {
    life: new Float64Array(n),
    ended: new Uint8Array(n),
    batch: new Uint8Array(n),
    batches: MIN_BATCHES,
  };
  const perBatch = MIN_BATCHES / (toMs - fromMs);
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    const sent = table.sentMs[row];
    const us = endUs(row);
    const ended = !Number.isNaN(us);
    members.life[i] = ended ? us : Math.max(0, Math.min(table.endMs[row], followedMs) - sent) * 1000;
    members.ended[i] = ended ? 1 : 0;
    members.batch[i] = Math.min(MIN_BATCHES - 1, Math.floor((sent - fromMs) * perBatch));
  }
  return members;
}

/** A lifetime that only those sent in the first tenth of the window could be followed for. */
function longestUs({ fromMs, toMs, followedMs }: Cohort): number {
  return (followedMs - fromMs - MIN_FOLLOWED * (toMs - fromMs)) * 1000;
}

/** `longest` is null for a mark, which nothing is known of before a request has ended. */
function figuresOf(
  name: string,
  sample: CohortSample,
  { missing }: Survival,
  longest: number | null,
): SteadyFigure[] {
  const { n, quantile } = sample;
  if (n === 0) return [];
  const refused = describeUnseen(missing);
  if (longest === null && missing > MAX_MISSING) {
    return latencyStats.map((stat) => figureOf({ name, stat, valueUs: Number.NaN, n, refused }));
  }
  const figures = [meanFigure(name, sample, missing, longest)];
  for (const p of probabilities) {
    const value = quantile(p);
    if (Number.isNaN(value)) {
      const valueUs = longest ?? Number.NaN;
      figures.push(figureOf({ name, stat: nameOf(p), valueUs, n, refused, atLeast: true }));
    } else {
      const share = sample.shareUpTo(value);
      figures.push(quantileFigure({ name, p, value, n, share, quantile }));
    }
  }
  return figures;
}

function describeUnseen(missing: number): string {
  return `${formatPercent(missing)} of the requests outlived the window`;
}

/** With requests missing, a mean duration is at least what it would be had they ended when they were last seen. */
function meanFigure(
  name: string,
  { mean, n, variance }: CohortSample,
  missing: number,
  longest: number | null,
): SteadyFigure {
  const stat = 'Mean';
  if (missing > 0 && longest !== null) {
    const valueUs = (1 - missing) * mean.value + missing * longest;
    return figureOf({ name, stat, valueUs, n, refused: describeUnseen(missing), atLeast: true });
  }
  const effectiveN = mean.standardError > 0 ? variance / mean.standardError ** 2 : n;
  return figureOf({ name, stat, valueUs: mean.value, n, ...around(mean), effectiveN });
}

interface FoundQuantile {
  name: string;
  p: number;
  value: number;
  n: number;
  /** Of the observations, how many lie at or below the value. */
  share: Estimate;
  quantile(p: number): number;
}

/**
 * Woodruff 1952: the interval of the share at or below the quantile, read back as values. `share.standardError` comes
 * from batches, so it knows how many independent observations the `n` are worth.
 */
function quantileFigure({ name, p, value, n, share, quantile }: FoundQuantile): SteadyFigure {
  const spread = p * (1 - p);
  const designEffect = (share.standardError ** 2 * n) / spread;
  const effectiveN = designEffect > 0 ? n / designEffect : n;
  const found = { name, stat: nameOf(p), valueUs: value, n, effectiveN };
  const beyond = n * (1 - p);
  // In lock step all values may be one and the same; no further observation would change it.
  const flat = quantile(0) === quantile(1);
  const needed = flat ? 0 : MIN_BEYOND * Math.max(1, designEffect);
  if (beyond < needed) {
    const wanted = Math.ceil(needed / (1 - p));
    const refused = `too few observations (${Math.round(n)} of about ${wanted} needed)`;
    return figureOf({ ...found, refused });
  }
  if (flat) return figureOf({ ...found, low: value, high: value });
  const low = quantile(Math.max(0, p - share.halfWidth));
  const high = quantile(Math.min(1, p + share.halfWidth));
  if (Number.isNaN(high)) return figureOf({ ...found, refused: 'its upper end was not observed' });
  return figureOf({ ...found, low, high });
}

function around({ value, halfWidth }: Estimate): { low: number; high: number } {
  return { low: value - halfWidth, high: value + halfWidth };
}

function nameOf(p: number): string {
  return `P${Math.round(p * 100)}`;
}

/** A figure in µs; whatever is left out is not known or does not hold. */
interface FigureUs {
  name: string;
  stat: string;
  valueUs: number;
  n: number;
  low?: number;
  high?: number;
  refused?: string;
  atLeast?: boolean;
  effectiveN?: number;
}

/** From µs to s. */
function figureOf({ name, stat, valueUs, n, ...rest }: FigureUs): SteadyFigure {
  const toS = (us: number | undefined) => (us === undefined ? null : us / US_PER_S);
  return {
    name,
    stat,
    unit: 's',
    value: valueUs / US_PER_S,
    atLeast: rest.atLeast ?? false,
    low: toS(rest.low),
    high: toS(rest.high),
    refused: rest.refused ?? '',
    n,
    effectiveN: rest.effectiveN ?? null,
    document: null,
  };
}
