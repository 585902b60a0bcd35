import { describe, expect, it } from 'vitest';
import { stoppingOf } from '../../../tools/oracles/stopping.ts';
import { batchingRun, lengthLaws } from '../../../tools/oracles/virtual-run.ts';
import { seededRandom } from '../../core/random.ts';
import { seenSoFar, stoppingRule } from './until-precise.ts';

describe('a run until precise', () => {
  it.each(['batching, uniform', 'batching, lognormal', 'varied slots, geometric'] as const)(
    'reaches what was asked of %s and is right',
    (service) => {
      const runs = [1000, 1001, 1002].flatMap((seed) => stoppingOf({ kind: 'stopping', service, seed }));
      expect(runs.filter((one) => !one.reached)).toEqual([]);
      expect(runs.filter((one) => !one.covers).length).toBeLessThanOrEqual(1);
      expect(Math.min(...runs.map((one) => one.waves))).toBeGreaterThan(25);
    },
  );

  it('gives up on a service that drifts', () => {
    const speed = (ms: number) => 1 / (1 + ms / 60_000);
    const lengths = lengthLaws.uniform(50);
    const run = batchingRun({ slots: 16, lengths, durationMs: 120_000, speed }, seededRandom(1, 'drift'));
    const rule = stoppingRule([{ metric: 'throughput', percent: 1 }], 120_000, 20_000);
    const seen = seenSoFar(run, 120_000);
    expect(rule.take(seen, 120_000).decision).toBe('go on');
    expect(rule.take(seen, 120_000).decision).toBe('not steady');
    expect(rule.end(false)).toMatchObject({ reached: false, looks: 2 });
  });

  it('says why a figure has no interval, and looks at growing distances', () => {
    const run = batchingRun(
      { slots: 4, lengths: lengthLaws.uniform(20), durationMs: 3000 },
      seededRandom(1, 'short'),
    );
    const rule = stoppingRule([{ metric: 'e2el_p99', percent: 5 }], 240_000);
    expect(rule.nextLookMs).toBe(60_000);
    const { states, leftMs, good } = rule.take(seenSoFar(run, 60_000), 60_000);
    expect(states[0].halfWidthPercent).toBeNull();
    expect(states[0].refused).toMatch(/too few|outlived/);
    expect([leftMs, good]).toEqual([null, false]);
    expect(rule.nextLookMs).toBe(90_000);
  });
});
