/**
 * The statistical oracles: hundreds of runs of services whose truth is known, in virtual time. `scripts/oracles.mjs`
 * spreads the jobs over threads; the unit tests run a few of each.
 */

import { definitions } from '../../src/analysis/definitions.ts';
import { readRequests } from '../../src/analysis/request-table.ts';
import { steadySummary } from '../../src/analysis/steady/steady-summary.ts';
import { summarize } from '../../src/analysis/summarize.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { RecordedRun } from '../../src/core/run.ts';
import type { Claim, SteadyFigure, SteadySummary, Verdict } from '../../src/core/steady.ts';
import { queueRun } from './virtual-queue.ts';
import {
  type BatchingServer,
  batchingRate,
  batchingRun,
  type LengthLaw,
  lengthLaws,
  renewalRun,
} from './virtual-run.ts';

export const MEAN_TOKENS = 200;
export const laws = Object.keys(lengthLaws) as LengthLaw[];

/** Mean request cycle of the batching server, ms. */
export function cycleMs(slots: number, meanTokens = MEAN_TOKENS): number {
  return (1000 * meanTokens * slots) / batchingRate(slots, meanTokens);
}

function summaryOf(
  run: RecordedRun,
  window: 'total' | 'stable_stage' = 'total',
  rule: 'document' | 'upstream' = 'document',
) {
  return summarize(run, {
    summarizer: '',
    window,
    rule,
    definitions: 'product',
    profile: 'default',
    statsList: ['Average'],
  });
}

/** Without the document's figures beside it. */
export function steadyOf(run: RecordedRun): SteadySummary {
  return steadySummary(run, readRequests(run, definitions.product));
}

export interface BiasJob {
  kind: 'bias';
  law: LengthLaw;
  slots: number;
  waves: number;
  seed: number;
}

/** Relative errors of the output token throughput. */
export interface Bias {
  whole: number;
  document: number;
  upstream: number;
  steady: number;
}

export function biasOf({ law, slots, waves, seed }: BiasJob): Bias {
  const lengths = lengthLaws[law](MEAN_TOKENS);
  const random = seededRandom(seed, `bias ${law} ${slots} ${waves}`);
  const run = batchingRun({ slots, lengths, requests: slots * waves }, random);
  const truth = batchingRate(slots, MEAN_TOKENS);
  const output = (figures: readonly { name: string; value: number }[]) =>
    (figures.find((figure) => figure.name === 'Output Token Throughput')?.value ?? Number.NaN) / truth - 1;
  const total = summaryOf(run);
  return {
    whole: output(total.common),
    document: output(summaryOf(run, 'stable_stage').common),
    upstream: output(summaryOf(run, 'stable_stage', 'upstream').common),
    steady: output(total.steady?.rates ?? []),
  };
}

/** What is not even about the server or its load over a run of `lengthMs`; `cycle` is a mean request cycle. */
type Scenario = (lengthMs: number, cycle: number) => Pick<BatchingServer, 'speed' | 'staggerMs'>;

/** Slots of the server that the scenarios run on. */
const DETECTION_SLOTS = 32;

const settling =
  (depth: number, cycles: number): Scenario =>
  (_length, cycle) => ({ speed: (ms) => 1 - depth * Math.exp(-ms / (cycles * cycle)) });
const stepping =
  (step: number, at: number): Scenario =>
  (length) => ({ speed: (ms) => (ms < at * length ? 1 : 1 + step) });
const drifting =
  (change: number): Scenario =>
  (length) => ({ speed: (ms) => 1 + change * (ms / length - 0.5) });
const stalling =
  (everyMs: number, forMs: number, speed: number): Scenario =>
  () => ({ speed: (ms) => (ms % everyMs < forMs ? speed : 1) });
/** Clients come one by one over so many cycles. */
const ramping =
  (cycles: number): Scenario =>
  (_length, cycle) => ({ staggerMs: (cycles * cycle) / DETECTION_SLOTS });

const scenarios = {
  clean: () => ({}),
  'ramp of clients, 5 cycles': ramping(5),
  'never settles': settling(0.4, 12),
  'warm-up': settling(0.4, 3),
  'drift -10 %': drifting(-0.1),
  'drift +10 %': drifting(0.1),
  'step -10 % at 60 %': stepping(-0.1, 0.6),
  'step +10 % at 45 %': stepping(0.1, 0.45),
  'step -10 % at 75 %': stepping(-0.1, 0.75),
  'stalls of 200 ms every 4 s': stalling(4000, 200, 0.2),
  'stalls of 1 s every 15 s': stalling(15_000, 1000, 0.2),
} as const satisfies Record<string, Scenario>;
type ScenarioName = keyof typeof scenarios;

export interface DetectionJob {
  kind: 'detection';
  scenario: ScenarioName;
  law: LengthLaw;
  waves: number;
  seed: number;
}

