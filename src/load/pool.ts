/** Runs a plan on worker threads: starts them together, collects their batches, adds up their reports. */
import { Worker } from 'node:worker_threads';
import { monotonicNs } from '../core/clock.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { HintContext } from '../core/failures/failure-hints.ts';
import { failureLine } from '../core/failures/failure-words.ts';
import type { Plan } from '../core/plan.ts';
import type { RecordBatch } from '../core/records.ts';
import type { FailedWarmup, LiveFigures, RunEnd, RunInfo } from '../core/run.ts';
import { createSchedule } from '../schedules/registry.ts';
import { createFailureWatch, createQuietWatch, type Verdict } from './health/failure-watch.ts';
import { watchMachine } from './health/machine.ts';
import { createLiveMemory, readFigures } from './live.ts';
import type { FromWorker, ThreadData, ToWorker } from './messages.ts';
import { type MergedWarmups, medianE2elMs, mergeEnds, mergeWarmups } from './run-result.ts';
import { threadFailure } from './thread-failure.ts';
import { createPacerMemory } from './timing/pacer.ts';
import { createCursors } from './timing/work.ts';
import { withNotes } from './wire/row-notes.ts';

export interface LoadOptions {
  /** Worker threads to use; fewer when the plan has fewer slots. */
  workers: number;
  /** The built `load/worker.js`. */
  workerUrl: URL;
  /** Time zero on the machine's monotonic clock, at least some ms ahead; default: right after the warm-up. */
  epochNs?: bigint;
  /** Called for each batch, in the order in which it arrives; must not hold up the thread for long. */
  onBatch(batch: RecordBatch): void;
  /** What hints on failures of the warm-up can speak of. */
  hints?: HintContext;
  /** Called once, when a warm-up met a service that is loading, and goes on asking it. */
  onWait?(failed: FailedWarmup): void;
  /** Called once, when some or all requests of the warm-up failed, before the run starts or is given up. */
  onWarmupFailures?(warmups: MergedWarmups): void;
  /** Called once, when the warm-up is over and before time zero is fixed: nothing is in flight until it settles. */
  onWarm?(): Promise<void>;
  /** Called once for each thing that a user should know about the service's ways. */
  onNotice?(text: string): void;
  /** Called once, when the warm-up is over and time zero is fixed. */
  onStart?(startedAtUnixMs: number, warmup: RunInfo['warmup']): void;
}

export interface LoadResult {
  end: RunEnd;
  warmup: RunInfo['warmup'];
  startedAtUnixMs: number;
}

export interface LoadRun {
  live(): LiveFigures;
  /** Sends nothing new; requests in flight may end within the plan's grace, `mostMs` at most, then they are cancelled. */
  stop(mostMs?: number): void;
  /** The measured time is over: the load is held until its requests have ended, as the plan says, then the run ends. */
  endMeasuring(): void;
  /** Cancels everything at once; `done` settles within a second. */
  kill(): void;
  /** Time zero on the monotonic clock; null until the warm-up is over. */
  readonly epochNs: bigint | null;
  /** Wall clock at time zero; null until then. */
  readonly startedAtUnixMs: number | null;
  /**
   * Settles when every worker has handed in its last batch. Rejects with a `UserError` when all warm-up requests
   * failed, and when a worker could not be started or crashed; then after the others have handed in theirs.
   */
  readonly done: Promise<LoadResult>;
}

/** From the decision to start until time zero: enough for every worker to get the message. */
const START_DELAY_NS = 20_000_000n;
const KILL_MS = 500;
const FAILURE_WATCH_MS = 250;
/** Room for young objects: fewer scavenges, each of which holds up a stamp. */
const resourceLimits = { maxYoungGenerationSizeMb: 64 };

