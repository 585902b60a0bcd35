/** `--until-precise` while the load runs: looks when one is due, ends the measurement, tells how it stands. */
import { type PrecisionWatch, watchPrecision } from '../analysis/until-precise.ts';
import type { RunConfig } from '../config/run-config.ts';
import type { PrecisionEnd, PrecisionState } from '../core/precision.ts';
import type { RunInfo } from '../core/run.ts';
import type { LoadRun } from '../load/pool.ts';

const POLL_MS = 250;

export interface PrecisionRun {
  watch: PrecisionWatch;
  /** One line for the live view. */
  line(): string;
  stop(): void;
}

/**
 * The looks take this thread, never the ones that send: batches wait for it in the meantime. The
 * records of the newest 800 ms may still be with the workers, so a look is a little behind.
 */
export function followPrecision(load: LoadRun, watch: PrecisionWatch): PrecisionRun {
  let over = false;
  const timer = setInterval(() => {
    const { elapsedMs, phase } = load.live();
    if (over || phase !== 'running' || elapsedMs < watch.nextLookMs) return;
    over = watch.look(elapsedMs).decision !== 'go on';
    if (over) load.endMeasuring();
  }, POLL_MS);
  return {
    watch,
    line: () => (over ? 'holding the load until the measured requests have ended' : lineOf(watch)),
    stop: () => clearInterval(timer),
  };
}

/** null when the run does not go on until precise. */
export function precisionWatch(
  untilPrecise: RunConfig['untilPrecise'],
  info: RunInfo,
): PrecisionWatch | null {
  return untilPrecise && watchPrecision(info, untilPrecise.targets, untilPrecise.maxTimeS * 1000);
}

function lineOf({ last, nextLookMs }: PrecisionWatch): string {
  const next = `next look at ${(nextLookMs / 1000).toFixed(0)} s`;
  if (last === null) return next;
  const left = last.leftMs === null ? 'time left unknown' : `about ${Math.ceil(last.leftMs / 1000)} s left`;
  return `${last.states.map(stateText).join(', ')}; ${left}, ${next}`;
}

function stateText({ metric, percent, halfWidthPercent }: PrecisionState): string {
  const width = halfWidthPercent === null ? 'no interval yet' : `± ${halfWidthPercent.toFixed(2)} %`;
  return `${metric} ${width} (wanted ${percent} %)`;
}

/** What the screen says when the run is over. */
export function precisionText(end: PrecisionEnd): string {
  const head = end.reached ? 'Precision reached' : 'Precision NOT reached';
  const details = end.targets.map((state) =>
    state.halfWidthPercent === null ? `${stateText(state)}: ${state.refused}` : stateText(state),
  );
  return `${head} after ${end.looks} look(s): ${end.why}. At the last look: ${details.join('; ')}`;
}