export function detectionOf({ scenario, law, waves, seed }: DetectionJob): SteadySummary {
  const slots = DETECTION_SLOTS;
  const cycle = cycleMs(slots);
  const uneven = scenarios[scenario](waves * cycle, cycle);
  const random = seededRandom(seed, `detection ${scenario} ${law} ${waves}`);
  return steadyOf(
    batchingRun({ slots, lengths: lengthLaws[law](MEAN_TOKENS), requests: slots * waves, ...uneven }, random),
  );
}

export interface CoverageJob {
  kind: 'coverage';
  family: FamilyName;
  seed: number;
}

/** Known truths, by figure and statistic. */
type Truths = Record<string, number>;

interface Family {
  make(seed: number): RecordedRun;
  truths: Truths;
}

const slots = 32;
const output = 'Output Token Throughput Mean';

/** Shorter requests than elsewhere, for speed: what matters is how many there are. */
const SHORT_TOKENS = 50;

/** Continuous batching for `waves` mean cycles; by Little's law the mean E2EL is that of the rate. */
function batchingFamily(law: LengthLaw, waves: number): Family {
  const rate = batchingRate(slots, SHORT_TOKENS);
  return {
    make: (seed) =>
      batchingRun(
        { slots, lengths: lengthLaws[law](SHORT_TOKENS), durationMs: waves * cycleMs(slots, SHORT_TOKENS) },
        seededRandom(seed, `coverage ${law} ${waves}`),
      ),
    truths: {
      [output]: rate,
      'Request Throughput Mean': rate / SHORT_TOKENS,
      'E2EL Mean': (slots * SHORT_TOKENS) / rate,
    },
  };
}

const renewal: Family = {
  make: (seed) =>
    renewalRun(
      { slots, lengths: lengthLaws.geometric(MEAN_TOKENS), ttftMs: 150, gapMs: 20, durationMs: 120 * 4130 },
      seededRandom(seed, 'coverage renewal'),
    ),
  truths: {
    [output]: (slots * MEAN_TOKENS) / 4.13,
    'Request Throughput Mean': slots / 4.13,
    'E2EL Mean': 4.13,
    'E2EL P50': 2.91,
    'E2EL P90': 9.33,
    'E2EL P99': 18.51,
  },
};

/** M/M/1: the wait is TTFT here, the sojourn E2EL; service takes 1 s in the mean. */
function queueFamily(load: number, requests: number): Family {
  const spare = 1 - load;
  return {
    make: (seed) =>
      queueRun(
        { servers: 1, requests, arrivalsPerS: load, serviceS: (random) => random.exponential() },
        seededRandom(seed, `coverage queue ${load}`),
      ),
    truths: {
      'TTFT Mean': load / spare,
      'TTFT P90': Math.log(load / 0.1) / spare,
      'E2EL Mean': 1 / spare,
      'E2EL P50': Math.log(2) / spare,
      'E2EL P90': Math.log(10) / spare,
      'Concurrency Mean': load / spare,
    },
  };
}

export const families = {
  'renewal slots, geometric, 120 waves': renewal,
  'batching, uniform, 60 waves': batchingFamily('uniform', 60),
  'batching, geometric, 60 waves': batchingFamily('geometric', 60),
  'batching, lognormal, 120 waves': batchingFamily('lognormal', 120),
  'M/M/1 at 0.5, 10,000 requests': queueFamily(0.5, 10_000),
} as const satisfies Record<string, Family>;
type FamilyName = keyof typeof families;

/** For each figure with a known truth: whether its interval holds it, null where there is none. */
export function coverageOf({ family, seed }: CoverageJob): Record<string, boolean | null> {
  const { make, truths }: Family = families[family];
  const steady = steadyOf(make(seed));
  const figures = [...steady.rates, ...steady.latencies];
  return Object.fromEntries(
    Object.entries(truths).map(([name, truth]) => [name, holds(figures.find(named(name)), truth)]),
  );
}

function named(name: string) {
  return (figure: SteadyFigure) => `${figure.name} ${figure.stat}` === name;
}

function holds(figure: SteadyFigure | undefined, truth: number): boolean | null {
  if (!figure || figure.low === null || figure.high === null) return null;
  return figure.low <= truth * (1 + 1e-9) && truth * (1 - 1e-9) <= figure.high;
}

export type OracleJob = BiasJob | DetectionJob | CoverageJob;
export interface DetectionResult {
  verdict: Record<Claim, Verdict>;
  /** Numbers of the checks that failed. */
  failed: number[];
}

/** What one job found, small enough to send between threads. */
export function runOracle(job: OracleJob): Bias | DetectionResult | Record<string, boolean | null> {
  if (job.kind === 'bias') return biasOf(job);
  if (job.kind === 'coverage') return coverageOf(job);
  const { verdict, checks } = detectionOf(job);
  return {
    verdict,
    failed: checks.filter((check) => check.result === 'failed').map((check) => check.number),
  };
}
