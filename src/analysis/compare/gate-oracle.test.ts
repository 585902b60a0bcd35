import { describe, expect, it } from 'vitest';
import { batchingRun, lengthLaws } from '../../../tools/oracles/virtual-run.ts';
import type { GateResult } from '../../core/comparison.ts';
import { type Random, seededRandom } from '../../core/random.ts';
import { type CompareOptions, compareRuns } from './compare.ts';
import { throughputRun } from './measured-run.fixture.ts';
import { type MeasuredRun, measureRun } from './measured-run.ts';

const PAIRS = 300;
const RUN_EFFECT = 0.02;
const WITHIN = 0.005;
const options: CompareOptions = {
  gate: [{ metric: 'throughput', percent: 3 }],
  runSpread: RUN_EFFECT,
  allowUnsteady: false,
};

/** Every run is as fast as chance has it, by 2 % (standard deviation), and its figure has a noise of its own. */
const runAt = (random: Random, speed: number) =>
  throughputRun(
    1000 * speed * Math.exp(RUN_EFFECT * random.normal() + WITHIN * random.normal()),
    1.96 * WITHIN,
  );
const sideOf = (random: Random, runs: number, speed: number) =>
  Array.from({ length: runs }, () => runAt(random, speed));

function share(results: readonly GateResult[], wanted: GateResult): number {
  return results.filter((result) => result === wanted).length / results.length;
}

function pairs(purpose: string, of: (random: Random) => GateResult): GateResult[] {
  return Array.from({ length: PAIRS }, (_, seed) => of(seededRandom(seed, purpose)));
}

/** What a user does who believes the advice: as many runs as would decide, until they have. */
function untilDecided(random: Random, speed: number): { result: GateResult; undecidedAt: number[] } {
  const base = sideOf(random, 2, 1);
  const next = sideOf(random, 2, speed);
  const undecidedAt: number[] = [];
  while (true) {
    const { gate, figures } = compareRuns(base, next, options);
    const { runsNeeded, finding } = figures[0];
    const at = base.length;
    if (gate !== 'undecided' || runsNeeded === null || runsNeeded > 200)
      return { result: gate!, undecidedAt };
    expect(finding).toBe('inconclusive');
    expect(runsNeeded).toBeGreaterThan(at);
    undecidedAt.push(at);
    base.push(...sideOf(random, runsNeeded - at, 1));
    next.push(...sideOf(random, runsNeeded - at, speed));
  }
}

describe('O20: the gate, with 2 % between runs of one service', () => {
  it('raises at most 7 % false alarms with five runs a side, and hardly ever passes a loss of 5 %', () => {
    const same = pairs(
      'same',
      (random) => compareRuns(sideOf(random, 5, 1), sideOf(random, 5, 1), options).gate!,
    );
    const slower = pairs(
      'slower',
      (random) => compareRuns(sideOf(random, 5, 1), sideOf(random, 5, 0.95), options).gate!,
    );
    expect(share(same, 'regression')).toBeLessThanOrEqual(0.07);
    expect(share(same, 'ok')).toBeGreaterThan(0.5);
    expect(share(slower, 'regression')).toBeGreaterThan(0.85);
    expect(share(slower, 'ok')).toBeLessThan(0.025);
  });

  it('is undecided until there are as many runs as it asked for, and then right', () => {
    const found = Array.from({ length: PAIRS }, (_, seed) => untilDecided(seededRandom(seed, 'until'), 0.95));
    expect(found.filter(({ undecidedAt }) => undecidedAt.includes(2)).length).toBeGreaterThan(PAIRS / 2);
    expect(
      share(
        found.map(({ result }) => result),
        'regression',
      ),
    ).toBeGreaterThan(0.95);
    const same = pairs('until same', (random) => untilDecided(random, 1).result);
    expect(share(same, 'regression')).toBeLessThanOrEqual(0.07);
  });

  it('trusts one run a side only with losses that runs do not have by chance', () => {
    const one = (speed: number) => (random: Random) =>
      compareRuns([runAt(random, 1)], [runAt(random, speed)], options).gate!;
    expect(share(pairs('one same', one(1)), 'regression')).toBeLessThanOrEqual(0.05);
    expect(share(pairs('one slower', one(0.8)), 'regression')).toBeGreaterThan(0.98);
  });

  it('takes one new run against five', () => {
    const against = (speed: number) => (random: Random) =>
      compareRuns(sideOf(random, 5, 1), [runAt(random, speed)], options).gate!;
    expect(share(pairs('five to one', against(1)), 'regression')).toBeLessThanOrEqual(0.07);
    expect(share(pairs('five to slow', against(0.85)), 'regression')).toBeGreaterThan(0.95);
  });
});

describe('whole virtual runs', () => {
  const lengths = lengthLaws.uniform(20);
  const measured = (random: Random, speed: number): MeasuredRun => {
    const factor = speed * Math.exp(RUN_EFFECT * random.normal());
    const server = { slots: 8, lengths, requests: 8 * 20, speed: () => factor };
    return measureRun(batchingRun(server, random), 'virtual');
  };

  it('of a service that became 5 % slower never pass, and those of the same service never fail', () => {
    const results = (purpose: string, speed: number) =>
      Array.from({ length: 8 }, (_, seed) => {
        const random = seededRandom(seed, purpose);
        const side = (of: number) => Array.from({ length: 5 }, () => measured(random, of));
        return compareRuns(side(1), side(speed), options).gate;
      });
    expect(results('virtual same', 1)).not.toContain('regression');
    const slower = results('virtual slower', 0.95);
    expect(slower).not.toContain('ok');
    expect(slower.filter((result) => result === 'regression').length).toBeGreaterThanOrEqual(6);
  });
});
