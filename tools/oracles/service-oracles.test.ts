/** Services of known law in virtual time, each with the answer on paper. Numbers: docs/statistics.md, "Oracles". */
import { describe, expect, it } from 'vitest';
import { retimed } from '../../src/analysis/arbitrary-run.fixture.ts';
import { meanLevel } from '../../src/analysis/concurrency.ts';
import { definitions } from '../../src/analysis/definitions.ts';
import { e2elUs, readRequests } from '../../src/analysis/request-table.ts';
import { info, runOf, summarizeOptions } from '../../src/analysis/run.fixture.ts';
import { steadyRates } from '../../src/analysis/steady/token-rates.ts';
import { summarize } from '../../src/analysis/summarize.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { PlainRecord } from '../../src/core/records.ts';
import type { SteadySummary } from '../../src/core/steady.ts';
import { steadyOf } from './oracles.ts';
import { batchingRun, lengthLaws, renewalRun } from './virtual-run.ts';
import { simulate } from './virtual-service.ts';

const figure = (steady: SteadySummary, name: string, stat = 'Mean') =>
  [...steady.rates, ...steady.latencies].find((one) => one.name === name && one.stat === stat)!;

describe('O2: independent slots with geometric lengths', () => {
  const slots = 8;
  const steady = Array.from({ length: 60 }, (_, seed) =>
    steadyOf(
      renewalRun(
        { slots, lengths: lengthLaws.geometric(200), ttftMs: 150, gapMs: 20, durationMs: 60 * 4130 },
        seededRandom(seed, 'renewal slots'),
      ),
    ),
  );

  it.each([
    ['Output Token Throughput', 'Mean', (slots * 200) / 4.13],
    ['Request Throughput', 'Mean', slots / 4.13],
    ['E2EL', 'Mean', 4.13],
    ['E2EL', 'P50', 2.91],
    ['E2EL', 'P99', 18.51],
  ] as const)('have the %s %s of a renewal process within 4 standard errors', (name, stat, truth) => {
    const { mean, deviation } = spread(steady.map((one) => figure(one, name, stat).value));
    expect(Math.abs(mean - truth)).toBeLessThan((4 * deviation) / Math.sqrt(steady.length));
    expect(deviation / truth).toBeLessThan(0.15);
  });

  it('vary as they must, and the intervals know it', () => {
    // Var X = C E[(G − xE)²] / (E[E] T) of a count in a box of length T, x tokens per second of a slot; the average
    // over one cycle has T (T − 4E/3)/(T − E)² times that.
    const { startMs, endMs, cycleMs } = steady[0].window!;
    const [lengthS, cycleS] = [(endMs - startMs) / 1000, cycleMs / 1000];
    const factor = (lengthS * (lengthS - (4 / 3) * cycleS)) / (lengthS - cycleS) ** 2;
    const variance = ((9.548 * slots) / lengthS) * factor;
    const throughputs = steady.map((one) => figure(one, 'Output Token Throughput'));
    const { deviation } = spread(throughputs.map(({ value }) => value));
    // The error of a variance from n values is √(2/n) of it.
    expect(Math.abs(deviation ** 2 / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / steady.length));
    const { mean } = spread(throughputs.map(({ value, high }) => high! - value));
    // Twenty batches: Student's 2.09, and somewhat more for the correlation they might have.
    expect(mean / Math.sqrt(variance)).toBeGreaterThan(1.96);
    expect(mean / Math.sqrt(variance)).toBeLessThan(2.8);
  });
});

it.each(Object.keys(lengthLaws) as (keyof typeof lengthLaws)[])(
  'O3: processor sharing has E2EL = G C/R, exactly, and TPOT C/R for %s lengths',
  (law) => {
    const [slots, rate] = [16, 800];
    const random = seededRandom(3, law);
    const tokens = Array.from({ length: 480 }, () => lengthLaws[law](60)(random));
    const gapMs = (1000 * slots) / rate;
    const run = runOf(simulate({ slots, tokens, ttftMs: gapMs, gapMs }), { batchSize: slots });
    const table = readRequests(run, definitions.product);
    for (let row = 0; row < table.count; row++) {
      expect(e2elUs(table, row) / 1e6).toBeCloseTo((tokens[table.index[row]] * slots) / rate, 9);
    }
    const steady = steadyOf(run);
    expect(figure(steady, 'Output Token Throughput').value).toBeCloseTo(rate, 6);
    for (const stat of ['Mean', 'P50', 'P99']) {
      expect(figure(steady, 'TPOT', stat).value).toBeCloseTo(slots / rate, 9);
    }
  },
);

