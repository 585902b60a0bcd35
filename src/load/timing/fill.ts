/** Fill requests: they occupy the slots before time zero, leave no record, and hand their slots over to the run. */

import type { AttemptDone } from '../wire/attempt-end.ts';
import type { Sender } from '../wire/client.ts';
import type { Job } from '../wire/job.ts';

/** How the slots are filled. */
export interface Fill {
  /**
   * The slots open one after another over this time before time zero, ms. A fill request that lasts longer is cut, so
   * that every slot has gone over to the run this long after time zero.
   */
  overMs: number;
  /** The n-th fill request of this worker. */
  job(n: number): Job;
}

export interface FillRequests {
  /** How many were sent. */
  readonly sent: number;
  send(now: number, done: AttemptDone): void;
  /** Cancels those that have lasted too long. */
  cut(now: number): void;
  /** When the next one is cut; Infinity: none is in flight. */
  nextCutMs(): number;
}

export function createFillRequests(fill: Fill, sender: Pick<Sender, 'send' | 'cancel'>): FillRequests {
  /** In the order of their sending, which is that of their cuts. One that has ended is cut without effect. */
  const uncut: { job: Job; cutMs: number }[] = [];
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    send(now, done) {
      const job = fill.job(sent++);
      uncut.push({ job, cutMs: now + fill.overMs });
      sender.send(job, done);
    },
    cut(now) {
      while (uncut.length > 0 && uncut[0].cutMs <= now) sender.cancel(uncut.shift()!.job);
    },
    nextCutMs: () => (uncut.length > 0 ? uncut[0].cutMs : Number.POSITIVE_INFINITY),
  };
}
