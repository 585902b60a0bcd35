/**
 * The end of the measured time. After it the loop may hold the load: it goes on sending requests that only keep the
 * concurrency constant, until the last measured request has ended.
 */
import type { Schedule } from '../../core/plan.ts';
import type { Job } from '../wire/job.ts';

/** How the load is held. */
export interface Hold {
  /** For how long at most, ms. Asked again while the load is held. */
  maxMs(): number;
  /** How many measured requests are still in flight at the other workers. */
  owedElsewhere(): number;
}

export interface MeasuredTime {
  /** Run time at which measuring ended; null before that. */
  readonly endedMs: number | null;
  /** Ends the measured time, if it has not ended yet. */
  end(atMs: number): void;
  /** Whether a request belongs to the measured time when it is sent now. */
  covers(job: Job): boolean;
  /** Whether the load need not be held any longer; `isOwed`: this worker still has measured requests to finish. */
  isHoldOver(now: number, isOwed: () => boolean): boolean;
}

/** `hold` undefined: the load is not held, and ends with the measured time. */
export function createMeasuredTime(schedule: Schedule, hold: Hold | undefined): MeasuredTime {
  const isEndedByRequests = schedule.durationMs === Number.POSITIVE_INFINITY;
  let endedMs: number | null = null;
  return {
    get endedMs() {
      return endedMs;
    },
    end(atMs) {
      endedMs ??= atMs;
    },
    // Retries and later turns of the planned requests are measured even while the load is held.
    covers: ({ index }) => endedMs === null || (isEndedByRequests && index < schedule.requests),
    isHoldOver(now, isOwed) {
      if (hold === undefined || endedMs === null || now >= endedMs + hold.maxMs()) return true;
      return now >= endedMs && !isOwed() && hold.owedElsewhere() === 0;
    },
  };
}