describe('O4: batches whose step takes 8 ms and 0.1 ms a request', () => {
  const stepMs = (slots: number) => 8 + 0.1 * slots;

  it.each([
    [1, 123.47],
    [8, 909.92],
    [64, 4464.29],
    [256, 7677.54],
  ])('in lock step with a first token after 8 ms, C = %d makes %d tokens/s', (slots, truth) => {
    const tokens = Array(slots * 12).fill(100);
    const records = simulate({ slots, tokens, ttftMs: 8, gapMs: stepMs(slots) });
    const steady = steadyOf(runOf(records, { batchSize: slots }));
    expect(figure(steady, 'Output Token Throughput').value).toBeCloseTo(truth, 2);
  });

  it.each([
    [80, 5000, 16],
    [120, 6000, 20],
  ])('C = %d makes %d tokens/s at a TPOT of %d ms', (slots, truth, tpotMs) => {
    const law = { slots, requests: slots * 12, lengths: lengthLaws.fixed(100), prefillPerTokenMs: 0 };
    const steady = steadyOf(batchingRun(law, seededRandom(1, 'knee')));
    expect(figure(steady, 'Output Token Throughput').value).toBeCloseTo(truth, 6);
    expect(figure(steady, 'TPOT', 'P99').value).toBeCloseTo(tpotMs / 1000, 9);
  });
});

it('O15: overloaded, the level grows by λ − μ a second and TTFT by ρ − 1', () => {
  const [arrivalsPerS, served] = [1.25, 1];
  let freeMs = 0;
  const records = Array.from({ length: 3000 }, (_, index): PlainRecord => {
    const sent = (index * 1000) / arrivalsPerS;
    const start = Math.max(sent, freeMs);
    freeMs = start + 1000 / served;
    return {
      index,
      sent,
      end: freeMs,
      inTokens: 10,
      outTokens: 2,
      events: [
        [start, 'text'],
        [freeMs, 'text'],
      ],
    };
  });
  const rate = { requests: records.length, limit: 1e6, requestsPerS: arrivalsPerS, burstiness: 0, seed: 0 };
  const steady = steadyOf(
    runOf(records, { batchSize: 1e6, schedule: { ...info.schedule, ...rate, kind: 'rate' } }),
  );
  const { atMs, level, ttftS } = steady.series!;
  const seconds = atMs.map((ms) => ms / 1000);
  expect(slope(seconds, level)).toBeCloseTo(arrivalsPerS - served, 3);
  expect(slope(seconds, ttftS)).toBeCloseTo(arrivalsPerS / served - 1, 3);
  expect(steady.checks.find(({ name }) => name === 'queue')?.result).toBe('failed');
});

it.each([1, 2, 5, 10])(
  'O16: %d tokens an event leave the throughput alone, ITL is between events, TPOT counts tokens',
  (tokensPerEvent) => {
    const [slots, tokens, gapMs] = [16, 200, 20];
    const run = runOf(
      simulate({ slots, tokens: Array(slots * 20).fill(tokens), ttftMs: 150, gapMs, tokensPerEvent }),
      { batchSize: slots },
    );
    const steady = steadyOf(run);
    expect(figure(steady, 'Output Token Throughput').value).toBeCloseTo((slots * tokens) / 4.13, 6);
    expect(figure(steady, 'ITL', 'P50').value).toBeCloseTo((tokensPerEvent * gapMs) / 1000, 9);
    const decodeMs = (tokens - tokensPerEvent) * gapMs;
    expect(figure(steady, 'TPOT').value).toBeCloseTo(decodeMs / 1000 / (tokens - 1), 9);
  },
);

