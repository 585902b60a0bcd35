import { describe, expect, it } from 'vitest';
import { createEngine, type Sequence } from './engine.ts';
import type { PerformanceLaw } from './law.ts';

const law: PerformanceLaw = {
  stepBaseMs: 8,
  stepPerSequenceMs: 0.1,
  prefillPerTokenMs: 0,
  maxRunning: 1000,
  prefillTokensPerStep: 1_000_000,
  kvCacheTokens: 1_000_000,
};

interface Job {
  at?: number;
  prompt?: number;
  output: number;
  /** KV tokens to reserve; prompt + output unless given. */
  reserve?: number;
}

/** Runs jobs to the end; the time of every token by job, and when it was admitted. */
function run(jobs: Job[], changes: Partial<PerformanceLaw> = {}) {
  const engine = createEngine<number>({ ...law, ...changes });
  const tokens: number[][] = jobs.map(() => []);
  const sequences = jobs.map(({ at = 0, prompt = 1, output, reserve = prompt + output }, owner) =>
    engine.arrive({
      owner,
      promptTokens: prompt,
      outputTokens: output,
      reservedTokens: reserve,
      arrivalMs: at,
    }),
  );
  let highestKv = 0;
  let highestRunning = 0;
  for (let due = engine.nextDueMs(); due !== Number.POSITIVE_INFINITY; due = engine.nextDueMs()) {
    for (const sequence of engine.step(due)) tokens[sequence.owner].push(due);
    highestKv = Math.max(highestKv, engine.kvTokensUsed());
    highestRunning = Math.max(highestRunning, engine.running());
  }
  expect([engine.running(), engine.waiting(), engine.kvTokensUsed()]).toEqual([0, 0, 0]);
  return { tokens, admitted: sequences.map((s) => s.admittedMs), highestKv, highestRunning };
}

const copies = (count: number, job: Job): Job[] => Array.from({ length: count }, () => job);

describe('engine', () => {
  // C sequences of G tokens that start together: G C / (a + (G - 1)(a + b C)) tokens per second.
  it.each([
    [1, 123.47],
    [8, 909.92],
    [64, 4464.29],
    [256, 7677.54],
  ])('gives %i lock-step streams the throughput of the closed form', (streams, tokensPerS) => {
    const { tokens } = run(copies(streams, { output: 100 }));
    const endMs = Math.max(...tokens.flat());
    expect(endMs).toBeCloseTo(8 + 99 * (8 + 0.1 * streams), 6);
    expect((streams * 100 * 1000) / endMs).toBeCloseTo(tokensPerS, 2);
  });

  it('charges a prompt for its tokens, in the step that prefills it, to everybody in that step', () => {
    const { tokens } = run(
      [
        { prompt: 1500, output: 4 },
        { prompt: 500, output: 2, at: 50 },
      ],
      {
        prefillPerTokenMs: 0.03,
      },
    );
    // 8 + 45; then one alone joined by the second's prefill: 8 + 0.1 + 15; then both: 8.2.
    expect(tokens[0].map((t) => t.toFixed(3))).toEqual(['53.000', '76.100', '84.300', '92.400']);
    expect(tokens[1].map((t) => t.toFixed(3))).toEqual(['76.100', '84.300']);
  });

  it('prefills a prompt beyond the budget of a step over several steps', () => {
    const { tokens } = run([{ prompt: 2500, output: 1 }], {
      prefillPerTokenMs: 0.01,
      prefillTokensPerStep: 1000,
    });
    expect(tokens[0]).toEqual([expect.closeTo(3 * 8 + 25, 6)]);
  });

  it('lets the rest wait when the batch is full, first come, first served', () => {
    const { tokens, admitted, highestRunning } = run(copies(5, { output: 3 }), { maxRunning: 2 });
    expect(highestRunning).toBe(2);
    const round = 8 + 2 * 8.2;
    expect(admitted.map((t) => Math.round(t / round))).toEqual([0, 0, 1, 1, 2]);
    expect(tokens.map((t) => t.length)).toEqual([3, 3, 3, 3, 3]);
  });

  it('admits only what fits into the KV cache, and nobody overtakes', () => {
    const { admitted, highestKv } = run(
      [
        { prompt: 50, output: 10 },
        { prompt: 60, output: 10 },
        { prompt: 1, output: 1 },
      ],
      { kvCacheTokens: 100 },
    );
    expect(highestKv).toBeLessThanOrEqual(100);
    expect(admitted[1]).toBeCloseTo(8 + 9 * 8.1, 6);
    expect(admitted[2]).toBe(admitted[1]);
  });

  it('never admits before the arrival, however late it is driven', () => {
    const engine = createEngine<string>(law);
    const arrive = (owner: string, arrivalMs: number) =>
      engine.arrive({ owner, arrivalMs, promptTokens: 1, outputTokens: 2, reservedTokens: 3 });
    const first = arrive('first', 10);
    const second = arrive('second', 19);
    const seen: [string, number][] = [];
    while (engine.nextDueMs() !== Number.POSITIVE_INFINITY) {
      const due = engine.nextDueMs();
      for (const { owner } of engine.step(500)) seen.push([owner, due]);
    }
    expect([first.admittedMs, second.admittedMs]).toEqual([10, 26.1]);
    expect(seen.map(([owner, at]) => `${owner} ${at.toFixed(1)}`)).toEqual([
      'first 18.0',
      'first 26.1',
      'second 34.1',
      'second 42.2',
    ]);
  });

  it('makes lateness up to the limit good, and slips beyond it', () => {
    const lateBy = (lateMs: number) => {
      const engine = createEngine<null>(law, 50);
      engine.arrive({ owner: null, arrivalMs: 0, promptTokens: 1, outputTokens: 3, reservedTokens: 4 });
      engine.step(0);
      engine.step(8 + lateMs);
      return [engine.nextDueMs(), engine.slippedMs()];
    };
    expect(lateBy(40)).toEqual([16.1, 0]);
    expect(lateBy(60)).toEqual([68 + 8.1, 60]);
  });

  it('frees a cancelled sequence: at once in the queue, at the end of the step in the batch', () => {
    const engine = createEngine<number>({ ...law, maxRunning: 1 });
    const [a, b, c] = [0, 1, 2].map(
      (owner): Sequence<number> =>
        engine.arrive({ owner, arrivalMs: 0, promptTokens: 1, outputTokens: 9, reservedTokens: 10 }),
    );
    engine.step(0);
    engine.cancel(b);
    expect([engine.running(), engine.waiting()]).toEqual([1, 1]);
    engine.cancel(a);
    expect(engine.step(8)).toEqual([]);
    expect(c.admittedMs).toBe(8);
    expect([engine.running(), engine.kvTokensUsed()]).toEqual([1, 10]);
  });
});
