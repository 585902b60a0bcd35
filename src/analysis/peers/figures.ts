/** What the tools' formulas have in common. Values per request in µs; what leaves this file is in seconds. */
import type { Absent, LatencyCells, ToolFigures } from '../../core/explanation.ts';
import { poolGaps } from '../metrics.ts';
import { knownTokens, rowMask } from '../request-table.ts';
import { type Distribution, distributionOf } from '../stats.ts';
import type { Reading } from './peer.ts';

export type Quantile = (distribution: Distribution, p: number) => number;

/** Linear interpolation, numpy's default. */
export const linear: Quantile = (distribution, p) => distribution.quantile(p);

/** The smallest value that at least a share p of the values does not exceed. */
export const nearestRank: Quantile = (distribution, p) => {
  const { n } = distribution;
  const rank = Math.max(0, Math.ceil(roundedProduct(n, p)) - 1);
  return n > 1 ? distribution.quantile(rank / (n - 1)) : distribution.quantile(0);
};

/** n × p for p of two decimals, without the dust of binary fractions that would lift the ceiling. */
function roundedProduct(n: number, p: number): number {
  return Math.round(n * p * 1e6) / 1e6;
}

export function cellsOf(distribution: Distribution, quantile: Quantile): LatencyCells {
  if (distribution.n === 0) return everywhere('none');
  const seconds = (us: number) => us / 1e6;
  return {
    mean: seconds(distribution.mean),
    median: seconds(quantile(distribution, 0.5)),
    p99: seconds(quantile(distribution, 0.99)),
  };
}

export function everywhere(why: Absent): LatencyCells {
  return { mean: why, median: why, p99: why };
}

/** Values of the rows for which there is one. */
export function valuesOf(rows: Uint32Array, value: (row: number) => number): Float64Array {
  return Float64Array.from(rows, value).filter((value) => !Number.isNaN(value));
}

/** (E2EL − TTFT) ÷ (tokens − 1) where there are two tokens or more. */
export function tpotUs({ table, endUs }: Reading, row: number): number {
  const tokens = knownTokens(table.outTokens[row]);
  return tokens > 1 ? (endUs[row] - table.firstUs[row]) / (tokens - 1) : Number.NaN;
}

/** TTFT, TPOT, pooled gaps and E2EL of the rows, as most tools have them. */
export function usualLatencies(
  reading: Reading,
  rows: Uint32Array,
  quantile = linear,
): ToolFigures['latencies'] {
  const of = (value: (row: number) => number) => cellsOf(distributionOf(valuesOf(rows, value)), quantile);
  const e2el = of((row) => reading.endUs[row]);
  if (!reading.run.info.stream) return { ...streamOnly('not recorded'), E2EL: e2el };
  return {
    TTFT: of((row) => reading.table.firstUs[row]),
    TPOT: of((row) => tpotUs(reading, row)),
    ITL: cellsOf(poolGaps(reading.run, reading.table, rowMask(reading.table, rows)).distribution(), quantile),
    E2EL: e2el,
  };
}

/** No latency but perhaps E2EL: a response that came in one piece tells no more. */
export function streamOnly(why: Absent): Pick<ToolFigures['latencies'], 'TTFT' | 'TPOT' | 'ITL'> {
  return { TTFT: everywhere(why), TPOT: everywhere(why), ITL: everywhere(why) };
}

function tokensOf({ table }: Reading, rows: Uint32Array): number {
  let sum = 0;
  for (const row of rows) sum += knownTokens(table.outTokens[row]) || 0;
  return sum;
}

/** Counts of the rows over a length of time. */
export function usualRates(
  reading: Reading,
  rows: Uint32Array,
  durationMs: number,
): Pick<ToolFigures, 'outputTokensPerS' | 'requestsPerS' | 'durationS' | 'requests'> {
  const rate = (amount: number) => (durationMs > 0 ? amount / (durationMs / 1000) : 'none');
  return {
    outputTokensPerS: rate(tokensOf(reading, rows)),
    requestsPerS: rate(rows.length),
    durationS: Math.max(0, durationMs) / 1000,
    requests: rows.length,
  };
}

/** From the first send to the last end of the response, or to the last end of E2EL; ms. */
export function spanMs({ table, endUs }: Reading, rows: Uint32Array, end: 'response' | 'e2el'): number {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    from = Math.min(from, table.sentMs[row]);
    to = Math.max(to, end === 'response' ? table.endMs[row] : table.sentMs[row] + endUs[row] / 1000);
  }
  return to > from ? to - from : 0;
}

/** From the start of the run to the end of its last response, failed ones included; ms. */
export function untilLastEndMs({ table, rows }: Reading): number {
  return rows.reduce((latest, row) => Math.max(latest, table.endMs[row]), 0);
}
