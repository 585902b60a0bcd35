/** One worker's whole run: connect, warm up, wait for the common start, send, hand out batches, report. */
import { createRunClock } from '../core/clock.ts';
import { seededRandom } from '../core/random.ts';
import { OUTCOME } from '../core/records.ts';
import type { FailedWarmup } from '../core/run.ts';
import { type ProtocolName, protocols } from '../protocols/registry.ts';
import { createSchedule } from '../schedules/registry.ts';
import { collectGarbage } from './health/collect-garbage.ts';
import { type HealthWatch, watchHealth } from './health/health.ts';
import { noFigures, owedElsewhere, publish, slowestOf } from './live.ts';
import type { FromWorker, ThreadData, ToWorker } from './messages.ts';
import { PRIMING_ROUNDS, type Priming, startPriming } from './prime.ts';
import { sendPrimers } from './primers.ts';
import { addWarmups } from './run-result.ts';
import { type Alarm, timerAlarm } from './timing/alarm.ts';
import { createLoop } from './timing/loop.ts';
import type { Hold, Loop } from './timing/loop-types.ts';
import { createNextTurn } from './timing/next-turn.ts';
import { pacerAlarm } from './timing/pacer.ts';
import { createRetryPause } from './timing/retry-pause.ts';
import { createWork, slotsOf } from './timing/work.ts';
import { warmUp } from './warmup.ts';
import { type AttemptEnd, noReads } from './wire/connection.ts';
import type { Job } from './wire/job.ts';
import { createRecorder, transferList } from './wire/recorder.ts';
import { createTurnWatch } from './wire/turn-watch.ts';
import { createWorkerClient } from './worker-client.ts';

/** The main thread takes a core from somebody for each batch; a run that is killed loses what has not left. */
const BATCH_MS = 800;
/** A larger batch would hold the core for milliseconds where threads have to share it. */
const BATCH_ROWS = 512;
/** Rows may hold long texts and errors. */
const BATCH_BYTES = 8 * 1024 * 1024;
const LIVE_MS = 100;
/** An attempt that has been under way for so long is no error that is about to be told. */
const LONG_MS = 5000;
/** Behind the time that a service asked to wait: for the answer to the next attempt. */
const ASKED_SLACK_MS = 10_000;
/** Automatic grace: as long as the slowest request so far, but at least this. */
const LEAST_GRACE_MS = 30_000;
/** Automatic hold: so many times as long as the slowest request so far. */
const HOLD_SPANS = 3;
/** Slots that open later than this get their connection when they need it. */
const AHEAD_MS = 1000;
/**
 * Opening a connection while streams run costs their stamps (connect() alone took up to 12 ms here, and a
 * growing heap is collected), so slots get theirs before time zero. Beyond this many it is no longer cheap.
 */
const MOST_AHEAD = 4096;

export interface LoadWorker {
  onMessage(message: ToWorker): void;
}

const setTimer = (ms: number, act: () => void) => void setTimeout(act, ms);

type Post = (message: FromWorker, transfer?: ArrayBuffer[]) => void;

