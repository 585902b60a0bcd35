import { describe, expect, it } from 'vitest';
import { biasOf, coverageOf, detectionOf, laws, steadyOf } from '../../../tools/oracles/oracles.ts';
import { queueRun } from '../../../tools/oracles/virtual-queue.ts';
import { batchingRate, batchingRun, lengthLaws, renewalRun } from '../../../tools/oracles/virtual-run.ts';
import { simulate } from '../../../tools/oracles/virtual-service.ts';
import { seededRandom } from '../../core/random.ts';
import type { RecordedRun } from '../../core/run.ts';
import type { SteadySummary } from '../../core/steady.ts';
import { runOf } from '../run.fixture.ts';

const figure = (steady: SteadySummary, name: string, stat = 'Mean') => {
  const found = [...steady.rates, ...steady.latencies].find((f) => f.name === name && f.stat === stat);
  if (!found) throw new Error(`no ${name} ${stat}`);
  return found;
};
const check = (steady: SteadySummary, name: string) => steady.checks.find((c) => c.name === name);

// C = 32 slots in lock step, 200 tokens, TTFT 0.15 s, gap 20 ms: E = 4.13 s and 1549.636804 tokens/s.
const lockStep = (waves: number, staggerMs = 0) =>
  runOf(
    simulate({ slots: 32, tokens: Array(32 * waves).fill(200), ttftMs: 150, gapMs: 20, staggerMs }),
    { batchSize: 32 },
    1000,
  );

