/** Runs that go on until they are precise, in virtual time: what a long run would have been when the rule ended it. */
import { seededRandom } from '../../core/random.ts';
import type { RecordBatch } from '../../core/records.ts';
import type { RecordedRun } from '../../core/run.ts';
import { type PrecisionWatch, watchPrecision } from '../until-precise.ts';
import { cycleMs, steadyOf } from './oracles.fixture.ts';
import { batchingRate, batchingRun, type LengthLaw, lengthLaws } from './virtual-run.fixture.ts';

export interface StoppingJob {
  kind: 'stopping';
  law: LengthLaw;
  percent: number;
  seed: number;
}

export interface Stopped {
  reached: boolean;
  /** The final interval of the whole run holds the truth; null when it has none. */
  covers: boolean | null;
  /** Length that the rule chose, request cycles. */
  waves: number;
}

const slots = 16;
const TOKENS = 50;
const MOST_WAVES = 600;
/** The virtual service's steps are whole µs of some 10 ms, so its rate is known no better. */
const GRAIN = 5e-5;

/** Throughput to ± `percent` against a service whose rate is known. */
export function stoppingOf({ law, percent, seed }: StoppingJob): Stopped {
  const cycle = cycleMs(slots, TOKENS);
  const mostMs = MOST_WAVES * cycle;
  const random = seededRandom(seed, `stopping ${law} ${percent}`);
  const run = batchingRun({ slots, lengths: lengthLaws[law](TOKENS), durationMs: mostMs }, random);
  const { watch, measuredMs } = followed(run, percent, mostMs, 20 * cycle);
  const steady = steadyOf(heldFrom(run, measuredMs));
  const figure = steady.rates.find(({ name }) => name === 'Output Token Throughput');
  const truth = batchingRate(slots, TOKENS);
  const covers =
    figure && figure.low !== null && figure.high !== null
      ? figure.low <= truth * (1 + GRAIN) && truth * (1 - GRAIN) <= figure.high
      : null;
  return { reached: watch.last?.decision === 'reached', covers, waves: measuredMs / cycle };
}

/** Batches arrive when their last request ends; looks come when they are due. */
function followed(
  run: RecordedRun,
  percent: number,
  mostMs: number,
  firstMs: number,
): { watch: PrecisionWatch; measuredMs: number } {
  const info = {
    ...run.info,
    schedule: { kind: 'pressure', limit: slots, clientsPerS: 0, durationMs: mostMs },
  } as const;
  const watch = watchPrecision(info, [{ metric: 'throughput', percent }], mostMs, firstMs);
  for (const batch of run.batches()) {
    const nowMs = batch.end[batch.rows - 1];
    watch.add(batch);
    if (nowMs >= watch.nextLookMs && nowMs < mostMs && watch.look(nowMs).decision !== 'go on') {
      return { watch, measuredMs: nowMs };
    }
  }
  return { watch, measuredMs: mostMs };
}

/** The run as it would have been recorded: held until the last request sent by `measuredMs` has ended. */
function heldFrom(run: RecordedRun, measuredMs: number): RecordedRun {
  const batches = [...run.batches()];
  let untilMs = measuredMs;
  for (const { sent, end, rows } of batches) {
    for (let row = 0; row < rows; row++) if (sent[row] <= measuredMs) untilMs = Math.max(untilMs, end[row]);
  }
  const kept: RecordBatch[] = batches.filter((batch) => batch.end[0] <= untilMs);
  return { ...run, end: run.end && { ...run.end, measuredMs }, batches: () => kept };
}
