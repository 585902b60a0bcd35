/** Runs a plan on worker threads: starts them together, collects their batches, adds up their reports. */
import { monotonicNs } from '../core/clock.ts';
import type { HintContext } from '../core/failures/failure-hints.ts';
import type { Plan } from '../core/plan.ts';
import type { RecordBatch } from '../core/records.ts';
import type { FailedWarmup, LiveFigures, RunEnd, RunInfo } from '../core/run.ts';
import { createSchedule } from '../schedules/registry.ts';
import { createEarlyEnd, type EarlyEnd } from './health/failure-watch.ts';
import { watchMachine } from './health/machine.ts';
import { createLiveMemory, liveFigures, readFigures } from './live-figures.ts';
import type { FromWorker } from './messages.ts';
import { createPoolThreads, type PoolThreads } from './pool-threads.ts';
import { allWarmupsFailed, type MergedWarmups, medianE2elMs, mergeEnds, mergeWarmups } from './run-result.ts';
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

interface LoadResult {
  end: RunEnd;
  warmup: RunInfo['warmup'];
  startedAtUnixMs: number;
}

export interface LoadRun {
  live(): LiveFigures;
  /** Sends nothing new; requests in flight may end within the plan's grace, `maxMs` at most, then they are cancelled. */
  stop(maxMs?: number): void;
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

/** A run in progress, as the main thread sees it. */
interface Pool {
  readonly plan: Plan;
  readonly options: LoadOptions;
  readonly workers: number;
  /** By which the pacer wakes the workers; null: the schedule needs no pacer. */
  readonly pacer: SharedArrayBuffer | null;
  /** Where workers write their live figures. */
  readonly live: SharedArrayBuffer;
  readonly threads: PoolThreads;
  readonly earlyEnd: EarlyEnd;
  readonly warm: Extract<FromWorker, { type: 'warm' }>[];
  readonly finished: Extract<FromWorker, { type: 'finished' }>[];
  readonly notices: Set<string>;
  warmup: RunInfo['warmup'];
  epochNs: bigint | null;
  startedAtUnixMs: number | null;
  machine: ReturnType<typeof watchMachine> | null;
  failureTimer: NodeJS.Timeout | undefined;
  hasToldOfWait: boolean;
  isInterrupted: boolean;
  /** A thread is lost. */
  isCrashed: boolean;
  isSettled: boolean;
  resolve(result: LoadResult): void;
  reject(error: unknown): void;
}

/** Starts the threads and the warm-up at once; the run begins when all workers are warm. */
export function startLoad(plan: Plan, options: LoadOptions): LoadRun {
  const pool = createPool(plan, options);
  const done = new Promise<LoadResult>((resolve, reject) => {
    pool.resolve = resolve;
    pool.reject = reject;
  });
  startThreads(pool);
  return {
    live: () => liveFigures(pool.live, pool.epochNs, pool.isSettled),
    stop: (maxMs) => stop(pool, maxMs === undefined ? undefined : Math.min(maxMs, plan.graceMs ?? maxMs)),
    endMeasuring() {
      if (!pool.isSettled && pool.epochNs !== null) pool.threads.tell({ type: 'measured' });
    },
    kill() {
      stop(pool, 0);
      setTimeout(() => finish(pool), KILL_MS).unref();
    },
    get epochNs() {
      return pool.epochNs;
    },
    get startedAtUnixMs() {
      return pool.startedAtUnixMs;
    },
    done,
  };
}

function createPool(plan: Plan, options: LoadOptions): Pool {
  const { limit, paced } = createSchedule(plan.schedule);
  const workers = Math.max(1, Math.min(options.workers, limit));
  const pool: Pool = {
    plan,
    options,
    workers,
    pacer: paced ? createPacerMemory(workers) : null,
    live: createLiveMemory(workers),
    threads: createPoolThreads({
      workerUrl: options.workerUrl,
      onMessage: (message) => guard(pool, () => receive(pool, message)),
      onLost: (error) => crash(pool, error),
    }),
    earlyEnd: createEarlyEnd(plan.maxErrorPct),
    warm: [],
    finished: [],
    notices: new Set(),
    warmup: mergeWarmups([]).warmup,
    epochNs: null,
    startedAtUnixMs: null,
    machine: null,
    failureTimer: undefined,
    hasToldOfWait: false,
    isInterrupted: false,
    isCrashed: false,
    isSettled: false,
    resolve: () => {},
    reject: () => {},
  };
  return pool;
}

function startThreads(pool: Pool): void {
  const { plan, workers, pacer, live, threads } = pool;
  const cursors = createCursors(workers);
  try {
    for (let worker = 0; worker < workers; worker++) {
      threads.start({ role: 'load', worker, workers, plan, cursors, live, pacer });
    }
    if (pacer !== null) threads.start({ role: 'pacer', workers, pacer });
  } catch (error) {
    // The system gave only some of the threads.
    settle(pool, () => pool.reject(threadFailure(error as Error)));
  }
}

/** A thread is lost: the others hand in what they have recorded, then the run is over. */
function crash(pool: Pool, error: Error): void {
  if (pool.isCrashed || pool.isSettled) return;
  pool.isCrashed = true;
  pool.threads.tell({ type: 'stop', graceMs: 0 });
  setTimeout(() => settle(pool, () => pool.reject(threadFailure(error))), KILL_MS);
}

/** Ends all threads, then tells the caller. */
function settle(pool: Pool, tell: () => void): void {
  if (pool.isSettled) return;
  pool.isSettled = true;
  clearInterval(pool.failureTimer);
  pool.threads.terminate().finally(tell);
}

/** What a callback of the caller throws must end the run, not vanish in an event handler. */
function guard(pool: Pool, act: () => void): void {
  if (pool.isSettled) return;
  try {
    act();
  } catch (error) {
    settle(pool, () => pool.reject(error));
  }
}

function receive(pool: Pool, message: FromWorker): void {
  switch (message.type) {
    case 'batch':
      pool.options.onBatch(withNotes(message.raw));
      return;
    case 'warm-start':
      withNotes(message.raw);
      return;
    case 'notice':
      tellNotice(pool, message.text);
      return;
    case 'waiting':
      if (!pool.hasToldOfWait) pool.options.onWait?.(message.failed);
      pool.hasToldOfWait = true;
      return;
    case 'warm':
      pool.warm.push(message);
      if (pool.warm.length === pool.workers) endWarmup(pool);
      return;
    case 'finished':
      pool.finished.push(message);
      if (pool.finished.length === pool.workers) finish(pool);
  }
}

function tellNotice({ notices, options }: Pool, text: string): void {
  if (notices.has(text)) return;
  notices.add(text);
  options.onNotice?.(text);
}

/** All workers are warm. */
function endWarmup(pool: Pool): void {
  const { options } = pool;
  const counts = pool.warm.map(({ warmup }) => warmup);
  const merged = mergeWarmups(counts, options.hints);
  pool.warmup = merged.warmup;
  if (merged.warmup.failed > 0) options.onWarmupFailures?.(merged);
  if (merged.warmup.total > 0 && merged.warmup.ok === 0) throw allWarmupsFailed(merged);
  if (options.onWarm === undefined) {
    startRun(pool);
    return;
  }
  options.onWarm().then(
    () => guard(pool, () => startRun(pool)),
    (error) => settle(pool, () => pool.reject(error)),
  );
}

/** Fixes time zero and tells the workers. */
function startRun(pool: Pool): void {
  const { plan, options } = pool;
  const fillMs = plan.fillFirst ? medianE2elMs(pool.warm) : 0;
  const epochNs = options.epochNs ?? monotonicNs() + START_DELAY_NS + BigInt(Math.ceil(fillMs * 1e6));
  const startedAtUnixMs = Date.now() + Number(epochNs - monotonicNs()) / 1e6;
  pool.epochNs = epochNs;
  pool.startedAtUnixMs = startedAtUnixMs;
  if (fillMs > 0) pool.warmup = { ...pool.warmup, filledOverMs: fillMs };
  options.onStart?.(startedAtUnixMs, pool.warmup);
  pool.machine = watchMachine();
  pool.threads.tell({ type: 'start', epochNs, fillMs });
  pool.failureTimer = setInterval(() => stopEarly(pool, epochNs), FAILURE_WATCH_MS);
}

/** Stops a run whose service is dead or fails too often. */
function stopEarly({ earlyEnd, threads, live }: Pool, epochNs: bigint): void {
  const step = earlyEnd.check(readFigures(live), Number(monotonicNs() - epochNs) / 1e6);
  if (step === 'stop') threads.tell({ type: 'stop' });
  // The grace is for answers that are on their way; none may be when the service is gone.
  if (step === 'cancel') threads.tell({ type: 'stop', graceMs: 0 });
}

function stop(pool: Pool, graceMs?: number): void {
  if (pool.isSettled) return;
  pool.isInterrupted = true;
  // Nothing has been sent that counts: there is nothing to wait for.
  if (pool.epochNs === null) finish(pool);
  else pool.threads.tell({ type: 'stop', graceMs });
}

/** Ends the run with what the workers have handed in. */
function finish(pool: Pool): void {
  if (pool.isSettled) return;
  const end = mergeEnds(pool.finished, pool.isInterrupted, pool.machine?.());
  const why = pool.earlyEnd.verdict?.why;
  settle(pool, () =>
    pool.resolve({
      end: why === undefined ? end : { ...end, stoppedEarly: why },
      warmup: pool.warmup,
      startedAtUnixMs: pool.startedAtUnixMs ?? Date.now(),
    }),
  );
}
