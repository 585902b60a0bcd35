import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import { laws } from './steady/oracles.fixture.ts';
import { stoppingOf } from './steady/stopping.fixture.ts';
import { batchingRun, lengthLaws } from './steady/virtual-run.fixture.ts';
import { watchPrecision } from './until-precise.ts';

describe('a run until precise', () => {
  it.each(laws)('reaches ± 1 %% of the throughput of %s lengths and is right', (law) => {
    const stopped = Array.from({ length: 5 }, (_, seed) =>
      stoppingOf({ kind: 'stopping', law, percent: 1, seed: 1000 + seed }),
    );
    expect(stopped.every((one) => one.reached)).toBe(true);
    expect(stopped.filter((one) => one.covers).length).toBeGreaterThanOrEqual(4);
    expect(Math.min(...stopped.map((one) => one.waves))).toBeGreaterThan(20);
  });

  it('gives up on a service that drifts', () => {
    const speed = (ms: number) => 1 / (1 + ms / 60_000);
    const lengths = lengthLaws.uniform(50);
    const run = batchingRun({ slots: 16, lengths, durationMs: 120_000, speed }, seededRandom(1, 'drift'));
    const watch = watchPrecision(run.info, [{ metric: 'throughput', percent: 1 }], 120_000, 20_000);
    for (const batch of run.batches()) watch.add(batch);
    expect(watch.look(120_000).decision).toBe('go on');
    expect(watch.look(120_000).decision).toBe('not steady');
    expect(watch.end(false)).toMatchObject({ reached: false, looks: 2 });
  });

  it('says why a figure has no interval, and looks at growing distances', () => {
    const run = batchingRun(
      { slots: 4, lengths: lengthLaws.uniform(20), durationMs: 3000 },
      seededRandom(1, 'short'),
    );
    const watch = watchPrecision(run.info, [{ metric: 'e2el_p99', percent: 5 }], 240_000);
    expect(watch.nextLookMs).toBe(60_000);
    for (const batch of run.batches()) watch.add(batch);
    const { states, leftMs, good } = watch.look(60_000);
    expect(states[0].halfWidthPercent).toBeNull();
    expect(states[0].refused).toMatch(/too few|outlived/);
    expect([leftMs, good]).toEqual([null, false]);
    expect(watch.nextLookMs).toBe(90_000);
  });
});
