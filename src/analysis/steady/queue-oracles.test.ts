import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../core/random.ts';
import { steadyOf } from './oracles.fixture.ts';
import { queueRun } from './virtual-run.fixture.ts';

const SEEDS = 40;

/** The wait for service, which is TTFT here, over independent runs. */
function waits(servers: number, load: number, serviceS: (random: Random) => number) {
  const means = Array.from({ length: SEEDS }, (_, seed) => {
    const requests = servers > 4 ? 10_000 : 5000;
    const random = seededRandom(seed, `wait ${servers} ${load}`);
    const run = queueRun({ servers, requests, arrivalsPerS: servers * load, serviceS }, random);
    return steadyOf(run).latencies.find(({ name, stat }) => name === 'TTFT' && stat === 'Mean')!.value;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / SEEDS;
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (SEEDS - 1);
  return { mean, standardError: Math.sqrt(variance / SEEDS) };
}

const exponential = (random: Random) => random.exponential();
const constant = () => 1;

// Erlang's delay formula for M/M/c, Pollaczek and Khinchine's for M/D/1: ρ / (2 (1 − ρ)).
describe('mean TTFT of an open loop', { timeout: 30_000 }, () => {
  it.each([
    ['M/M/4 at 0.8', 4, 0.8, exponential, 0.745541],
    ['M/M/16 at 0.9', 16, 0.9, exponential, 0.36959],
    ['M/D/1 at 0.5', 1, 0.5, constant, 0.5],
    ['M/D/1 at 0.8', 1, 0.8, constant, 2],
  ] as const)('%s is the formula within 4 standard errors', (_name, servers, load, serviceS, truth) => {
    const { mean, standardError } = waits(servers, load, serviceS);
    expect(standardError).toBeLessThan(0.1 * truth);
    expect(Math.abs(mean - truth)).toBeLessThan(4 * standardError);
  });
});
