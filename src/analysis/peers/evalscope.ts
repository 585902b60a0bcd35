/** Plug-in: EvalScope perf, its overall figures. */
import { nearestRank, spanMs, usualLatencies, usualRates } from './figures.ts';
import { jsonEvents, outputEvents, type Peer } from './peer.ts';

export const evalscope: Peer = {
  title: 'EvalScope',
  basis: 'EvalScope 1.14.1 perf, overall (older ones took the role chunk for the first token)',
  points: outputEvents,
  firstPoint: 'the first generated output',
  ends: jsonEvents,
  lastPoint: 'the last event, usually the usage chunk',
  minPoints: 0,
  attempts: 'each',
  formulas: () => [
    {
      name: 'quantiles',
      rows: ['TTFT', 'TPOT', 'ITL', 'E2EL'],
      text: 'nearest rank instead of interpolation',
    },
  ],
  measure(reading) {
    const { rows, successes } = reading;
    return {
      window: null,
      latencies: usualLatencies(reading, successes, nearestRank),
      ...usualRates(reading, successes, wallMs(reading, rows)),
    };
  },
};

/** To the last event of a success and to the end of a failure. */
function wallMs(reading: Parameters<typeof spanMs>[0], rows: Uint32Array): number {
  const { table, endUs } = reading;
  const ends = endUs.map((us, row) =>
    table.success[row] === 1 ? us : (table.endMs[row] - table.sentMs[row]) * 1000,
  );
  return spanMs({ ...reading, endUs: ends }, rows, 'e2el');
}
