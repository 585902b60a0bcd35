/** Plug-in: AISBench's default_perf as its code computes it. */
import type { DifferenceCause, ToolFigures } from '../../core/explanation.ts';
import { knownTokens } from '../request-table.ts';
import { distributionOf } from '../stats.ts';
import { cellsOf, linear, spanMs, tpotUs, usualLatencies, usualRates, valuesOf } from './figures.ts';
import { jsonEvents, type Peer, type Reading } from './peer.ts';

export const aisbench: Peer = {
  title: 'AISBench',
  basis: 'AISBench 3.1, default_perf, its code',
  points: jsonEvents,
  firstPoint: 'the first event of any kind',
  ends: jsonEvents,
  lastPoint: 'the last event, usually the usage chunk',
  minPoints: 1,
  attempts: 'last',
  formulas({ table, successes }) {
    const short = successes.filter((row) => knownTokens(table.outTokens[row]) < 2).length;
    const zeros: DifferenceCause[] =
      short === 0
        ? []
        : [
            {
              name: 'TPOT of 0',
              rows: ['TPOT'],
              text: `${short} requests with fewer than 2 tokens count as 0`,
            },
          ];
    return [
      ...zeros,
      {
        name: 'rounding',
        rows: [],
        text: 'it rounds milliseconds to 0.1 before it prints them; this is not imitated',
      },
    ];
  },
  measure(reading) {
    const { successes } = reading;
    return {
      window: null,
      latencies: aisbenchLatencies(reading, successes),
      ...usualRates(reading, successes, spanMs(reading, successes, 'e2el')),
    };
  },
};

/** TPOT of a request with fewer than two tokens is 0 and takes part in the mean. */
export function aisbenchLatencies(reading: Reading, rows: Uint32Array): ToolFigures['latencies'] {
  const latencies = usualLatencies(reading, rows);
  if (!reading.run.info.stream) return latencies;
  const short = (row: number) => knownTokens(reading.table.outTokens[row]) < 2;
  const tpots = valuesOf(rows, (row) => (short(row) ? 0 : tpotUs(reading, row)));
  return { ...latencies, TPOT: cellsOf(distributionOf(tpots), linear) };
}
