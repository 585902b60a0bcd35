/** What a worker does before the run: it sends warm-ups, opens connections, and runs its own code warm. */
import type { FailedWarmup } from '../core/run.ts';
import { watchHealth } from './health/watch-health.ts';
import type { WarmupCount } from './messages.ts';
import { sendPrimers } from './primers.ts';
import { addWarmups } from './run-result.ts';
import { slotsOf } from './timing/work.ts';
import { prepareWarmStart, WARM_START_ROUNDS } from './warm-start.ts';
import { sendWarmups, type WarmupOptions } from './warmups.ts';
import { createAlarm, publishFigures, type WorkerState } from './worker-state.ts';

/** Slots that open later than this get their connection when they need it. */
const AHEAD_MS = 1000;
/**
 * Opening a connection while streams run costs their stamps (connect() alone took up to 12 ms here, and a
 * growing heap is collected), so slots get theirs before time zero. Beyond this many it is no longer cheap.
 */
const MAX_AHEAD = 4096;

/** Ends with a message that the worker is warm. */
export async function prepareWorker(state: WorkerState): Promise<void> {
  const warmup = await sendUnrecorded(state);
  // When every warm-up failed the run will not start: the service need not be troubled any further.
  if (warmup.total === 0 || warmup.ok > 0) {
    await state.client.openAhead(countConnectionsAhead(state));
    await startWarm(state);
  }
  state.post({ type: 'warm', warmup });
}

/** Sends the cache primers, which only the first worker has, and then the warm-ups. */
async function sendUnrecorded(state: WorkerState): Promise<WarmupCount> {
  const { client, plan, share, schedule, tally } = state;
  const indices = Array.from({ length: plan.warmups }, (_, i) => i).filter(
    (i) => i % share.count === share.index,
  );
  const options: Omit<WarmupOptions, 'onOne'> = {
    slots: slotsOf(share, schedule.limit),
    retries: plan.retries,
    waitMs: plan.warmupWaitMs ?? 0,
    retryPause: state.retryPause,
    onWait: (failed: FailedWarmup) => state.post({ type: 'waiting', failed }),
    now: state.parts.clock.now,
    later: (ms, act) => void setTimeout(act, ms),
  };
  const primers = share.index === 0 ? await sendPrimers(client, plan, { ...options, onOne() {} }) : null;
  const warmups = await sendWarmups(client, indices, {
    ...options,
    onOne() {
      tally.figures.warmupDone++;
      publishFigures(state);
    },
  });
  return primers === null ? warmups : addWarmups(primers, warmups);
}

function countConnectionsAhead({ schedule, share }: WorkerState): number {
  const slots = slotsOf(share, schedule.limit);
  let soon = 0;
  while (soon < slots && schedule.slotOpensAt(soon * share.count + share.index) <= AHEAD_MS) soon++;
  const ownRequests = Math.ceil(schedule.requests / share.count);
  return Math.min(soon, ownRequests, MAX_AHEAD);
}

/**
 * Everything that a run does is done before it; nothing of it may be left. The connections of the run are open
 * by then: what opening them allocates would be collected after the warm start, and compiled code with it.
 */
async function startWarm(state: WorkerState): Promise<void> {
  const { plan, schedule, parts, batches, tally, share } = state;
  const { sockets } = parts.turns;
  const warmStart = await prepareWarmStart({
    plan,
    paced: schedule.paced,
    parts,
    createAlarm: (epochNs) => createAlarm(state, epochNs),
    onEnd: tally.count,
  });
  for (let round = 1; round <= WARM_START_ROUNDS; round++) {
    const watch = watchHealth(parts.turns);
    tally.health = watch;
    batches.collectsNext = round === WARM_START_ROUNDS;
    await warmStart.round();
    watch.end(share.index, 0, parts.counters);
  }
  // A round that was cut short may have filled no batch.
  batches.collectIfDue();
  warmStart.close();
  state.warmStart = warmStart;
  batches.type = 'batch';
  tally.health = null;
  parts.turns.sockets = sockets;
  parts.recorder.take();
  tally.clear();
}