export function startLoadWorker(data: Extract<ThreadData, { role: 'load' }>, post: Post): LoadWorker {
  const { plan, worker, workers } = data;
  const protocol = protocols[plan.target.protocol as ProtocolName];
  const share = { index: worker, count: workers };
  const schedule = createSchedule(plan.schedule);
  const slots = slotsOf(share, schedule.limit);
  // Readings before the common start count from here; the start sets the zero of all workers.
  const clock = createRunClock();
  const recorder = createRecorder(worker);
  const counters = noReads();
  const turns = createTurnWatch({ now: clock.now, afterTurn: setImmediate });
  const figures = { ...noFigures(), issuing: 1 };
  const onNotice = (text: string) => post({ type: 'notice', text });
  const parts = { protocol, clock, recorder, counters, turns, onNotice };
  const client = createWorkerClient(plan, parts);
  const retryPause = createRetryPause(seededRandom(plan.seed, `retry:${worker}`).next);
  /** Kept to the end, see `Priming`. */
  let primed: Priming | null = null;
  /** At the next batch a request is in hand and others are under way: V8 throws away code for what does not exist. */
  let collectNext = false;
  let loop: Loop | null = null;
  let health: HealthWatch | null = null;
  let endMs = 0;
  /** Until then a service that asked to wait may be waited for. */
  let askedUntilMs = 0;

  function publishLive(): void {
    if (loop !== null) {
      figures.posted = loop.figures.posted;
      figures.inFlight = loop.figures.inFlight;
      figures.owed = loop.figures.owed;
      figures.retried = loop.figures.retried;
      figures.issuing = Number(loop.figures.issuing);
      figures.outputs = counters.outputs;
      figures.bytesIn = counters.bytesIn;
      const now = clock.now();
      figures.waiting = Number(now < askedUntilMs || now - client.oldestMs() > LONG_MS);
    }
    publish(data.live, worker, figures);
  }

  function count(end: AttemptEnd, readyMs: number): void {
    if (end.outcome === OUTCOME.ok) figures.received++;
    else if (end.outcome === OUTCOME.cancelled) figures.cancelled++;
    else {
      figures.failed++;
      if (end.unreachable && !end.isOwnLimit) figures.refused++;
      health?.failed(end.cause);
      if (plan.retries > 0 && end.retryAfterS !== undefined)
        askedUntilMs = Math.max(askedUntilMs, end.endMs + retryPause(end, 0) + ASKED_SLACK_MS);
    }
    // What was sent again was not late by the client's fault.
    if (!Number.isNaN(readyMs) && !end.resent) health?.sent(end.sentMs - readyMs);
    if (end.outcome !== OUTCOME.cancelled)
      figures.slowestMs = Math.max(figures.slowestMs, end.endMs - end.sentMs);
    endMs = Math.max(endMs, end.endMs);
    if (recorder.rows >= BATCH_ROWS || recorder.bytes >= BATCH_BYTES) postBatch();
  }

  function postBatch(): void {
    const raw = recorder.take();
    if (raw === null) return;
    post({ type: primed === null ? 'priming' : 'batch', raw }, transferList(raw));
    collectIfDue();
  }

  function collectIfDue(): void {
    if (collectNext) collectGarbage();
    collectNext = false;
  }

  function alarmOf(epochNs: bigint): Alarm {
    return data.pacer === null ? timerAlarm(clock) : pacerAlarm(data.pacer, workers, worker, clock, epochNs);
  }

  /**
   * Everything that a run does is done before it; nothing of it may be left. The connections of the run stand
   * by then: what opening them allocates would be collected behind it, and compiled code with it.
   */
  async function primeAll(): Promise<void> {
    const { sockets } = turns;
    const { warmupDone } = figures;
    const priming = await startPriming({ plan, parts, alarmOf, onEnd: count });
    for (let round = 1; round <= PRIMING_ROUNDS; round++) {
      const watch = watchHealth(turns);
      health = watch;
      collectNext = round === PRIMING_ROUNDS;
      await priming.round();
      watch.end(worker, 0, counters);
    }
    // A round that was cut short may have filled no batch.
    collectIfDue();
    priming.close();
    primed = priming;
    health = null;
    turns.sockets = sockets;
    recorder.take();
    Object.assign(figures, { ...noFigures(), warmupDone, issuing: 1 });
    endMs = 0;
    askedUntilMs = 0;
  }

  async function prepare(): Promise<void> {
    const indices = Array.from({ length: plan.warmups }, (_, i) => i).filter((i) => i % workers === worker);
    const options = {
      slots,
      retries: plan.retries,
      waitMs: plan.warmupWaitMs ?? 0,
      retryPause,
      onWait: (failed: FailedWarmup) => post({ type: 'waiting', failed }),
      now: clock.now,
      later: setTimer,
    };
    const primers = worker === 0 ? await sendPrimers(client, plan, { ...options, onOne() {} }) : null;
    const warmups = await warmUp(client, indices, {
      ...options,
      onOne() {
        figures.warmupDone++;
        publishLive();
      },
    });
    const warmup = primers === null ? warmups : addWarmups(primers, warmups);
    // When every warm-up failed the run will not start: no need to knock any further.
    if (warmup.total === 0 || warmup.ok > 0) {
      await client.openAhead(connectionsAhead());
      await primeAll();
    }
    post({ type: 'warm', warmup });
  }

  function connectionsAhead(): number {
    let soon = 0;
    while (soon < slots && schedule.slotOpensAt(soon * workers + worker) <= AHEAD_MS) soon++;
    const ownRequests = Math.ceil(schedule.requests / workers);
    return Math.min(soon, ownRequests, MOST_AHEAD);
  }

  function holdOf(): Hold | undefined {
    if (plan.holdMs === 0) return undefined;
    const slowestMs = () => Math.max(slowestOf(data.live), figures.slowestMs);
    return {
      mostMs: () => plan.holdMs ?? HOLD_SPANS * slowestMs(),
      owedElsewhere: () => owedElsewhere(data.live, worker),
    };
  }

  /** The data from the end, numbered behind the warm-ups: no two of them have one salt. */
  function fillerOf(n: number): Job {
    const { count } = plan.unmeasured ?? plan.bodies;
    const number = share.index + share.count * n;
    const passes = Math.ceil(plan.warmups / count) + Math.floor(number / count);
    const index = (passes + 1) * count - 1 - (number % count);
    return { index, turn: 0, attempt: 0, due: 0, measured: false };
  }

  async function run(epochNs: bigint, fillMs: number): Promise<void> {
    clock.startAt(epochNs);
    Object.assign(counters, noReads());
    const watch = watchHealth(turns);
    health = watch;
    loop = createLoop({
      schedule,
      share,
      work: createWork(share, schedule.requests + (schedule.held ?? 0), data.cursors),
      clock,
      alarm: alarmOf(epochNs),
      sender: client,
      retries: plan.retries,
      retryPause,
      nextTurn: createNextTurn(plan, protocol),
      graceMs: () => plan.graceMs ?? Math.max(LEAST_GRACE_MS, slowestOf(data.live), figures.slowestMs),
      fill: fillMs > 0 ? { overMs: fillMs, job: fillerOf } : undefined,
      hold: holdOf(),
      onEnd: count,
      soon: setImmediate,
    });
    const timers = [setInterval(postBatch, BATCH_MS), setInterval(publishLive, LIVE_MS)];
    const end = await loop.run();
    for (const timer of timers) clearInterval(timer);
    client.close();
    publishLive();
    postBatch();
    const { resent } = counters;
    post({ type: 'finished', end, endMs, resent, health: watch.end(worker, end.issued, counters) });
  }

  publishLive();
  void prepare();
  return {
    onMessage(message) {
      if (message.type === 'start') void run(message.epochNs, message.fillMs);
      else if (message.type === 'measured') loop?.endMeasuring();
      else loop?.stop(message.graceMs);
    },
  };
}