it.each([2, 3, 7])(
  'O16: %d tokens an event that the service tells: ITL and TPOT are per token, and the tokens add up',
  (tokensPerEvent) => {
    const [slots, tokens, gapMs] = [16, 200, 21];
    const law = { slots, tokens: Array(slots * 20).fill(tokens), ttftMs: 150, gapMs, tokensPerEvent };
    const run = runOf(simulate({ ...law, tellsTokens: true }), { batchSize: slots });
    const steady = steadyOf(run);
    const cycleS = (150 + (tokens - 1) * gapMs) / 1000;
    expect(figure(steady, 'Output Token Throughput').value).toBeCloseTo((slots * tokens) / cycleS, 6);
    for (const name of ['ITL', 'TPOT']) expect(figure(steady, name).value).toBeCloseTo(gapMs / 1000, 9);
    expect(figure(steady, 'ITL', 'P99').value).toBeCloseTo(gapMs / 1000, 9);
    expect(steady.checks.find(({ name }) => name === 'token_account')).toMatchObject({ result: 'ok' });
    const { perRequest, notes } = summarize(run, summarizeOptions);
    const itl = perRequest.find(({ name }) => name === 'ITL')!;
    expect(itl.stats.map(({ value }) => value)).toEqual(itl.stats.map(() => expect.closeTo(gapMs / 1000, 9)));
    expect(notes.join()).toContain('ITL is per token');
    const upstream = summarize(run, { ...summarizeOptions, definitions: 'upstream' });
    const gapS = upstream.perRequest.find(({ name }) => name === 'ITL')!.stats[0].value;
    expect(gapS).toBeGreaterThan(((tokensPerEvent - 1) * gapMs) / 1000);
  },
);

describe('O19: two hosts whose clocks are 50 ms early and late', () => {
  const slots = 16;
  const random = seededRandom(19, 'hosts');
  const tokens = Array.from({ length: slots * 60 }, () => random.int(20, 120));
  const records = simulate({ slots, tokens, ttftMs: 150, gapMs: 20 });
  const byHost = (records: readonly PlainRecord[], sign: 1 | -1) =>
    records.flatMap((record) => retimed([record], (ms) => ms + sign * (record.index % 2 === 0 ? 50 : -50)));
  const off = byHost(records, 1);
  const run = (list: readonly PlainRecord[]) => runOf(list, { batchSize: slots });

  it('have the same latencies, each time being taken on one clock', () => {
    const latencies = (list: readonly PlainRecord[]) =>
      summarize(run(list), {
        summarizer: '',
        window: 'total',
        rule: 'document',
        definitions: 'product',
        profile: 'default',
        statsList: ['Average', 'Min', 'Max', 'P99'],
      }).perRequest;
    expect(latencies(off)).toEqual(latencies(records));
  });

  it('have a throughput within 0.1 % of the true one', () => {
    const { startMs, endMs, cycleMs } = steadyOf(run(records)).window!;
    const [truth, found] = [records, off].map(
      (list) =>
        steadyRates(run(list), readRequests(run(list), definitions.product), {
          fromMs: startMs,
          toMs: endMs,
          cycleMs,
        }).outputTokensPerS,
    );
    expect(found).not.toBe(truth);
    expect(Math.abs(found / truth - 1)).toBeLessThan(0.001);
  });

  it('have, once corrected, the level and all else as they were', () => {
    const corrected = byHost(off, -1);
    expect(steadyOf(run(corrected))).toEqual(steadyOf(run(records)));
    const level = (list: readonly PlainRecord[]) =>
      Array.from({ length: 50 }, (_, i) =>
        meanLevel(readRequests(run(list), definitions.product), 1000 * i, 1000 * (i + 1)),
      );
    expect(level(corrected)).toEqual(level(records));
  });
});

function slope(x: readonly number[], y: readonly number[]): number {
  const [{ mean: mx }, { mean: my }] = [spread(x), spread(y)];
  let [xy, xx] = [0, 0];
  x.forEach((value, i) => {
    xy += (value - mx) * (y[i] - my);
    xx += (value - mx) ** 2;
  });
  return xy / xx;
}

function spread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
