/** Plug-in: AIPerf, request-count mode. */
import { spanMs, usualLatencies, usualRates } from './figures.ts';
import { outputEvents, type Peer } from './peer.ts';

export const aiperf: Peer = {
  title: 'AIPerf',
  basis: 'AIPerf 0.13.0, profiling phase without a grace cut',
  points: outputEvents,
  firstPoint: 'the first generated output',
  ends: outputEvents,
  lastPoint: 'the last generated output',
  minPoints: 1,
  attempts: 'each',
  formulas: () => [
    {
      name: 'names',
      rows: [],
      text: 'its ITL is listed as TPOT here, and its inter-chunk latency (ICL) as ITL',
    },
    {
      name: 'tokens',
      rows: [],
      text: 'it counts tokens with its own tokenizer unless told to use the server’s; the recorded counts are used here',
    },
  ],
  measure(reading) {
    const { successes } = reading;
    return {
      window: null,
      latencies: usualLatencies(reading, successes),
      ...usualRates(reading, successes, spanMs(reading, successes, 'e2el')),
    };
  },
};
