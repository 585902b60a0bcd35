/** Runs that go on until they are precise, in virtual time: what a long run would have been when the rule ended it. */

import {
  precisionFigure,
  type StoppingRule,
  seenSoFar,
  stoppingRule,
} from '../../src/analysis/steady/until-precise.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { RecordBatch } from '../../src/core/records.ts';
import type { RecordedRun } from '../../src/core/run.ts';
import { cycleMs, steadyOf } from './oracles.ts';
import { queueRun } from './virtual-queue.ts';
import { batchingRate, batchingRun, type LengthLaw, lengthLaws, renewalRun } from './virtual-run.ts';

export interface StoppingJob {
  kind: 'stopping';
  service: ServiceName;
  seed: number;
}

/** What became of one run that was asked for one figure. */
export interface Stopped {
  /** As on the command line, e.g. `ttft_p99:10`. */
  asked: string;
  reached: boolean;
  /** The final interval of the whole run holds the truth; null when it has none. */
  covers: boolean | null;
  /** Length that the rule chose, request cycles. */
  waves: number;
}

/** A service of known law, and which of its figures are asked for how precisely. */
interface StoppingService {
  make(random: Random, mostMs: number): RecordedRun;
  cycleMs: number;
  /** When it is first looked at and when it is given up, request cycles. */
  waves: readonly [first: number, most: number];
  /** By metric: percent asked for, and the truth (tokens per second, or seconds). */
  asked: Record<string, readonly [percent: number, truth: number]>;
}

const slots = 16;
const TOKENS = 50;
/** The first look comes too early to be a good one. */
const FIRST_WAVES = 8;
/** Times are whole µs, so that a service of some 10 ms a step is known no better. */
const GRAIN = 5e-5;

/**
 * Continuous batching. In the long run each slot starts a request in one step of 50 whatever the others do, so a gap
 * holds the prefills of 15/50 others in the mean; requests of one length start together, and prefill at no other time.
 */
function batching(law: LengthLaw): StoppingService {
  const rate = batchingRate(slots, TOKENS);
  const gapMs = 8 + 0.1 * slots + (law === 'fixed' ? 0 : (2 * (slots - 1)) / TOKENS);
  return {
    make: (random, durationMs) =>
      batchingRun({ slots, lengths: lengthLaws[law](TOKENS), durationMs }, random),
    cycleMs: cycleMs(slots, TOKENS),
    waves: [FIRST_WAVES, 600],
    asked: {
      throughput: [1, rate],
      e2el: [10, (slots * TOKENS) / rate],
      tpot: [1, gapMs / 1000],
      itl: [1, gapMs / 1000],
    },
  };
}

const [MIN_TTFT_MS, MORE_TTFT_MS] = [50, 100];
const [MIN_GAP_MS, MAX_GAP_MS] = [8, 12];

/** Slots whose first tokens come after 50 ms and an exponential time, then one each 8 to 12 ms, one pace a request. */
function varied(law: LengthLaw): StoppingService {
  const gapMs = (MIN_GAP_MS + MAX_GAP_MS) / 2;
  return {
    make: (random, durationMs) =>
      renewalRun(
        {
          slots,
          lengths: lengthLaws[law](TOKENS),
          ttftMs: () => MIN_TTFT_MS + MORE_TTFT_MS * random.exponential(),
          gapMs: () => MIN_GAP_MS + (MAX_GAP_MS - MIN_GAP_MS) * random.next(),
          durationMs,
        },
        random,
      ),
    cycleMs: MIN_TTFT_MS + MORE_TTFT_MS + (TOKENS - 1) * gapMs,
    waves: [FIRST_WAVES, 600],
    asked: {
      ttft: [5, (MIN_TTFT_MS + MORE_TTFT_MS) / 1000],
      ttft_p99: [20, (MIN_TTFT_MS + MORE_TTFT_MS * Math.log(100)) / 1000],
      tpot_p90: [1, (MIN_GAP_MS + 0.9 * (MAX_GAP_MS - MIN_GAP_MS)) / 1000],
    },
  };
}

const ARRIVALS_PER_S = 0.5;

