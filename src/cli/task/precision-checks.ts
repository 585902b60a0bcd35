/** `--until-precise` while the load runs: looks when one is due, ends the measurement, tells how it stands. */
import { Worker } from 'node:worker_threads';
import { type Seen, type StoppingRule, stoppingRule } from '../../analysis/steady/until-precise.ts';
import type { RunConfig } from '../../config/run-config.ts';
import type { PrecisionEnd, PrecisionState } from '../../core/precision.ts';
import type { LoadRun } from '../../load/pool.ts';

const POLL_MS = 250;

/** What a look's thread is told: which journal to read, and up to when it is written, ms of run time. */
export interface LookData {
  journal: string;
  nowMs: number;
}

/** How looks are made. */
export interface LookContext {
  /** Path of the run's journal. */
  journal: string;
  workerUrl: URL;
  failed(error: Error): void;
}

export interface PrecisionRun {
  rule: StoppingRule;
  /** One line for the live view. */
  line(): string;
  /** What came of it, when the load is over; looks at nothing any more. */
  end(interrupted: boolean): PrecisionEnd;
  stop(): void;
}

/**
 * Each look reads the journal in a thread of its own, so neither this thread nor its memory feels how long the run
 * has become. The newest 1 s of records may not be written yet, so a look is a little behind. A look that fails
 * is told to `failed`, and the run goes on without further ones.
 */
export function followPrecision(
  load: LoadRun,
  { targets, maxTimeMs }: NonNullable<RunConfig['untilPrecise']>,
  { journal, workerUrl, failed }: LookContext,
): PrecisionRun {
  const rule = stoppingRule(targets, maxTimeMs);
  let over = false;
  let looking: Worker | null = null;

  function look(nowMs: number): void {
    const thread = new Worker(workerUrl, { workerData: { journal, nowMs } satisfies LookData });
    looking = thread;
    thread.once('message', (seen: Seen) => {
      if (looking !== thread) return;
      looking = null;
      if (rule.take(seen, nowMs).decision === 'go on') return;
      over = true;
      load.endMeasuring();
    });
    thread.once('error', (error) => {
      if (looking !== thread) return;
      stop();
      failed(error);
    });
  }

  const timer = setInterval(() => {
    const { elapsedMs, phase } = load.live();
    if (over || looking || phase !== 'running' || elapsedMs < rule.nextLookMs) return;
    look(elapsedMs);
  }, POLL_MS);

  function stop(): void {
    clearInterval(timer);
    const thread = looking;
    looking = null;
    void thread?.terminate();
  }

  return {
    rule,
    line: () => (over ? 'keeping the load until the measured requests have ended' : lineOf(rule)),
    end(interrupted) {
      stop();
      return rule.end(interrupted);
    },
    stop,
  };
}

function lineOf({ last, nextLookMs }: StoppingRule): string {
  const atS = (nextLookMs / 1000).toFixed(0);
  if (last === null) return `first precision check at ${atS} s`;
  const left = last.leftMs === null ? 'time left unknown' : `about ${Math.ceil(last.leftMs / 1000)} s left`;
  return `${last.states.map(stateText).join(', ')}; ${left}, next precision check at ${atS} s`;
}

function stateText({ metric, percent, halfWidthPercent }: PrecisionState): string {
  const width = halfWidthPercent === null ? 'no interval yet' : `± ${halfWidthPercent.toFixed(2)} %`;
  return `${metric} ${width} (wanted ${percent} %)`;
}

/** What the screen says when the run is over. */
export function precisionText(end: PrecisionEnd): string {
  const head = end.reached ? 'Precision was reached' : 'Precision was not reached';
  const details = end.targets.map((state) =>
    state.halfWidthPercent === null ? `${stateText(state)}: ${state.refused}` : stateText(state),
  );
  return `${head} after ${end.looks} precision check${end.looks === 1 ? '' : 's'}: ${end.why}. Last values: ${details.join('; ')}`;
}
