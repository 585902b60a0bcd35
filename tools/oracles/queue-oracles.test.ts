import { describe, expect, it } from 'vitest';
import { cases } from '../../src/core/cases.fixture.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { RecordedRun } from '../../src/core/run.ts';
import { steadyOf } from './oracles.ts';
import { queueRun, sharedServerRun } from './virtual-queue.ts';

const SEEDS = cases(40);
/** By how much fewer runs than all widen the standard error. */
const wider = (runs: number, all: number) => Math.sqrt(all / runs);

/** A statistic of one latency, its mean over independent runs. */
function meanOf(
  latency: 'TTFT' | 'E2EL',
  name: string,
  runWith: (random: Random) => RecordedRun,
  wanted = 'Mean',
  runs = SEEDS,
) {
  const means = Array.from({ length: runs }, (_, seed) => {
    const { latencies } = steadyOf(runWith(seededRandom(seed, name)));
    return latencies.find(({ name, stat }) => name === latency && stat === wanted)!.value;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / runs;
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (runs - 1);
  return { mean, standardError: Math.sqrt(variance / runs) };
}

const exponential = (random: Random) => random.exponential();
const constant = () => 1;

// Erlang's delay formula for M/M/c, Pollaczek and Khinchine's for M/D/1: ρ / (2 (1 − ρ)).
describe('mean TTFT of an open loop', () => {
  it.each([
    ['O5: M/M/1 at 0.8', 1, 0.8, exponential, 4],
    ['O5: M/M/4 at 0.8', 4, 0.8, exponential, 0.745541],
    ['O5: M/M/16 at 0.9', 16, 0.9, exponential, 0.36959],
    ['O6: M/D/1 at 0.5', 1, 0.5, constant, 0.5],
    ['O6: M/D/1 at 0.8', 1, 0.8, constant, 2],
  ] as const)('%s is the formula within 4 standard errors', (_name, servers, load, serviceS, truth) => {
    const requests = servers > 4 ? 10_000 : 5000;
    const queue = { servers, requests, arrivalsPerS: servers * load, serviceS };
    // The wait for service is TTFT here.
    const { mean, standardError } = meanOf('TTFT', `wait ${servers} ${load}`, (random) =>
      queueRun(queue, random),
    );
    expect(standardError).toBeLessThan(0.1 * truth * wider(SEEDS, 40));
    expect(Math.abs(mean - truth)).toBeLessThan(4 * standardError);
  });
});

it('O5: the P99 of TTFT in M/M/4 at 0.8 is ln(Erlang/0.01)/(4 − λ) within 4 standard errors', () => {
  const queue = { servers: 4, requests: 20_000, arrivalsPerS: 3.2, serviceS: exponential };
  const run = (random: Random) => queueRun(queue, random);
  const runs = cases(20);
  const { mean, standardError } = meanOf('TTFT', 'P99 of the wait', run, 'P99', runs);
  const truth = Math.log(0.596432 / 0.01) / (4 - 3.2);
  expect(truth).toBeCloseTo(5.110476, 5);
  expect(standardError).toBeLessThan(0.06 * truth * wider(runs, 20));
  expect(Math.abs(mean - truth)).toBeLessThan(4 * standardError);
});

const lognormal = (random: Random) => Math.exp(random.normal() - 0.5);

// A server that shares its time among all: 1 / (1 − ρ), whatever the law of the service's length.
describe('O7: mean E2EL of a server that is shared', () => {
  it.each([
    ['exponential', exponential],
    ['constant', constant],
    ['lognormal', lognormal],
  ] as const)('is 3.3333 at 0.7 with %s lengths', (name, serviceS) => {
    const queue = { requests: 5000, arrivalsPerS: 0.7, serviceS };
    const { mean, standardError } = meanOf('E2EL', name, (random) => sharedServerRun(queue, random));
    expect(standardError).toBeLessThan(0.1 * (10 / 3) * wider(SEEDS, 40));
    expect(Math.abs(mean - 10 / 3)).toBeLessThan(4 * standardError);
  });
});
