/** Plug-in: GuideLLM without a crop of warm-up and cool-down. */
import type { LatencyCells } from '../../core/explanation.ts';
import { knownTokens } from '../request-table.ts';
import { distributionOf } from '../stats.ts';
import { cellsOf, everywhere, nearestRank, spanMs, streamOnly, usualRates, valuesOf } from './figures.ts';
import { dataEvents, outputEvents, type Peer, type Reading } from './peer.ts';

export const guidellm: Peer = {
  title: 'GuideLLM',
  basis: 'GuideLLM 0.8.1, no crop; its clock is the wall clock, this is not imitated',
  points: outputEvents,
  firstPoint: 'the first generated output',
  ends: dataEvents,
  lastPoint: 'the end of the stream, [DONE]',
  minPoints: 0,
  attempts: 'each',
  formulas: () => [
    {
      name: 'TPOT',
      rows: ['TPOT'],
      text: 'its time per output token is (last token − send) ÷ tokens: TTFT is part of it; mean and quantiles weigh a request by its tokens',
    },
    {
      name: 'ITL',
      rows: ['ITL'],
      text: 'its inter-token latency is one mean per request, (last − first token) ÷ (tokens − 1), weighed by tokens − 1; it does not keep the times of chunks',
    },
    { name: 'quantiles', rows: ['TTFT', 'E2EL'], text: 'nearest rank instead of interpolation' },
  ],
  measure(reading) {
    const { table, endUs, rows, successes } = reading;
    const of = (value: (row: number) => number) =>
      cellsOf(distributionOf(valuesOf(successes, value)), nearestRank);
    const e2el = of((row) => endUs[row]);
    const latencies = reading.run.info.stream
      ? { TTFT: of((row) => table.firstUs[row]), ...weighed(reading), E2EL: e2el }
      : { ...streamOnly('not recorded'), E2EL: e2el };
    return { window: null, latencies, ...usualRates(reading, successes, spanMs(reading, rows, 'response')) };
  },
};

function weighed({ table, successes }: Reading): { TPOT: LatencyCells; ITL: LatencyCells } {
  const tokens = (row: number) => knownTokens(table.outTokens[row]) || 0;
  return {
    TPOT: weightedCells(successes, (row) => table.lastUs[row] / tokens(row), tokens),
    ITL: weightedCells(
      successes,
      (row) => (table.lastUs[row] - table.firstUs[row]) / (tokens(row) - 1),
      (row) => tokens(row) - 1,
    ),
  };
}

function weightedCells(
  rows: Uint32Array,
  valueUs: (row: number) => number,
  weightOf: (row: number) => number,
): LatencyCells {
  const pairs = [...rows]
    .map((row) => ({ us: valueUs(row), weight: weightOf(row) }))
    .filter(({ us, weight }) => Number.isFinite(us) && weight > 0)
    .sort((a, b) => a.us - b.us);
  if (pairs.length === 0) return everywhere('none');
  const total = pairs.reduce((sum, { weight }) => sum + weight, 0);
  const quantile = (p: number) => {
    let at = 0;
    for (let below = pairs[0].weight; below < p * total && at < pairs.length - 1; )
      below += pairs[++at].weight;
    return pairs[at].us / 1e6;
  };
  const mean = pairs.reduce((sum, { us, weight }) => sum + us * weight, 0) / total / 1e6;
  return { mean, median: quantile(0.5), p99: quantile(0.99) };
}