/** M/M/1 at half its capacity, an open loop: one wait in two is longer than none, and those are exponential. */
const queue: StoppingService = {
  make: (random, mostMs) =>
    queueRun(
      {
        servers: 1,
        requests: Math.ceil((mostMs / 1000) * ARRIVALS_PER_S),
        arrivalsPerS: ARRIVALS_PER_S,
        serviceS: (r) => r.exponential(),
      },
      random,
    ),
  cycleMs: 2000,
  waves: [200, 20_000],
  asked: { ttft: [20, 1], e2el: [12, 2] },
};

const each = <T>(make: (law: LengthLaw) => T): Record<LengthLaw, T> => ({
  fixed: make('fixed'),
  uniform: make('uniform'),
  geometric: make('geometric'),
  lognormal: make('lognormal'),
});
const [batchings, varieds] = [each(batching), each(varied)];

export const stoppingServices = {
  'batching, fixed': batchings.fixed,
  'batching, uniform': batchings.uniform,
  'batching, geometric': batchings.geometric,
  'batching, lognormal': batchings.lognormal,
  'varied slots, fixed': varieds.fixed,
  'varied slots, uniform': varieds.uniform,
  'varied slots, geometric': varieds.geometric,
  'varied slots, lognormal': varieds.lognormal,
  'M/M/1 at 0.5': queue,
} as const satisfies Record<string, StoppingService>;
type ServiceName = keyof typeof stoppingServices;

/** One run, asked for each figure by itself: the looks are the same ones, and each ends where its own rule says. */
export function stoppingOf({ service, seed }: StoppingJob): Stopped[] {
  const { make, cycleMs: cycle, waves, asked }: StoppingService = stoppingServices[service];
  const [firstMs, mostMs] = waves.map((count) => count * cycle);
  const run = make(seededRandom(seed, `stopping ${service}`), mostMs);
  const rules = Object.entries(asked).map(([metric, [percent, truth]]) => ({
    metric,
    percent,
    truth,
    rule: stoppingRule([{ metric, percent }], mostMs, firstMs),
    measuredMs: mostMs,
  }));
  watch(run, rules, mostMs);
  const finals = new Map<number, ReturnType<typeof steadyOf>>();
  return rules.map(({ metric, percent, truth, rule, measuredMs }) => {
    const steady = finals.get(measuredMs) ?? steadyOf(heldFrom(run, measuredMs));
    finals.set(measuredMs, steady);
    const figure = precisionFigure(metric, [...steady.rates, ...steady.latencies]);
    const covers =
      figure && figure.low !== null && figure.high !== null
        ? figure.low <= truth * (1 + GRAIN) && truth * (1 - GRAIN) <= figure.high
        : null;
    return {
      asked: `${metric}:${percent}`,
      reached: rule.last?.decision === 'reached',
      covers,
      waves: measuredMs / cycle,
    };
  });
}

/** Batches arrive when their last request ends; looks come when they are due, and are shared by all that still go on. */
function watch(run: RecordedRun, rules: { rule: StoppingRule; measuredMs: number }[], mostMs: number): void {
  const batches: RecordBatch[] = [];
  let waiting = rules;
  for (const batch of run.batches()) {
    const nowMs = batch.end[batch.rows - 1];
    batches.push(batch);
    if (waiting.length === 0 || nowMs >= mostMs) return;
    if (nowMs < waiting[0].rule.nextLookMs) continue;
    const seen = seenSoFar({ info: run.info, batches: () => batches }, nowMs);
    const over = waiting.filter(({ rule }) => rule.take(seen, nowMs).decision !== 'go on');
    for (const one of over) one.measuredMs = nowMs;
    waiting = waiting.filter((one) => !over.includes(one));
  }
}

/** The run as it would have been recorded: held until the last request sent by `measuredMs` has ended. */
function heldFrom(run: RecordedRun, measuredMs: number): RecordedRun {
  const batches = [...run.batches()];
  let untilMs = measuredMs;
  for (const { sent, end, rows } of batches) {
    for (let row = 0; row < rows; row++) if (sent[row] <= measuredMs) untilMs = Math.max(untilMs, end[row]);
  }
  const sentByThen = ({ sent, rows }: RecordBatch) => sent.subarray(0, rows).some((ms) => ms <= untilMs);
  const kept = batches.slice(0, batches.findLastIndex(sentByThen) + 1);
  return { ...run, end: run.end && { ...run.end, measuredMs }, batches: () => kept };
}