describe('O1: lock step', () => {
  const steady = steadyOf(lockStep(30));

  it('gives exact numbers with intervals of no width to speak of', () => {
    for (const [name, stat, value] of [
      ['Output Token Throughput', 'Mean', 1549.636804],
      ['Concurrency', 'Mean', 32],
      ['E2EL', 'P99', 4.13],
      ['TTFT', 'P50', 0.15],
      ['TPOT', 'P90', 0.02],
      ['ITL', 'Mean', 0.02],
      ['ITL', 'P99', 0.02],
    ] as const) {
      const found = figure(steady, name, stat);
      expect(found.value, name).toBeCloseTo(value, 6);
      expect(found.refused).toBe('');
      expect((found.high! - found.low!) / value).toBeLessThan(1e-3);
    }
  });

  it('is steady, but says that the requests are in phase', () => {
    expect(steady.verdict).toEqual({ throughput: 'steady', latency: 'steady with reservations' });
    expect(steady.synchrony).toBeCloseTo(1, 1);
    expect(check(steady, 'sync')?.result).toBe('reservation');
    expect(steadyOf(lockStep(30, 4130 / 32)).verdict.latency).toBe('steady');
  });

  it('names what it cut', () => {
    expect(steady.cuts.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([[0, 4130]]);
    expect(steady.window).toMatchObject({ startMs: 4130, endMs: 123_900, cycleMs: 4130, cycles: 29 });
  });

  it('holds 22 checks in order, none of which fails', () => {
    expect(steady.checks.map((c) => c.number)).toEqual(Array.from({ length: 22 }, (_, i) => i + 1));
    expect(steady.checks.filter((c) => c.result === 'failed')).toEqual([]);
  });
});

describe('the output token throughput of a batching server', () => {
  it.each(laws.map((law) => [law]))('is right in the mean for %s lengths', (law) => {
    const found = Array.from({ length: 8 }, (_, seed) =>
      biasOf({ kind: 'bias', law, slots: 16, waves: 10, seed }),
    );
    const mean = found.reduce((sum, { steady }) => sum + steady, 0) / found.length;
    expect(Math.abs(mean)).toBeLessThan(law === 'fixed' || law === 'uniform' ? 0.003 : 0.011);
  });
});

describe('what changes during a run', () => {
  it.each([
    ['drift -10 %', 6],
    ['step -10 % at 60 %', 6],
    ['never settles', 1],
    ['never settles', 6],
  ] as const)('%s is found', (scenario, check) => {
    for (const law of laws) {
      const { verdict, checks } = detectionOf({ kind: 'detection', scenario, law, waves: 30, seed: 1 });
      expect(verdict.throughput, law).toBe('not steady');
      if (check === 6) expect(checks[5].result).toBe('failed');
    }
  });

  it('is not claimed where nothing does, nor where stalls come and go', () => {
    for (const law of laws) {
      for (const scenario of ['clean', 'stalls of 200 ms every 4 s'] as const) {
        const { verdict } = detectionOf({ kind: 'detection', scenario, law, waves: 60, seed: 2 });
        expect(verdict.throughput, `${scenario} ${law}`).toBe('steady');
        expect(verdict.latency, `${scenario} ${law}`).not.toBe('not steady');
      }
    }
  });

  it('is measured: a speed of 1 + q(t/T − 1/2) changes by q over the part of the run that is seen', () => {
    const waves = 40;
    const cycle = 4130;
    const lengthMs = waves * cycle;
    const run = batchingRun(
      {
        slots: 16,
        lengths: lengthLaws.fixed(200),
        durationMs: lengthMs,
        staggerMs: 140,
        speed: (ms) => 1 + 0.2 * (ms / lengthMs - 0.5),
      },
      seededRandom(1, 'ramp'),
    );
    expect(check(steadyOf(run), 'drift')?.found).toMatch(/^throughput 1[0-9]\.\d % ±/);
  });
});

describe('intervals', () => {
  it('hold the truth', () => {
    const family = 'batching, uniform, 60 waves';
    const runs = Array.from({ length: 16 }, (_, seed) => coverageOf({ kind: 'coverage', family, seed }));
    // Each does in 95 of 100 runs; fewer than 12 of 16 would do so in 1 of 1000 cases.
    for (const name of ['Output Token Throughput Mean', 'E2EL Mean']) {
      expect(runs.filter((run) => run[name]).length, name).toBeGreaterThanOrEqual(12);
    }
  });

  it('are refused where too few requests carry them, with the number it would take', () => {
    const run = batchingRun(
      { slots: 16, lengths: lengthLaws.geometric(200), requests: 16 * 20 },
      seededRandom(4, 'few'),
    );
    const p99 = figure(steadyOf(run), 'E2EL', 'P99');
    expect(p99.low).toBeNull();
    expect(p99.refused).toMatch(/too few observations \(\d+ of about \d{4}|outlived/);
  });
});

describe('an open loop', () => {
  const queue = (load: number, requests = 6000) =>
    steadyOf(
      queueRun(
        { servers: 1, requests, arrivalsPerS: load, serviceS: (random) => random.exponential() },
        seededRandom(3, 'open'),
      ),
    );

  it('has the mean wait of M/M/1', () => {
    const steady = queue(0.5);
    expect(steady.loop).toBe('open');
    const wait = figure(steady, 'TTFT');
    expect(wait.low!).toBeLessThan(1);
    expect(wait.high!).toBeGreaterThan(1);
    expect(check(steady, 'occupancy')?.result).toBe('not applicable');
  });

  it('is overloaded when level and wait grow together', () => {
    const steady = queue(1.3, 3000);
    expect(check(steady, 'queue')?.result).toBe('failed');
    expect(steady.verdict).toEqual({ throughput: 'not steady', latency: 'not steady' });
  });
});

describe('what is no steady run', () => {
  it('has no window, and says why', () => {
    const steady = steadyOf(lockStep(2));
    expect(steady.window).toBeNull();
    expect(steady.noWindow).toMatch(/shorter than two request cycles|sent at full concurrency/);
    expect(steady.verdict).toEqual({ throughput: 'not steady', latency: 'not steady' });
  });

  it('that never reached its maximum is measured at the level it had', () => {
    const run = lockStep(30, 50);
    const wider: RecordedRun = { ...run, info: { ...run.info, batchSize: 40 } };
    const steady = steadyOf(wider);
    expect(figure(steady, 'Output Token Throughput').value / 1549.636804).toBeCloseTo(1, 4);
    expect(check(steady, 'plateau_found')?.result).toBe('reservation');
  });

  it('O18: with empty slots loses its throughput', () => {
    const thinking = simulate({
      slots: 32,
      tokens: Array(960).fill(200),
      ttftMs: 150,
      gapMs: 20,
      thinkMs: 413,
      staggerMs: 129,
    });
    const steady = steadyOf(runOf(thinking, { batchSize: 32 }));
    expect(figure(steady, 'Concurrency').value / 32).toBeCloseTo(1 / 1.1, 2);
    expect(check(steady, 'occupancy')?.result).toBe('failed');
  });
});

it('counts every token once: the windows of a run without edges hold the rate of its slots', () => {
  const run = renewalRun(
    { slots: 8, lengths: lengthLaws.fixed(50), ttftMs: 100, gapMs: 10, durationMs: 30_000 },
    seededRandom(1, 'renewal'),
  );
  expect(figure(steadyOf(run), 'Output Token Throughput').value).toBeCloseTo((8 * 50) / 0.59, 6);
});

it('knows the long-run rate of the batching server', () => {
  const run = batchingRun(
    { slots: 16, lengths: lengthLaws.geometric(50), requests: 16 * 400 },
    seededRandom(1, 'long'),
  );
  expect(figure(steadyOf(run), 'Output Token Throughput').value / batchingRate(16, 50)).toBeCloseTo(1, 2);
});

it('a failed request is an error, not a reason to distrust the rest', () => {
  const records = simulate({ slots: 8, tokens: Array(240).fill(40), ttftMs: 64, gapMs: 8 });
  const failed = { index: 999, sent: 1000, end: 1500, outcome: 'http' as const, events: [] };
  const steady = steadyOf(runOf([...records, failed], { batchSize: 8 }));
  expect(check(steady, 'errors')?.result).toBe('reservation');
  expect(steady.verdict.throughput).toBe('steady with reservations');
});
