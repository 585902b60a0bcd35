/** What a run's speed does is put in, and must come out. Numbers: docs/statistics.md, "Oracles". */
import { describe, expect, it } from 'vitest';
import { edgesOf } from '../../src/analysis/concurrency.ts';
import { definitions } from '../../src/analysis/definitions.ts';
import { readRequests } from '../../src/analysis/request-table.ts';
import { findPlateau } from '../../src/analysis/steady/find-plateau.ts';
import { loadPhase } from '../../src/analysis/steady/load-phase.ts';
import { readSeries } from '../../src/analysis/steady/series.ts';
import { warmUpCut } from '../../src/analysis/steady/series-tests.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { RecordedRun } from '../../src/core/run.ts';
import { cycleMs, laws, steadyOf } from './oracles.ts';
import { type BatchingServer, batchingRate, batchingRun, lengthLaws } from './virtual-run.ts';

const slots = 32;
const cycle = cycleMs(slots);
const WAVES = 60;
const lengthMs = WAVES * cycle;

function served(law: Partial<BatchingServer>, random: Random = seededRandom(1, 'plateau')): RecordedRun {
  return batchingRun({ slots, lengths: lengthLaws.fixed(200), durationMs: lengthMs, ...law }, random);
}

/** What was found about the throughput, with the window. */
function throughputOf(run: RecordedRun) {
  const table = readRequests(run, definitions.product);
  const load = loadPhase(run, table, edgesOf(table))!;
  const plateau = findPlateau(readSeries(run, table, load), load)!;
  return { ...plateau, throughput: plateau.metrics.find(({ metric }) => metric === 'throughput')! };
}

it('O8: the cut leaves of 1 − 0.4 e^(−t/3) the bias that its integral says', () => {
  const [n, depth, tau] = [100, 0.4, 3];
  const y = Array.from({ length: n }, (_, i) => 1 - depth * Math.exp(-i / tau));
  const cut = warmUpCut(y, 0.001);
  const bias = y.slice(cut).reduce((sum, value) => sum + value, 0) / (n - cut) - 1;
  // Batch i stands for its middle, and the sum of a falling exponential is that much above its integral.
  const middle = 0.5;
  const integral =
    (-depth * tau * (Math.exp(-(cut - middle) / tau) - Math.exp(-(n - middle) / tau))) / (n - cut);
  expect(bias / integral).toBeCloseTo(1, 2);
  expect(Math.abs(bias)).toBeLessThan(0.001);
});

it.each([0.05, 0.1, 0.2])('O9: a speed of 1 + q(t/T − 1/2), q = %d, drifts by the q that is seen', (q) => {
  const run = served({ staggerMs: cycle / slots, speed: (ms) => 1 + q * (ms / lengthMs - 0.5) });
  const { fromMs, toMs, cycleMs: E, throughput } = throughputOf(run);
  const meanSpeed = 1 + q * ((fromMs + toMs) / 2 / lengthMs - 0.5);
  const seen = (q * (toMs - fromMs - E)) / lengthMs / meanSpeed;
  expect(Math.abs(throughput.drift.change / seen - 1)).toBeLessThan(0.02);
  expect(throughput.drift.result).toBe(seen < 0.05 ? 'steady' : 'drift');
});

it.each([...laws])(
  'O10: for %s lengths a step of −0.1 at 0.6 of the run is a level shift there, of that size',
  (law) => {
    const speed = (ms: number) => (ms < 0.6 * lengthMs ? 1 : 0.9);
    const { throughput } = throughputOf(served({ lengths: lengthLaws[law](200), speed }));
    expect(Math.abs(throughput.shift!.at / 20 - 0.6)).toBeLessThanOrEqual(0.1);
    expect(Math.abs(throughput.shift!.step + 0.1)).toBeLessThan(0.015);
  },
);

it.each([...laws])('O11: for %s lengths stalls leave R (1 − (1 − v) h/P), and the run steady', (law) => {
  const [everyMs, forMs, v] = [4000, 400, 0.2];
  const run = served({
    lengths: lengthLaws[law](200),
    speed: (ms) => (ms % everyMs < forMs ? v : 1),
  });
  const steady = steadyOf(run);
  // A step keeps the speed that it began with: the stall is longer by what its last step sticks out on average.
  const stepMs = (1000 * slots) / batchingRate(slots, 200);
  const stalledMs = forMs + (stepMs / v - stepMs) / 2;
  const truth = batchingRate(slots, 200) * (1 - ((1 - v) * stalledMs) / everyMs);
  expect(Math.abs(steady.rates[0].value / truth - 1)).toBeLessThan(0.006);
  expect(steady.verdict.throughput).not.toBe('not steady');
  expect(steady.checks.find(({ name }) => name === 'drift')!.result).not.toBe('failed');
});

/** Loads that are not as even as a load can be, on a service that is. */
const uneven = {
  'clients added one by one over five cycles': { staggerMs: (5 * cycle) / slots },
  'clients added one by one over a third of a cycle': { staggerMs: cycle / 3 / slots },
  'short dips of the service': {
    speed: (ms: number) =>
      [0.23, 0.51, 0.78].some((at) => ms >= at * lengthMs && ms < at * lengthMs + 300) ? 0.1 : 1,
  },
  'waves in lock step': { lengths: lengthLaws.fixed(200) },
  'a maximum that is never quite reached': {},
} satisfies Record<string, Partial<BatchingServer>>;

describe.each(Object.entries(uneven))('a clean run with %s', (name, law: Partial<BatchingServer>) => {
  it.each([...laws])('is not called unsteady with %s lengths, and is measured after the ramp', (lengths) => {
    for (let seed = 0; seed < 3; seed++) {
      const run = served(
        { lengths: lengthLaws[lengths](200), ...law },
        seededRandom(seed, `${name} ${lengths}`),
      );
      const wider = name.includes('never') ? { ...run, info: { ...run.info, batchSize: slots + 3 } } : run;
      const { verdict, window, rates, checks } = steadyOf(wider);
      const failed = checks.filter(({ result }) => result === 'failed').map((check) => check.name);
      expect({ verdict: Object.values(verdict).includes('not steady'), failed }).toEqual({
        verdict: false,
        failed: [],
      });
      expect(window!.startMs).toBeGreaterThanOrEqual((slots - 1) * (law.staggerMs ?? 0));
      // The dips cost 0.9 · 3 · 0.3 s of the run.
      const lost = law.speed ? (0.9 * 3 * 300) / lengthMs : 0;
      expect(Math.abs(rates[0].value / batchingRate(slots, 200) / (1 - lost) - 1)).toBeLessThan(0.01);
    }
  });
});
