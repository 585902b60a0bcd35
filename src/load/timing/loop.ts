/** When requests leave: one loop for every load shape. It knows slots and due times, and nothing of sockets. */
import type { Clock } from '../../core/clock.ts';
import type { Schedule, Share } from '../../core/plan.ts';
import type { Job } from '../wire/job.ts';
import type { Alarm } from './alarm.ts';
import {
  type AttemptFigures,
  type AttemptOptions,
  type Attempts,
  createAttempts,
  UNREACHABLE_PAUSE_MS,
} from './attempts.ts';
import { createFillRequests, type Fill, type FillRequests } from './fill.ts';
import { createMeasuredTime, type Hold, type MeasuredTime } from './hold.ts';
import { createNextRequest, type NextRequest } from './next-request.ts';
import { createSlots, type Slots } from './slots.ts';
import { NO_WORK, type Work } from './work.ts';

/**
 * After this many sends in a row the sockets get their turn. Of a thousand slots that start at once, the
 * first would otherwise have their answers stamped only when the last request is out.
 */
const MAX_BURST = 16;

/** How often a worker that holds the load asks after the others. */
const HOLD_POLL_MS = 50;

/** What the loop is given. Always give every key: code that was compiled for one shape of this is of no use to another. */
interface LoopOptions extends AttemptOptions {
  schedule: Schedule;
  share: Share;
  work: Work;
  clock: Clock;
  alarm: Alarm;
  /** How long requests in flight may go on once nothing new is sent because of time or `stop`, ms. Asked again while waiting. */
  graceMs(): number;
  /** Slots that are full before time zero; undefined: the run begins empty. */
  fill: Fill | undefined;
  /** How the load is held after the measured time, so that no measured request sees the drain; undefined: it is not. */
  hold: Hold | undefined;
  /** Calls `act` when the sockets that are ready now have been read. */
  soon(act: () => void): void;
}

export interface LoopEnd {
  /** First attempts that were sent. */
  issued: number;
  /** Run time after which no request was started. */
  lastIssueMs: number;
  slotsOpened: number;
  /** Fill requests that were sent; absent without a fill. */
  fillers?: number;
  /** Run time at which measuring ended and holding began; absent without a hold. */
  measuredMs?: number;
}

interface LoopFigures extends AttemptFigures {
  /** First attempts may still leave. */
  issuing: boolean;
}

export interface Loop {
  /** Run time 0 may still lie ahead. Settles when no request is in flight and none is to come. */
  run(): Promise<LoopEnd>;
  /** No new requests; those in flight have `graceMs` to end. */
  stop(graceMs?: number): void;
  /** The measured time is over: hold the load, or without a hold send nothing new. */
  endMeasuring(): void;
  readonly figures: LoopFigures;
}

/** A loop in progress. */
interface State {
  readonly options: LoopOptions;
  readonly figures: LoopFigures;
  readonly slots: Slots;
  readonly measuredTime: MeasuredTime;
  readonly nextRequest: NextRequest;
  readonly attempts: Attempts;
  /** Null: the slots are not filled before time zero. */
  readonly fillRequests: FillRequests | null;
  /** One function for all alarms of the run. */
  readonly onAlarm: () => void;
  /** One function for the end of every turn of the event loop. */
  readonly onTurnEnd: () => void;
  isPumpComing: boolean;
  /** How many requests were sent since the sockets had their turn. */
  burst: number;
  /** When the end of the duration or `stop` closed the slots; running out of requests is no stop. */
  stoppedMs: number;
  /** The same where more requests would have been sent, else 0. */
  cutShortMs: number;
  graceMs: () => number;
  finish: (end: LoopEnd) => void;
}

export function createLoop(options: LoopOptions): Loop {
  const loop = createState(options);
  return {
    figures: loop.figures,
    run: () =>
      new Promise((resolve) => {
        loop.finish = resolve;
        pump(loop);
      }),
    stop(graceMs) {
      if (graceMs !== undefined) loop.graceMs = () => graceMs;
      if (!loop.slots.areClosed) stopIssuing(loop, options.clock.now());
      pump(loop);
    },
    endMeasuring() {
      if (isMeasuring(loop)) endMeasuring(loop, options.clock.now());
      pump(loop);
    },
  };
}

function createState(options: LoopOptions): State {
  const { schedule, share, work, sender, fill, hold } = options;
  const figures: LoopFigures = { issued: 0, posted: 0, inFlight: 0, issuing: true, owed: 0, retried: 0 };
  const slots = createSlots(schedule, share, fill?.overMs);
  const measuredTime = createMeasuredTime(schedule, hold);
  const canHold = hold !== undefined;
  const loop: State = {
    options,
    figures,
    slots,
    measuredTime,
    nextRequest: createNextRequest({ schedule, share, work, measuredTime, canHold }),
    attempts: createAttempts({ options, figures, slots, measuredTime, onOver: () => pumpSoon(loop) }),
    fillRequests: fill === undefined ? null : createFillRequests(fill, sender),
    onAlarm: () => pump(loop),
    onTurnEnd() {
      loop.isPumpComing = false;
      pump(loop);
    },
    isPumpComing: false,
    burst: 0,
    stoppedMs: 0,
    cutShortMs: 0,
    graceMs: options.graceMs,
    finish: () => {},
  };
  return loop;
}

/**
 * When many responses end in one instant, as with a batching engine they do, each write of a next request
 * would delay the stamps of all that still wait to be read. So reads go first, then the sends together.
 */
function pumpSoon(loop: State): void {
  if (loop.isPumpComing) return;
  loop.isPumpComing = true;
  loop.options.soon(loop.onTurnEnd);
}

