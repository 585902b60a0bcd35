/** When requests leave: one loop for every load shape. Knows slots and due times, nothing of sockets. */
import type { Clock } from '../core/clock.ts';
import type { Schedule, Share } from '../core/plan.ts';
import { OUTCOME } from '../core/records.ts';
import type { Alarm } from './alarm.ts';
import type { Sender } from './client.ts';
import type { AttemptEnd } from './connection.ts';
import type { Job } from './job.ts';
import type { NextTurn } from './next-turn.ts';
import { NO_WORK, slotsOf, type Work } from './work.ts';

export interface LoopOptions {
  schedule: Schedule;
  share: Share;
  work: Work;
  clock: Clock;
  alarm: Alarm;
  sender: Sender;
  /** How many more attempts after the first. */
  retries: number;
  /** What follows a request that went well, in the same slot; absent: nothing ever does. */
  nextTurn?: NextTurn;
  /** How long requests in flight may go on once nothing new is sent because of time or `stop`, ms. Asked again while waiting. */
  graceMs(): number;
  /** Load that goes on after the measured time, so that its requests do not see the drain; absent: none. */
  hold?: Hold;
  /** `readyMs`: when a first attempt could have left, being due and having a slot; NaN for a retry. */
  onEnd(end: AttemptEnd, readyMs: number): void;
  /** Calls `act` when the sockets that are ready now have been read. */
  soon(act: () => void): void;
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

/** A slot that met an unreachable service rests so long, or a dead service would be asked as fast as errors come. */
export const UNREACHABLE_PAUSE_MS = 100;

/**
 * After so many sends in a row the sockets get their turn. Of a thousand slots that start at once, the
 * first would otherwise have their answers stamped only when the last request is out.
 */
const MAX_BURST = 16;

/** How often a worker that holds asks after the others. */
const HOLD_POLL_MS = 50;

interface Resting {
  atMs: number;
  /** The attempt to make then; null: the slot just comes free. */
  retry: Job | null;
}

export function createLoop(options: LoopOptions): Loop {
  const { schedule, share, work, clock, alarm, sender, retries } = options;
  const slots = slotsOf(share, schedule.limit);
  const figures: LoopFigures = { issued: 0, posted: 0, inFlight: 0, issuing: true, owed: 0 };
  /** When each free slot came free, ms of run time. */
  const free: number[] = [];
  /** What is to come first stands first: all pauses are equally long. */
  let resting: Resting[] = [];
  /** Retries and next turns whose slot waits for nothing but its turn to send. */
  let ready: Job[] = [];
  let opened = 0;
  /** A claimed request that is not due yet. */
  let held = NO_WORK;
  let lastIssueMs = 0;
  /** By the end of the duration or by `stop`; running out of requests is no stop. */
  let stopped = false;
  let stoppedAtMs = 0;
  /** When measuring ended; null before that. */
  let measuredMs: number | null = null;
  let extra = 0;
  let grace = options.graceMs;
  let finish: (end: LoopEnd) => void = () => {};
  let sentInStep = 0;
  let pumpIsComing = false;

  const slotOpensAt = (slot: number): number => schedule.slotOpensAt(slot * share.count + share.index);

  /**
   * When many responses end in one instant, as with a batching engine they do, each write of a next request
   * would delay the stamps of all that still wait to be read. So reads go first, then the sends together.
   */
  function pumpSoon(): void {
    if (pumpIsComing) return;
    pumpIsComing = true;
    options.soon(() => {
      pumpIsComing = false;
      pump();
    });
  }

  /** Sends whatever may leave now, then sets the alarm for the next thing to come. */
  function pump(): void {
    const now = clock.now();
    if (!stopped && measuredMs === null && now >= schedule.durationMs) startHolding(schedule.durationMs);
    if (!stopped && measuredMs !== null && isHoldOver(now)) stopIssuing(now);
    if (!stopped) {
      sentInStep = 0;
      openSlots(now);
      endPauses(now);
      goOn();
      issue(now);
    }
    const isMoreToCome = ready.length > 0 || resting.some((r) => r.retry !== null);
    if (!figures.issuing && figures.inFlight === 0 && !isMoreToCome) {
      alarm.clear();
      finish({
        issued: figures.issued,
        lastIssueMs,
        slotsOpened: opened,
        ...(measuredMs !== null && { measuredMs }),
      });
    } else if (now >= graceEnd()) sender.cancelAll();
    else setAlarm();
  }

  function openSlots(now: number): void {
    while (opened < slots && slotOpensAt(opened) <= now) free.push(slotOpensAt(opened++));
  }

  function endPauses(now: number): void {
    while (resting.length > 0 && resting[0].atMs <= now) {
      const { atMs, retry } = resting.shift() as Resting;
      if (retry === null) free.push(atMs);
      else ready.push(retry);
    }
  }

  function goOn(): void {
    for (; ready.length > 0 && sentInStep < MAX_BURST; sentInStep++) {
      const job = ready.shift() as Job;
      if (job.attempt === 0) figures.issued++;
      send(job, job.attempt === 0 ? job.due : Number.NaN);
    }
  }

  function issue(now: number): void {
    while (free.length > 0 && figures.issuing && sentInStep < MAX_BURST) {
      if (held === NO_WORK) held = nextIndex(now);
      if (held === NO_WORK) {
        figures.issuing = false;
        return;
      }
      if (schedule.paced && schedule.dueAt(held) > now) return;
      const freeSince = free.shift() as number;
      const index = held;
      held = NO_WORK;
      figures.issued++;
      sentInStep++;
      const due = schedule.paced ? schedule.dueAt(index) : freeSince;
      send({ index, turn: 0, attempt: 0, due, measured: true }, Math.max(due, freeSince));
    }
  }

  /** A closed loop that has used up its requests holds with further ones, numbered on. */
  function nextIndex(now: number): number {
    const index = work.next();
    if (index !== NO_WORK || options.hold === undefined || schedule.paced) return index;
    measuredMs ??= now;
    return schedule.requests + share.index + share.count * extra++;
  }

  /** The later turns of a conversation that is one of the run's own requests are, too, even during a hold. */
  function isMeasured({ index, turn }: Job): boolean {
    if (measuredMs === null) return true;
    return turn > 0 && schedule.durationMs === Number.POSITIVE_INFINITY && index < schedule.requests;
  }

  function send(job: Job, readyMs: number): void {
    const measured = isMeasured(job);
    figures.inFlight++;
    figures.posted++;
    if (measured) figures.owed++;
    sender.send(job, (end) => {
      figures.inFlight--;
      if (measured) figures.owed--;
      lastIssueMs = Math.max(lastIssueMs, end.sentMs);
      options.onEnd(end, readyMs);
      release(end, job);
      pumpSoon();
    });
  }

  function release(end: AttemptEnd, job: Job): void {
    if (stopped) return;
    const retry = end.retryable && job.attempt < retries ? { ...job, attempt: job.attempt + 1 } : null;
    const next = end.outcome === OUTCOME.ok ? (options.nextTurn?.(job, end) ?? null) : retry;
    if (end.unreachable) resting.push({ atMs: end.endMs + UNREACHABLE_PAUSE_MS, retry });
    else if (next !== null) ready.push(next);
    else free.push(end.endMs);
  }

  function startHolding(atMs: number): void {
    if (options.hold === undefined) stopIssuing(atMs);
    else measuredMs = atMs;
  }

  function isHoldOver(now: number): boolean {
    const { hold } = options;
    if (hold === undefined || measuredMs === null || now >= measuredMs + hold.mostMs()) return true;
    return figures.owed === 0 && !ready.some(isMeasured) && hold.owedElsewhere() === 0;
  }

  function stopIssuing(atMs: number): void {
    stopped = true;
    stoppedAtMs = atMs;
    if (figures.issuing) lastIssueMs = atMs;
    figures.issuing = false;
    resting = [];
    ready = [];
  }

  function graceEnd(): number {
    return stopped ? stoppedAtMs + grace() : Number.POSITIVE_INFINITY;
  }

  function setAlarm(): void {
    let next = graceEnd();
    if (!stopped) {
      next = measuredMs === null ? schedule.durationMs : clock.now() + HOLD_POLL_MS;
      if (opened < slots) next = Math.min(next, slotOpensAt(opened));
      if (resting.length > 0) next = Math.min(next, resting[0].atMs);
      if (held !== NO_WORK && free.length > 0) next = Math.min(next, schedule.dueAt(held));
    }
    if (sentInStep === MAX_BURST) pumpSoon();
    if (next === Number.POSITIVE_INFINITY) alarm.clear();
    else alarm.set(next, pump);
  }

  return {
    figures,
    run: () =>
      new Promise((resolve) => {
        finish = resolve;
        pump();
      }),
    stop(graceMs) {
      if (graceMs !== undefined) grace = () => graceMs;
      if (!stopped) stopIssuing(clock.now());
      pump();
    },
    endMeasuring() {
      if (!stopped && measuredMs === null) startHolding(clock.now());
      pump();
    },
  };
}
