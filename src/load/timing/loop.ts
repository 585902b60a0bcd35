/** When requests leave: one loop for every load shape. Knows slots and due times, nothing of sockets. */
import { OUTCOME } from '../../core/records.ts';
import type { AttemptEnd } from '../wire/connection.ts';
import type { Job } from '../wire/job.ts';
import type { Loop, LoopEnd, LoopFigures, LoopOptions } from './loop-types.ts';
import { NO_WORK, slotsOf } from './work.ts';

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
  const figures: LoopFigures = { issued: 0, posted: 0, inFlight: 0, issuing: true, owed: 0, retried: 0 };
  /** When each free slot came free, ms of run time. */
  const free: number[] = [];
  /** What is to come first stands first. */
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
  let fillers = 0;
  /** Requests from before time zero, in the order of their sending, and when they are cut. */
  const filling: { job: Job; untilMs: number }[] = [];

  function slotOpensAt(ownSlot: number): number {
    const slot = ownSlot * share.count + share.index;
    const { fill } = options;
    return fill ? (slot / schedule.limit - 1) * fill.overMs : schedule.slotOpensAt(slot);
  }

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
    while (filling.length > 0 && filling[0].untilMs <= now) sender.cancel(filling.shift()!.job);
    if (!stopped) {
      sentInStep = 0;
      openSlots(now);
      endPauses(now);
      goOn();
      if (now < 0) fillSlots(now);
      else issue(now);
    }
    const isMoreToCome = ready.length > 0 || resting.some((r) => r.retry !== null);
    if (!figures.issuing && figures.inFlight === 0 && !isMoreToCome) {
      alarm.clear();
      finish({
        issued: figures.issued,
        lastIssueMs,
        slotsOpened: opened,
        ...(options.fill && { fillers }),
        ...(measuredMs !== null && { measuredMs }),
      });
    } else if (now >= graceEnd()) sender.cancelAll();
    else setAlarm();
  }

  function openSlots(now: number): void {
    while (opened < slots && slotOpensAt(opened) <= now) free.push(Math.max(0, slotOpensAt(opened++)));
  }

  /** Before time zero: each free slot gets a request that leaves no record; its end frees the slot for a measured one. */
  function fillSlots(now: number): void {
    for (; free.length > 0 && sentInStep < MAX_BURST; sentInStep++) {
      free.shift();
      figures.inFlight++;
      const { overMs, job: jobOf } = options.fill!;
      const job = jobOf(fillers++);
      filling.push({ job, untilMs: now + overMs });
      sender.send(job, (end) => {
        figures.inFlight--;
        if (end.unreachable) rest(end.endMs + UNREACHABLE_PAUSE_MS, null);
        else if (!stopped) free.push(Math.max(0, end.endMs));
        pumpSoon();
      });
    }
  }

  /** The slot waits so long, with its request if there is one to send again. */
  function rest(atMs: number, retry: Job | null): void {
    let at = resting.length;
    while (at > 0 && resting[at - 1].atMs > atMs) at--;
    resting.splice(at, 0, { atMs, retry });
  }

  function endPauses(now: number): void {
    while (resting.length > 0 && resting[0].atMs <= now) {
      const { atMs, retry } = resting.shift() as Resting;
      if (retry === null) free.push(Math.max(0, atMs));
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

  /** Behind the planned requests come those of a hold: a closed loop numbers on, of an open one the arrivals go on. */
  function nextIndex(now: number): number {
    const index = work.next();
    if (index >= schedule.requests) measuredMs ??= Math.max(now, schedule.dueAt(schedule.requests - 1));
    if (index !== NO_WORK || options.hold === undefined || schedule.paced) return index;
    measuredMs ??= now;
    return schedule.requests + share.index + share.count * extra++;
  }

  /** Retries and later turns of one of the run's own requests are, too, even during a hold. */
  function isMeasured({ index }: Job): boolean {
    return (
      measuredMs === null || (schedule.durationMs === Number.POSITIVE_INFINITY && index < schedule.requests)
    );
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
    if (retry !== null) figures.retried++;
    const next = end.outcome === OUTCOME.ok ? (options.nextTurn?.(job, end) ?? null) : null;
    if (retry !== null) rest(end.endMs + options.retryPause(end, job.attempt), retry);
    else if (end.unreachable) rest(end.endMs + UNREACHABLE_PAUSE_MS, null);
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
    if (now < measuredMs || figures.owed > 0 || ready.some(isMeasured)) return false;
    return !resting.some(({ retry }) => retry !== null && isMeasured(retry)) && hold.owedElsewhere() === 0;
  }

  function stopIssuing(atMs: number): void {
    stopped = true;
    stoppedAtMs = atMs;
    if (figures.issuing) lastIssueMs = atMs;
    figures.issuing = false;
    const dropped = [...ready, ...resting.flatMap(({ retry }) => retry ?? [])];
    figures.retried -= dropped.filter(({ attempt }) => attempt > 0).length;
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
    if (filling.length > 0) next = Math.min(next, filling[0].untilMs);
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