/** Sends whatever may leave now, then sets the alarm for the next thing to come. */
function pump(loop: State): void {
  const now = loop.options.clock.now();
  endWhatIsOver(loop, now);
  sendWhatMayLeave(loop, now);
  if (isFinished(loop)) finish(loop);
  else if (now >= graceEndMs(loop)) loop.options.sender.cancelAll();
  else setAlarm(loop);
}

/** The measured time, the hold, and each fill request last so long and no longer. */
function endWhatIsOver(loop: State, now: number): void {
  const { schedule } = loop.options;
  if (isMeasuring(loop) && now >= schedule.durationMs) endMeasuring(loop, schedule.durationMs);
  if (isHolding(loop) && isHoldOver(loop, now)) stopIssuing(loop, now);
  loop.fillRequests?.cut(now);
}

function sendWhatMayLeave(loop: State, now: number): void {
  loop.burst = 0;
  if (loop.slots.areClosed) return;
  loop.slots.update(now);
  sendReady(loop);
  if (now >= 0) issue(loop, now);
  else if (loop.fillRequests !== null) fillSlots(loop, loop.fillRequests, now);
}

/** Sends retries and next turns. */
function sendReady(loop: State): void {
  const { ready } = loop.slots;
  for (; ready.length > 0 && loop.burst < MAX_BURST; loop.burst++) {
    const job = ready.shift() as Job;
    loop.attempts.send(job, job.attempt === 0 ? job.due : Number.NaN);
  }
}

/** Sends a request in each free slot, as far as requests are due. */
function issue(loop: State, now: number): void {
  const { figures, nextRequest } = loop;
  const { schedule } = loop.options;
  const { free } = loop.slots;
  for (; free.length > 0 && figures.issuing && loop.burst < MAX_BURST; loop.burst++) {
    const index = nextRequest.claim(now);
    if (index === NO_WORK) {
      figures.issuing = false;
      return;
    }
    if (schedule.paced && schedule.dueAt(index) > now) return;
    nextRequest.take();
    const freeSinceMs = free.shift() as number;
    const due = schedule.paced ? schedule.dueAt(index) : freeSinceMs;
    loop.attempts.send({ index, turn: 0, attempt: 0, due, measured: true }, Math.max(due, freeSinceMs));
  }
}

/** Before time zero each free slot gets a fill request, whose end frees the slot for a request of the run. */
function fillSlots(loop: State, fillRequests: FillRequests, now: number): void {
  const { figures, slots } = loop;
  for (; slots.free.length > 0 && loop.burst < MAX_BURST; loop.burst++) {
    slots.free.shift();
    figures.inFlight++;
    fillRequests.send(now, (end) => {
      figures.inFlight--;
      if (end.unreachable) slots.pause(end.endMs + UNREACHABLE_PAUSE_MS, null);
      else slots.release(end.endMs);
      pumpSoon(loop);
    });
  }
}

function isMeasuring({ slots, measuredTime }: State): boolean {
  return !slots.areClosed && measuredTime.endedMs === null;
}

function endMeasuring(loop: State, atMs: number): void {
  if (loop.options.hold === undefined) stopIssuing(loop, atMs);
  else loop.measuredTime.end(atMs);
}

function isHolding({ slots, measuredTime }: State): boolean {
  return !slots.areClosed && measuredTime.endedMs !== null;
}

function isHoldOver({ figures, slots, measuredTime }: State, now: number): boolean {
  return measuredTime.isHoldOver(now, () => figures.owed > 0 || slots.someWaits(measuredTime.covers));
}

function stopIssuing(loop: State, atMs: number): void {
  loop.stoppedMs = atMs;
  if (loop.figures.issuing) loop.cutShortMs = atMs;
  loop.figures.issuing = false;
  loop.figures.retried -= loop.slots.close();
}

function graceEndMs({ slots, stoppedMs, graceMs }: State): number {
  return slots.areClosed ? stoppedMs + graceMs() : Number.POSITIVE_INFINITY;
}

/** Nothing is in flight, and nothing is to come. */
function isFinished({ figures, slots }: State): boolean {
  return !figures.issuing && figures.inFlight === 0 && !slots.someWaits(() => true);
}

function finish(loop: State): void {
  const { figures, slots, attempts, fillRequests, measuredTime } = loop;
  loop.options.alarm.clear();
  loop.finish({
    issued: figures.issued,
    lastIssueMs: Math.max(attempts.lastSentMs, loop.cutShortMs),
    slotsOpened: slots.opened,
    ...(fillRequests !== null && { fillers: fillRequests.sent }),
    ...(measuredTime.endedMs !== null && { measuredMs: measuredTime.endedMs }),
  });
}

function setAlarm(loop: State): void {
  const { alarm } = loop.options;
  const nextMs = nextEventMs(loop);
  // Where a burst came to its end, more requests may be ready to leave.
  if (loop.burst === MAX_BURST) pumpSoon(loop);
  if (nextMs === Number.POSITIVE_INFINITY) alarm.clear();
  else alarm.set(nextMs, loop.onAlarm);
}

/** When there will be something to do, unless a request ends before that. */
function nextEventMs(loop: State): number {
  const { schedule, clock } = loop.options;
  const { slots, nextRequest, measuredTime } = loop;
  const cutMs = loop.fillRequests?.nextCutMs() ?? Number.POSITIVE_INFINITY;
  if (slots.areClosed) return Math.min(graceEndMs(loop), cutMs);
  const endMs = measuredTime.endedMs === null ? schedule.durationMs : clock.now() + HOLD_POLL_MS;
  const isQueued = nextRequest.queued !== NO_WORK && slots.free.length > 0;
  const dueMs = isQueued ? schedule.dueAt(nextRequest.queued) : Number.POSITIVE_INFINITY;
  return Math.min(cutMs, endMs, slots.nextChangeMs(), dueMs);
}
