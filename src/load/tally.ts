/** Counts the attempts of a worker as they end. */
import { OUTCOME } from '../core/records.ts';
import type { HealthWatch } from './health/watch-health.ts';
import { noFigures, type WorkerFigures } from './live-figures.ts';
import type { RetryPause } from './timing/retry-pause.ts';
import type { AttemptEnd } from './wire/attempt-end.ts';

/** Added to the time that a service asked to wait: the answer to the next attempt takes a while, too. */
const ASKED_SLACK_MS = 10_000;

export interface Tally {
  /** What the worker publishes; the tally counts the ends of attempts in it. */
  readonly figures: WorkerFigures;
  /** Told of sends and failures; null: there is none now. */
  health: HealthWatch | null;
  /** End of the last attempt, ms of run time. */
  endMs: number;
  /** The service asked to wait, and until this run time it may be waited for. */
  askedUntilMs: number;
  /** `readyMs`: when a first attempt could have left; NaN for a retry. */
  count(end: AttemptEnd, readyMs: number): void;
  /** Forgets all but the warm-ups. */
  clear(): void;
}

interface TallyOptions {
  retries: number;
  retryPause: RetryPause;
  /** Called after an attempt was counted. */
  onCounted(): void;
}

export function createTally({ retries, retryPause, onCounted }: TallyOptions): Tally {
  const figures: WorkerFigures = { ...noFigures(), issuing: 1 };

  function countFailure(end: AttemptEnd): void {
    figures.failed++;
    if (end.unreachable && !end.isOwnLimit) figures.refused++;
    tally.health?.failed(end.fault?.cause ?? '');
    if (retries === 0 || end.fault?.retryAfterS === undefined) return;
    const askedUntilMs = end.endMs + retryPause(end, 0) + ASKED_SLACK_MS;
    tally.askedUntilMs = Math.max(tally.askedUntilMs, askedUntilMs);
  }

  const tally: Tally = {
    figures,
    health: null,
    endMs: 0,
    askedUntilMs: 0,
    count(end, readyMs) {
      if (end.outcome === OUTCOME.ok) figures.received++;
      else if (end.outcome === OUTCOME.cancelled) figures.cancelled++;
      else countFailure(end);
      // An attempt that was sent twice was not late because of the client.
      if (!Number.isNaN(readyMs) && !end.resent) tally.health?.sent(end.sentMs - readyMs);
      if (end.outcome !== OUTCOME.cancelled) {
        figures.slowestMs = Math.max(figures.slowestMs, end.endMs - end.sentMs);
      }
      tally.endMs = Math.max(tally.endMs, end.endMs);
      onCounted();
    },
    clear() {
      Object.assign(figures, { ...noFigures(), warmupDone: figures.warmupDone, issuing: 1 });
      tally.endMs = 0;
      tally.askedUntilMs = 0;
    },
  };
  return tally;
}
