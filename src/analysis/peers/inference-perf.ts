/** Plug-in: inference-perf, one stage. */
import type { LatencyCells } from '../../core/explanation.ts';
import { poolGaps } from '../metrics.ts';
import { knownTokens, rowMask } from '../request-table.ts';
import { distributionOf } from '../stats.ts';
import { cellsOf, everywhere, linear, spanMs, streamOnly, usualRates, valuesOf } from './figures.ts';
import { type Peer, type Reading, textEvents } from './peer.ts';

export const inferencePerf: Peer = {
  title: 'inference-perf',
  basis: 'inference-perf, autumn 2026, the run taken as one stage',
  points: textEvents,
  firstPoint: 'the first text, no reasoning and no tool call',
  ends: 'response',
  lastPoint: 'the end of the response',
  minPoints: 0,
  attempts: 'each',
  formulas: () => [
    {
      name: 'tokens per chunk',
      rows: ['ITL'],
      text: 'it gives every token the timestamp of its chunk, so further tokens of a chunk have gaps of 0; median and P99 are known only where a chunk is one token',
    },
    {
      name: 'single tokens',
      rows: ['TTFT'],
      text: 'a response with a single timestamp has no TTFT there',
    },
    {
      name: 'TPOT',
      rows: ['TPOT'],
      text: 'up to the last token, whatever ends its E2EL',
    },
  ],
  measure(reading) {
    const { table, endUs, rows, successes } = reading;
    const of = (value: (row: number) => number) =>
      cellsOf(distributionOf(valuesOf(successes, value)), linear);
    const e2el = of((row) => endUs[row]);
    const stamped = successes.filter((row) => stampsOf(reading, row) > 1);
    const latencies = reading.run.info.stream
      ? {
          TTFT: cellsOf(distributionOf(valuesOf(stamped, (row) => table.firstUs[row])), linear),
          TPOT: cellsOf(distributionOf(valuesOf(stamped, (row) => tpot(reading, row))), linear),
          ITL: gapsBetweenTokens(reading, stamped),
          E2EL: e2el,
        }
      : { ...streamOnly('not recorded'), E2EL: e2el };
    return { window: null, latencies, ...usualRates(reading, successes, spanMs(reading, rows, 'response')) };
  },
};

/** How many time stamps it would have: one a token, none without text. */
function stampsOf({ table }: Reading, row: number): number {
  return table.points[row] === 0 ? 0 : Math.max(table.points[row], knownTokens(table.outTokens[row]) || 0);
}

function tpot({ table }: Reading, row: number): number {
  const tokens = knownTokens(table.outTokens[row]);
  return tokens > 1 ? (table.lastUs[row] - table.firstUs[row]) / (tokens - 1) : Number.NaN;
}

function gapsBetweenTokens(reading: Reading, rows: Uint32Array): LatencyCells {
  const { run, table } = reading;
  const chunkIsToken = rows.every((row) => table.points[row] === table.outTokens[row]);
  if (chunkIsToken) return cellsOf(poolGaps(run, table, rowMask(table, rows)).distribution(), linear);
  let decodeUs = 0;
  let gaps = 0;
  for (const row of rows) {
    decodeUs += table.lastUs[row] - table.firstUs[row];
    gaps += stampsOf(reading, row) - 1;
  }
  return gaps > 0 ? { ...everywhere('not recorded'), mean: decodeUs / gaps / 1e6 } : everywhere('none');
}
