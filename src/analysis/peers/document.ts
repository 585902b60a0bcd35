/** Plug-in: the total stage of the AISBench document, which is what this tool prints. The others are compared with it. */
import { spanMs, usualLatencies, usualRates } from './figures.ts';
import { outputEvents, type Peer } from './peer.ts';

export const document: Peer = {
  title: 'ais_bench',
  basis: 'this tool, total stage, as the AISBench document defines it',
  points: outputEvents,
  firstPoint: 'the first generated output',
  ends: outputEvents,
  lastPoint: 'the last generated output',
  minPoints: 0,
  attempts: 'each',
  formulas: () => [],
  measure(reading) {
    const { rows, successes } = reading;
    return {
      window: null,
      latencies: usualLatencies(reading, successes),
      ...usualRates(reading, successes, spanMs(reading, rows, 'response')),
    };
  },
};
