import { describe, expect, it } from 'vitest';
import { type Law, simulate } from '../../../tools/oracles/virtual-service.ts';
import { seededRandom } from '../../core/random.ts';
import { commonMetrics } from '../common-metrics.ts';
import { edgesOf } from '../concurrency.ts';
import { definitions } from '../definitions.ts';
import { readRequests } from '../request-table.ts';
import { runOf } from '../run.fixture.ts';
import { type SummarizeOptions, summarize } from '../summarize.ts';
import { stableUpstream } from '../windows/stable-upstream.ts';
import { isNoWindow } from '../windows/window.ts';
import { loadPhase } from './load-phase.ts';
import { littleResidual, steadyRates } from './token-rates.ts';

function ratesOf(law: Law, overrides = {}) {
  const run = runOf(simulate(law), { batchSize: law.slots, ...overrides }, 100);
  const table = readRequests(run, definitions.product);
  const load = loadPhase(run, table, edgesOf(table));
  if (load === null) throw new Error('no load');
  const { fromMs, toMs, cycleMs } = load;
  const window = { fromMs, toMs, cycleMs };
  return { run, table, window, rates: steadyRates(run, table, window) };
}

const documentOptions: SummarizeOptions = {
  summarizer: '',
  window: 'total',
  rule: 'document',
  definitions: 'product',
  profile: 'default',
  statsList: ['Min', 'Max'],
};

// C = 32 slots in lock step, 200 tokens, TTFT 0.15 s, gap 20 ms: E = 4.13 s and 1549.636804 tokens/s.
const lockStep = (waves: number, staggerMs: number): Law => ({
  slots: 32,
  tokens: Array(32 * waves).fill(200),
  ttftMs: 150,
  gapMs: 20,
  staggerMs,
});
const E = 4130;
const X = (32 * 200) / (E / 1000);

describe('O1: lock step', () => {
  it.each([
    [4, 0],
    [10, 0],
    [30, 0],
    [4, 5],
    [10, 5],
    [6, E / 32],
  ])('is exact at %d waves and %d ms between slots', (waves, staggerMs) => {
    const { rates } = ratesOf(lockStep(waves, staggerMs));
    expect(rates.outputTokensPerS / X).toBeCloseTo(1, 9);
    expect(rates.inputTokensPerS / (X / 2)).toBeCloseTo(1, 9);
    expect(rates.requestsPerS / (X / 200)).toBeCloseTo(1, 9);
    expect(rates.meanLevel).toBeCloseTo(32, 9);
    expect(rates.meanWaiting + rates.meanDecoding).toBeCloseTo(32, 9);
    expect(rates.littleResidual).toBeCloseTo(0, 9);
  });

  it.each([
    [3, 0, 2],
    [4, 0, 1.5],
    [6, 0, 1.25],
    [10, 0, 1.125],
    [20, 0, 1.0556],
    [30, 0, 1.0357],
    [4, 5, 1.4724],
    [10, 5, 1.1197],
    [30, 5, 1.0343],
    [4, E / 32, 1.0105],
    [10, E / 32, 1.0035],
    [30, E / 32, 1.0011],
  ])(
    'shows the bias of the upstream window: %d waves, stagger %d ms, ratio %d',
    (waves, staggerMs, ratio) => {
      const run = runOf(simulate(lockStep(waves, staggerMs)), { batchSize: 32 });
      const table = readRequests(run, definitions.product);
      const picked = stableUpstream(table, 32, null);
      if (isNoWindow(picked)) throw new Error(picked.reason);
      const stage = { stream: true, maxConcurrency: 32, clamp: true };
      // The bias in the rate is that of the level, which the clamp hides.
      const { unclampedConcurrency } = commonMetrics(table, picked.members, picked.interval, stage);
      expect(unclampedConcurrency / 32).toBeCloseTo(ratio, 4);
      const figures = (rule: SummarizeOptions['rule']) => {
        const { common } = summarize(run, { ...documentOptions, window: 'stable_stage', rule });
        return common.find((m) => m.name === 'Output Token Throughput')!.value / X;
      };
      expect(figures('upstream')).toBeCloseTo(ratio, 4);
      expect(figures('document')).toBeCloseTo(1, 9);
    },
  );

  it('measures by Little how much a window credits to the wrong side', () => {
    const { table, window } = ratesOf(lockStep(5, 0));
    // (E, 5E] holds the sends at 2E, 3E and 4E: three waves of members for four of load.
    expect(window).toEqual({ fromMs: E, toMs: 5 * E, cycleMs: E });
    expect(littleResidual(table, E, 5 * E)).toBeCloseTo(-1 / 4, 9);
    expect(littleResidual(table, E - 1, 5 * E - 1)).toBeCloseTo(0, 9);
  });

  it('O16: does not care how many tokens one event carries', () => {
    expect(ratesOf({ ...lockStep(6, 0), tokensPerEvent: 8 }).rates.outputTokensPerS / X).toBeCloseTo(1, 9);
  });

  it('spreads tokens over the request when the run did not stream', () => {
    const { rates } = ratesOf(lockStep(6, 5), { stream: false });
    expect(rates.tokenTimes).toBe('prorated');
    expect(rates.outputTokensPerS / X).toBeCloseTo(1, 9);
  });
});

