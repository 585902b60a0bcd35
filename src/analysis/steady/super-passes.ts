/** A window in MLPerf's units: blocks of as many requests, in the order of sending, as the data set has. */

import type { RequestTable } from '../request-table.ts';
import { distributionOf } from '../stats.ts';
import { type Cohort, tpotUs } from './latencies.ts';
import { medianOf } from './statistics/rank-tests.ts';

/** One value for each block. */
export interface SuperPasses {
  tpotP50Us: number[];
  tpotP90Us: number[];
  /** From the first to the last request sent. */
  spanMs: number[];
}

/** Whole blocks only. A block in which no request has a TPOT is left out. */
export function superPassesOf(table: RequestTable, { rows }: Cohort, size: number): SuperPasses {
  const passes: SuperPasses = { tpotP50Us: [], tpotP90Us: [], spanMs: [] };
  for (let at = 0; at + size <= rows.length; at += size) {
    const block = rows.subarray(at, at + size);
    const tpot = distributionOf(
      Float64Array.from(block, (row) => tpotUs(table, row)).filter((us) => !Number.isNaN(us)),
    );
    if (tpot.n === 0) continue;
    passes.tpotP50Us.push(tpot.quantile(0.5));
    passes.tpotP90Us.push(tpot.quantile(0.9));
    passes.spanMs.push(table.sentMs[block[size - 1]] - table.sentMs[block[0]]);
  }
  return passes;
}

/** Standard deviation ÷ mean. */
export function variationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1)) / mean;
}

/** Change along the fitted line from the first to the last value, as a share of the median. */
export function fittedChange(values: readonly number[]): number {
  const n = values.length;
  const centre = (n - 1) / 2;
  const xy = values.reduce((sum, value, i) => sum + (i - centre) * value, 0);
  return (12 * xy) / (n * (n + 1)) / medianOf(values);
}

/** Fewest blocks among which a trend can be looked for. */
export const MIN_PASSES = 4;
/** Relative half-width to which the median TPOT shall be known. */
const PRECISION = 0.05;
const FLOOR_S = 600;
const LIFETIMES = 5;

export interface LeastLength {
  seconds: number;
  /** Which of the three asks for most. */
  why: string;
}

/**
 * max(precision, 5 · P99 of E2EL, 600 s). Precision: k blocks of median span, k = (1.96 · variation of the blocks'
 * median TPOT ÷ 5 %)² rounded up, where that is more than the four a trend needs.
 */
export function leastLength({ tpotP50Us, spanMs }: SuperPasses, e2elP99S: number): LeastLength {
  const wanted = Math.ceil(((1.96 * variationOf(tpotP50Us)) / PRECISION) ** 2);
  const terms: LeastLength[] = [{ seconds: FLOOR_S, why: 'the floor' }];
  if (e2elP99S > 0) terms.push({ seconds: LIFETIMES * e2elP99S, why: '5 times the P99 of E2EL' });
  if (wanted > MIN_PASSES)
    terms.push({
      seconds: (wanted * medianOf(spanMs)) / 1000,
      why: `${wanted} super-passes for ± 5 % of TPOT`,
    });
  return terms.reduce((most, term) => (term.seconds > most.seconds ? term : most));
}
