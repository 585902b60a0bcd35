/** Which request a free slot takes next: the worker's share of the planned ones, behind them those that hold the load. */
import type { Schedule, Share } from '../../core/plan.ts';
import type { MeasuredTime } from './hold.ts';
import { NO_WORK, type Work } from './work.ts';

export interface NextRequest {
  /** The index of the queued request, which has been claimed and may not be due yet; NO_WORK: none is queued. */
  readonly queued: number;
  /** Claims a request, unless one is queued, and returns the index of the queued one; NO_WORK: none is left. */
  claim(now: number): number;
  /** The queued request is being sent. */
  take(): void;
}

interface NextRequestOptions {
  schedule: Schedule;
  share: Share;
  work: Work;
  measuredTime: MeasuredTime;
  /** Whether requests may follow the planned ones. */
  canHold: boolean;
}

export function createNextRequest(options: NextRequestOptions): NextRequest {
  const { schedule, share, work, measuredTime } = options;
  const mayNumberOn = options.canHold && !schedule.paced;
  let queued = NO_WORK;
  let numberedOn = 0;

  /** An open loop claims the arrivals of its hold as it claims the others; a closed loop numbers its requests on. */
  function claimNew(now: number): number {
    const index = work.next();
    if (index >= schedule.requests) measuredTime.end(Math.max(now, schedule.dueAt(schedule.requests - 1)));
    if (index !== NO_WORK || !mayNumberOn) return index;
    measuredTime.end(now);
    return schedule.requests + share.index + share.count * numberedOn++;
  }

  return {
    get queued() {
      return queued;
    },
    claim(now) {
      if (queued === NO_WORK) queued = claimNew(now);
      return queued;
    },
    take() {
      queued = NO_WORK;
    },
  };
}
