/** Requests before the run, on the connections of the run; each that fails is reported with its cause. */
import { pollPauseMs } from '../core/failures/retry-after.ts';
import { OUTCOME, outcomes } from '../core/records.ts';
import type { FailedWarmup } from '../core/run.ts';
import type { WarmupCount } from './messages.ts';
import type { RetryPause } from './timing/retry-pause.ts';
import type { AttemptEnd } from './wire/attempt-end.ts';
import type { Sender } from './wire/client.ts';

export interface WarmupOptions {
  /** How many requests may be in flight at a time. */
  slots: number;
  /** How many more attempts a request gets where another one may help. */
  retries: number;
  retryPause: RetryPause;
  /** For how long a service that is loading is asked again, ms; 0: not at all. */
  waitMs: number;
  /** A request has gone well or has failed for good. */
  onOne(): void;
  /** Called once, when an attempt found that the service is loading. */
  onWait(failed: FailedWarmup): void;
  /** ms. */
  now(): number;
  later(ms: number, act: () => void): void;
}

const LOADING = 503;
/** How many failures of a worker are kept in full. */
const MAX_KEPT = 1000;

/** Sends the requests `indices`. */
export function sendWarmups(
  sender: Pick<Sender, 'send'>,
  indices: readonly number[],
  options: WarmupOptions,
): Promise<WarmupCount> {
  const count: WarmupCount = { total: indices.length, ok: 0, failed: 0, failures: [], e2elMs: [] };
  if (indices.length === 0) return Promise.resolve(count);
  const endMs = options.now() + options.waitMs;
  let next = 0;
  let hasToldOfWait = false;

  /** How long to leave a service alone while it is loading. */
  function waitMs(failed: FailedWarmup): number {
    if (!hasToldOfWait) options.onWait(failed);
    hasToldOfWait = true;
    return Math.min(endMs - options.now(), pollPauseMs(failed.retryAfterS));
  }

  /** How long to wait before this request is sent again; null: it is not. */
  function retryMs(end: AttemptEnd, attempt: number): number | null {
    if (!end.retryable || attempt >= options.retries) return null;
    return options.retryPause(end, attempt);
  }

  return new Promise((resolve) => {
    function sendNext(): void {
      if (next < indices.length) send(indices[next++], 0);
    }
    function send(index: number, attempt: number): void {
      sender.send({ index, turn: 0, attempt, due: 0, measured: false }, (end) => {
        if (end.outcome === OUTCOME.ok) {
          count.ok++;
          count.e2elMs.push(end.endMs - end.sentMs);
        } else if (sendsAgain(index, attempt, end)) return;
        else count.failed++;
        options.onOne();
        if (count.ok + count.failed === count.total) resolve(count);
        else sendNext();
      });
    }
    function sendsAgain(index: number, attempt: number, end: AttemptEnd): boolean {
      const failed = failedWarmup(index, attempt, end);
      const isWaiting = failed.status === LOADING && options.now() < endMs;
      const ms = isWaiting ? waitMs(failed) : retryMs(end, attempt);
      if (ms === null) {
        if (count.failures.length < MAX_KEPT) count.failures.push(failed);
        return false;
      }
      // Waiting uses up none of the retries.
      options.later(ms, () => send(index, isWaiting ? attempt : attempt + 1));
      return true;
    }
    for (let slot = 0; slot < options.slots; slot++) sendNext();
  });
}

/** The report of a warm-up that has failed. */
function failedWarmup(index: number, attempt: number, end: AttemptEnd): FailedWarmup {
  const { outcome, status, fault, sentMs, endMs } = end;
  const cause = fault?.cause ?? '';
  return { ...fault, cause, index, attempt, outcome: outcomes[outcome], status, sentMs, endMs };
}
