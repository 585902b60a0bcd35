/** What the phases of a load worker share. */
import { createRunClock, type RunClock } from '../core/clock.ts';
import type { Plan, Schedule, Share } from '../core/plan.ts';
import { seededRandom } from '../core/random.ts';
import { type ProtocolName, protocols } from '../protocols/registry.ts';
import { createSchedule } from '../schedules/registry.ts';
import { type Batches, createBatches } from './batches.ts';
import { publish } from './live-figures.ts';
import type { PostMessage, ThreadData } from './messages.ts';
import { createTally, type Tally } from './tally.ts';
import { type Alarm, timerAlarm } from './timing/alarm.ts';
import type { Loop } from './timing/loop.ts';
import { pacerAlarm } from './timing/pacer.ts';
import { createRetryPause, type RetryPause } from './timing/retry-pause.ts';
import type { WarmStart } from './warm-start.ts';
import type { Client } from './wire/client.ts';
import { noReads } from './wire/connection.ts';
import { createRecorder } from './wire/recorder.ts';
import { createTurnWatch } from './wire/turn-watch.ts';
import { createWorkerClient, type WorkerClientParts } from './worker-client.ts';

/** An attempt that has been in flight for this long will not turn out to be one of the errors that a service answers at once. */
const LONG_MS = 5000;

export interface WorkerState {
  readonly data: Extract<ThreadData, { role: 'load' }>;
  readonly plan: Plan;
  readonly share: Share;
  readonly schedule: Schedule;
  /** What its client is made of. The warm start makes one of the same parts. */
  readonly parts: WorkerClientParts & { clock: RunClock };
  readonly client: Client;
  readonly retryPause: RetryPause;
  readonly batches: Batches;
  readonly tally: Tally;
  readonly post: PostMessage;
  /** Kept to the end, see `WarmStart`. */
  warmStart: WarmStart | null;
  /** Null before the run. */
  loop: Loop | null;
}

export function createWorkerState(data: WorkerState['data'], post: PostMessage): WorkerState {
  const { plan, worker, workers } = data;
  const recorder = createRecorder(worker);
  // Readings before the common start count from here; the start sets the zero of all workers.
  const clock = createRunClock();
  const parts = {
    protocol: protocols[plan.target.protocol as ProtocolName],
    clock,
    recorder,
    counters: noReads(),
    turns: createTurnWatch({ now: clock.now, afterTurn: setImmediate }),
    onNotice: (text: string) => post({ type: 'notice', text }),
  };
  const batches = createBatches(recorder, post);
  const retryPause = createRetryPause(seededRandom(plan.seed, `retry:${worker}`).next);
  return {
    data,
    plan,
    share: { index: worker, count: workers },
    schedule: createSchedule(plan.schedule),
    parts,
    client: createWorkerClient(plan, parts),
    retryPause,
    batches,
    tally: createTally({ retries: plan.retries, retryPause, onCounted: batches.postIfFull }),
    post,
    warmStart: null,
    loop: null,
  };
}

/** The alarm of a run whose time zero is `epochNs`. */
export function createAlarm({ data, parts }: WorkerState, epochNs: bigint): Alarm {
  const { pacer, worker, workers } = data;
  if (pacer === null) return timerAlarm(parts.clock);
  return pacerAlarm({ memory: pacer, workers, worker }, parts.clock, epochNs);
}

/** Writes the figures of the worker where everybody can read them. */
export function publishFigures({ data, parts, client, tally, loop }: WorkerState): void {
  const { figures } = tally;
  if (loop !== null) {
    figures.posted = loop.figures.posted;
    figures.inFlight = loop.figures.inFlight;
    figures.owed = loop.figures.owed;
    figures.retried = loop.figures.retried;
    figures.issuing = Number(loop.figures.issuing);
    figures.outputs = parts.counters.outputs;
    figures.bytesIn = parts.counters.bytesIn;
    const now = parts.clock.now();
    figures.waiting = Number(now < tally.askedUntilMs || now - client.oldestMs() > LONG_MS);
  }
  publish(data.live, data.worker, figures);
}