describe('O3: processor sharing', () => {
  // Every slot gets a token each 20 ms for ever, whatever the lengths: 16 slots make 800 tokens/s.
  const law = (tokensOf: () => number): Law => ({
    slots: 16,
    gapMs: 20,
    ttftMs: 20,
    tokens: Array.from({ length: 640 }, tokensOf),
  });
  const random = seededRandom(7, 'lengths');

  it.each([
    ['fixed', () => 60],
    ['uniform', () => random.int(20, 100)],
    ['geometric', () => 1 + Math.floor(60 * random.exponential())],
    ['lognormal', () => 1 + Math.floor(40 * Math.exp(random.normal()))],
  ])('gives the exact rate for %s lengths', (_name, tokensOf) => {
    const { rates, run } = ratesOf(law(tokensOf));
    expect(rates.outputTokensPerS / 800).toBeCloseTo(1, 9);
    expect(rates.meanLevel).toBeCloseTo(16, 9);
    const { perRequest } = summarize(run, documentOptions);
    const tpot = perRequest.find((row) => row.name === 'TPOT');
    expect(tpot?.stats.map((s) => s.value)).toEqual([0.02, 0.02]);
  });
});

describe('independent slots with random lengths', () => {
  it('is right in the mean, and far steadier than the figure that credits whole requests', () => {
    const slots = 16;
    const errors = Array.from({ length: 40 }, (_, seed) => {
      const random = seededRandom(seed, 'geometric');
      const geometric = () => 1 + Math.floor(random.exponential() / -Math.log(1 - 1 / 50));
      const law = { slots, ttftMs: 150, gapMs: 20, tokens: Array.from({ length: 12 * slots }, geometric) };
      const { rates, run } = ratesOf(law);
      const { common } = summarize(run, { ...documentOptions, window: 'stable_stage' });
      // Renewal-reward: mean tokens over mean time, 50 / (0.15 + 49 · 0.02 s), in each slot.
      const truth = (slots * 50) / 1.13;
      const document = common.find((m) => m.name === 'Output Token Throughput')!.value;
      return { steady: rates.outputTokensPerS / truth - 1, document: document / truth - 1 };
    });
    const steady = spread(errors.map((e) => e.steady));
    const document = spread(errors.map((e) => e.document));
    expect(Math.abs(steady.mean)).toBeLessThan(4 * steady.standardError);
    expect(steady.deviation).toBeLessThan(0.02);
    expect(document.deviation).toBeGreaterThan(2 * steady.deviation);
  });
});

it('O18: shows think time as a mean level below the slots', () => {
  const { rates } = ratesOf({ ...lockStep(12, E / 32), thinkMs: 0.1 * E });
  expect(rates.meanLevel / 32).toBeCloseTo(1 / 1.1, 3);
});

function spread(values: number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  return { mean, deviation, standardError: deviation / Math.sqrt(values.length) };
}
