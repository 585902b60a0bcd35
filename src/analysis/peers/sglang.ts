/** Plug-in: SGLang's bench_serving. */
import { distributionOf } from '../stats.ts';
import { cellsOf, linear, tpotUs, untilLastEndMs, usualLatencies, usualRates, valuesOf } from './figures.ts';
import { dataEvents, type Peer, spokenEvents } from './peer.ts';

export const sglang: Peer = {
  title: 'SGLang',
  basis: 'sglang.benchmark.serving, autumn 2026',
  points: spokenEvents,
  firstPoint: 'the first text or reasoning, no tool call',
  ends: dataEvents,
  lastPoint: 'the last line, which is [DONE]',
  minPoints: 0,
  attempts: 'each',
  formulas({ table, successes }) {
    const silent = successes.filter((row) => table.points[row] === 0).length;
    if (silent === 0) return [];
    return [
      {
        name: 'TTFT of 0',
        rows: ['TTFT', 'TPOT'],
        text: `${silent} responses without text have a TTFT of 0`,
      },
    ];
  },
  measure(reading) {
    const { successes, table } = reading;
    const latencies = usualLatencies(reading, successes);
    if (reading.run.info.stream) {
      // A response without text keeps the 0 that its TTFT began with.
      const first = (row: number) => table.firstUs[row] || 0;
      latencies.TTFT = cellsOf(distributionOf(valuesOf(successes, first)), linear);
      const tpot = (row: number) =>
        table.points[row] > 0 ? tpotUs(reading, row) : reading.endUs[row] / (table.outTokens[row] - 1);
      const several = successes.filter((row) => table.outTokens[row] > 1);
      latencies.TPOT = cellsOf(distributionOf(valuesOf(several, tpot)), linear);
    }
    return { window: null, latencies, ...usualRates(reading, successes, untilLastEndMs(reading)) };
  },
};
