/** Plug-in: `vllm bench serve`. */
import { untilLastEndMs, usualLatencies, usualRates } from './figures.ts';
import { choiceEvents, type Peer } from './peer.ts';

export const vllmBench: Peer = {
  title: 'vLLM bench',
  basis: 'vllm bench serve, autumn 2026 (older ones let the usage chunk of a chat lengthen E2EL)',
  points: choiceEvents,
  firstPoint: 'the first chunk with choices, the role chunk too',
  ends: choiceEvents,
  lastPoint: 'the last chunk with choices, the finish chunk too',
  minPoints: 1,
  attempts: 'each',
  formulas: () => [],
  measure(reading) {
    const { successes } = reading;
    return {
      window: null,
      latencies: usualLatencies(reading, successes),
      ...usualRates(reading, successes, untilLastEndMs(reading)),
    };
  },
};
