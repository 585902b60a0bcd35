/** What the loop (loop.ts) is given and what it tells. */
import type { Clock } from '../../core/clock.ts';
import type { Schedule, Share } from '../../core/plan.ts';
import type { Sender } from '../wire/client.ts';
import type { AttemptEnd } from '../wire/connection.ts';
import type { Job } from '../wire/job.ts';
import type { Alarm } from './alarm.ts';
import type { NextTurn } from './next-turn.ts';
import type { RetryPause } from './retry-pause.ts';
import type { Work } from './work.ts';

export interface LoopOptions {
  schedule: Schedule;
  share: Share;
  work: Work;
  clock: Clock;
  alarm: Alarm;
  sender: Sender;
  /** How many more attempts after the first. */
  retries: number;
  retryPause: RetryPause;
  /** What follows a request that went well, in the same slot; absent: nothing ever does. */
  nextTurn?: NextTurn;
  /** How long requests in flight may go on once nothing new is sent because of time or `stop`, ms. Asked again while waiting. */
  graceMs(): number;
  /** Slots that are full before time zero; absent: the run begins empty. */
  fill?: Fill;
  /** Load that goes on after the measured time, so that its requests do not see the drain; absent: none. */
  hold?: Hold;
  /** `readyMs`: when a first attempt could have left, being due and having a slot; NaN for a retry. */
  onEnd(end: AttemptEnd, readyMs: number): void;
  /** Calls `act` when the sockets that are ready now have been read. */
  soon(act: () => void): void;
}

export interface Fill {
  /**
   * The slots open one after the other over so long before time zero, ms. A request that lasts longer is cut, so that
   * every slot has gone over to the run so long after time zero.
   */
  overMs: number;
  /** The n-th request of this worker that leaves no record. */
  job(n: number): Job;
}

export interface Hold {
  /** For how long at most, ms. Asked again while holding. */
  mostMs(): number;
  /** How many requests of the measured time are still in flight at the other workers. */
  owedElsewhere(): number;
}

export interface LoopEnd {
  /** First attempts that were sent. */
  issued: number;
  /** Run time after which no request was started. */
  lastIssueMs: number;
  slotsOpened: number;
  /** Requests that left no record and filled the slots before time zero; absent without a fill. */
  fillers?: number;
  /** Run time at which measuring ended and holding began; absent without a hold. */
  measuredMs?: number;
}

export interface LoopFigures {
  /** First attempts sent. */
  issued: number;
  /** Attempts sent, retries included. */
  posted: number;
  inFlight: number;
  /** First attempts may still leave. */
  issuing: boolean;
  /** Requests of the measured time in flight: all of them until a hold begins. */
  owed: number;
  /** Attempts behind which comes another one of the same request. */
  retried: number;
}

export interface Loop {
  /** Run time 0 may still lie ahead. Settles when no request is in flight and none is to come. */
  run(): Promise<LoopEnd>;
  /** No new requests; those in flight have `graceMs` to end. */
  stop(graceMs?: number): void;
  /** The measured time is over: hold, or without a hold send nothing new. */
  endMeasuring(): void;
  readonly figures: LoopFigures;
}