export function startLoad(plan: Plan, options: LoadOptions): LoadRun {
  const { limit, paced } = createSchedule(plan.schedule);
  const count = Math.max(1, Math.min(options.workers, limit));
  const live = createLiveMemory(count);
  const pacer = paced ? createPacerMemory(count) : null;
  const cursors = createCursors(count);
  const warm: Extract<FromWorker, { type: 'warm' }>[] = [];
  const finished: Extract<FromWorker, { type: 'finished' }>[] = [];
  const notices = new Set<string>();
  let machine: ReturnType<typeof watchMachine> | null = null;
  let epochNs: bigint | null = null;
  let startedAtUnixMs: number | null = null;
  let { warmup } = mergeWarmups([]);
  let isWaiting = false;
  let interrupted = false;
  let stoppedEarly: Verdict | null = null;
  const failureWatch = createFailureWatch(plan.maxErrorPct);
  const isQuiet = createQuietWatch();
  let watching: NodeJS.Timeout | undefined;
  let settled = false;
  let crashed = false;
  let resolve: (result: LoadResult) => void;
  let reject: (error: unknown) => void;
  const done = new Promise<LoadResult>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  const threads: Worker[] = [];
  let load: readonly Worker[] = [];
  try {
    load = Array.from({ length: count }, (_, worker) =>
      startThread({ role: 'load', worker, workers: count, plan, cursors, live, pacer }),
    );
    if (pacer !== null) startThread({ role: 'pacer', workers: count, pacer });
  } catch (error) {
    // The system gave only some of the threads.
    settle(() => reject(threadFailure(error as Error)));
  }

  function startThread(data: ThreadData): Worker {
    const thread = new Worker(options.workerUrl, { workerData: data, resourceLimits });
    thread.on('message', (message: FromWorker) => guard(() => receive(message)));
    thread.on('error', crash);
    thread.on('messageerror', crash);
    thread.on('exit', (code) => crash(new Error(`it ended before its work was done (exit code ${code})`)));
    threads.push(thread);
    return thread;
  }

  /** A thread is lost: the others hand in what they have recorded, then the run is over. */
  function crash(error: Error): void {
    if (crashed || settled) return;
    crashed = true;
    tellAll({ type: 'stop', graceMs: 0 });
    setTimeout(() => settle(() => reject(threadFailure(error))), KILL_MS);
  }

  function settle(tell: () => void): void {
    if (settled) return;
    settled = true;
    clearInterval(watching);
    Promise.all(threads.map((thread) => thread.terminate())).finally(tell);
  }

  /** What a callback of the caller throws must end the run, not vanish in an event handler. */
  function guard(act: () => void): void {
    if (settled) return;
    try {
      act();
    } catch (error) {
      settle(() => reject(error));
    }
  }

  function receive(message: FromWorker): void {
    if (message.type === 'batch') options.onBatch(withNotes(message.raw));
    else if (message.type === 'priming') withNotes(message.raw);
    else if (message.type === 'notice') notice(message.text);
    else if (message.type === 'waiting') {
      if (!isWaiting) options.onWait?.(message.failed);
      isWaiting = true;
    } else if (message.type === 'warm') {
      warm.push(message);
      if (warm.length === count) warmedUp();
    } else {
      finished.push(message);
      if (finished.length === count) finish();
    }
  }

  function notice(text: string): void {
    if (notices.has(text)) return;
    notices.add(text);
    options.onNotice?.(text);
  }

  function warmedUp(): void {
    const merged = mergeWarmups(
      warm.map((w) => w.warmup),
      options.hints,
    );
    warmup = merged.warmup;
    if (warmup.failed > 0) options.onWarmupFailures?.(merged);
    if (warmup.total > 0 && warmup.ok === 0) throw allWarmupsFailed(merged);
    if (!options.onWarm) start();
    else
      options.onWarm().then(
        () => guard(start),
        (error) => settle(() => reject(error)),
      );
  }

  function start(): void {
    const fillMs = plan.fillFirst ? medianE2elMs(warm) : 0;
    const zero = options.epochNs ?? monotonicNs() + START_DELAY_NS + BigInt(Math.ceil(fillMs * 1e6));
    epochNs = zero;
    startedAtUnixMs = Date.now() + Number(zero - monotonicNs()) / 1e6;
    if (fillMs > 0) warmup = { ...warmup, filledOverMs: fillMs };
    options.onStart?.(startedAtUnixMs, warmup);
    machine = watchMachine();
    tellAll({ type: 'start', epochNs: zero, fillMs });
    watching = setInterval(endIfDead, FAILURE_WATCH_MS);
  }

  function endIfDead(): void {
    if (epochNs === null) return;
    const figures = readFigures(live);
    const nowMs = Number(monotonicNs() - epochNs) / 1e6;
    if (stoppedEarly === null) {
      stoppedEarly = failureWatch.check(figures, nowMs);
      if (stoppedEarly !== null) tellAll({ type: 'stop' });
    }
    // The grace is for answers that are on their way; behind a service that is gone there may be none.
    if (stoppedEarly?.isUnreachable && isQuiet(figures.bytesIn, nowMs)) tellAll({ type: 'stop', graceMs: 0 });
  }

  function endOf(isInterrupted: boolean): RunEnd {
    const end = mergeEnds(finished, isInterrupted, machine?.());
    return stoppedEarly === null ? end : { ...end, stoppedEarly: stoppedEarly.why };
  }

  function finish(): void {
    const end = endOf(interrupted);
    settle(() => resolve({ end, warmup, startedAtUnixMs: startedAtUnixMs ?? Date.now() }));
  }

  function tellAll(message: ToWorker): void {
    for (const thread of load) thread.postMessage(message);
  }

  function stop(graceMs?: number): void {
    if (settled) return;
    interrupted = true;
    // Nothing has been sent that counts: there is nothing to wait for.
    if (epochNs === null) finish();
    else tellAll({ type: 'stop', graceMs });
  }

  function figures(): LiveFigures {
    const { issuing, refused: _, waiting: __, ...rest } = readFigures(live);
    const elapsedMs = epochNs === null ? 0 : Math.max(0, Number(monotonicNs() - epochNs) / 1e6);
    const running = issuing ? 'running' : 'draining';
    const isAhead = epochNs === null || monotonicNs() < epochNs;
    return { ...rest, elapsedMs, phase: settled ? 'done' : isAhead ? 'warm-up' : running };
  }

  return {
    live: figures,
    stop: (mostMs) => stop(mostMs === undefined ? undefined : Math.min(mostMs, plan.graceMs ?? mostMs)),
    endMeasuring() {
      if (!settled && epochNs !== null) tellAll({ type: 'measured' });
    },
    kill() {
      stop(0);
      setTimeout(() => settle(() => resolveWithWhatIsThere()), KILL_MS).unref();
    },
    get epochNs() {
      return epochNs;
    },
    get startedAtUnixMs() {
      return startedAtUnixMs;
    },
    done,
  };

  function resolveWithWhatIsThere(): void {
    resolve({
      end: endOf(true),
      warmup,
      startedAtUnixMs: startedAtUnixMs ?? Date.now(),
    });
  }
}

/** The hint is that of the most frequent kind. */
function allWarmupsFailed({ warmup, groups }: MergedWarmups): UserError {
  const kinds = groups.list();
  const reasons = kinds.map((group) => `  ${group.count} × ${failureLine(group)}`);
  if (groups.others > 0) reasons.push(`  ${groups.others} × others`);
  return new UserError(EXIT.failed, `All ${warmup.total} warm-up requests failed:\n${reasons.join('\n')}`, {
    hint: kinds[0]?.hint,
  });
}
