/** Sends attempts, counts them, and says what comes next in the slot of each. */
import { OUTCOME } from '../../core/records.ts';
import type { AttemptEnd } from '../wire/attempt-end.ts';
import type { Sender } from '../wire/client.ts';
import type { Job } from '../wire/job.ts';
import type { MeasuredTime } from './hold.ts';
import type { NextTurn } from './next-turn.ts';
import type { RetryPause } from './retry-pause.ts';
import type { Slots } from './slots.ts';

/** A slot that met an unreachable service pauses, or a dead service would be asked as fast as errors come. */
export const UNREACHABLE_PAUSE_MS = 100;

export interface AttemptOptions {
  sender: Sender;
  /** How many more attempts after the first. */
  retries: number;
  retryPause: RetryPause;
  /** What follows a request that went well, in the same slot; undefined: nothing ever does. */
  nextTurn: NextTurn | undefined;
  /** `readyMs`: when a first attempt could have left, being due and having a slot; NaN for a retry. */
  onEnd(end: AttemptEnd, readyMs: number): void;
}

export interface AttemptFigures {
  /** First attempts sent. */
  issued: number;
  /** Attempts sent, retries included. */
  posted: number;
  inFlight: number;
  /** Measured requests in flight: all of them until the load is held. */
  owed: number;
  /** Attempts that are followed by another attempt of the same request. */
  retried: number;
}

export interface Attempts {
  /** When the last one that has ended was sent, ms of run time; 0: none has ended. */
  readonly lastSentMs: number;
  send(job: Job, readyMs: number): void;
}

interface AttemptParts {
  options: AttemptOptions;
  figures: AttemptFigures;
  slots: Slots;
  measuredTime: MeasuredTime;
  /** An attempt has ended, and its slot has been seen to. */
  onOver(): void;
}

export function createAttempts(parts: AttemptParts): Attempts {
  const { options, figures, slots, measuredTime, onOver } = parts;
  let lastSentMs = 0;

  function send(job: Job, readyMs: number): void {
    const isMeasured = measuredTime.covers(job);
    if (job.attempt === 0) figures.issued++;
    figures.inFlight++;
    figures.posted++;
    if (isMeasured) figures.owed++;
    options.sender.send(job, (end) => {
      figures.inFlight--;
      if (isMeasured) figures.owed--;
      lastSentMs = Math.max(lastSentMs, end.sentMs);
      options.onEnd(end, readyMs);
      if (!slots.areClosed) goOn(job, end);
      onOver();
    });
  }

  /** In the slot of a request that has ended comes its retry, its next turn, or another request. */
  function goOn(job: Job, end: AttemptEnd): void {
    if (end.retryable && job.attempt < options.retries) {
      figures.retried++;
      slots.pause(end.endMs + options.retryPause(end, job.attempt), { ...job, attempt: job.attempt + 1 });
      return;
    }
    if (end.unreachable) {
      slots.pause(end.endMs + UNREACHABLE_PAUSE_MS, null);
      return;
    }
    const next = end.outcome === OUTCOME.ok ? (options.nextTurn?.(job, end) ?? null) : null;
    if (next !== null) slots.ready.push(next);
    else slots.release(end.endMs);
  }

  return {
    get lastSentMs() {
      return lastSentMs;
    },
    send,
  };
}
