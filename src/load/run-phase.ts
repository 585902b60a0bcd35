/** What a worker does from the common start on: it sends its share, hands out batches, and reports. */
import { watchHealth } from './health/watch-health.ts';
import { owedElsewhere, slowestOf } from './live-figures.ts';
import type { Fill } from './timing/fill.ts';
import type { Hold } from './timing/hold.ts';
import { createLoop, type Loop } from './timing/loop.ts';
import { createNextTurn } from './timing/next-turn.ts';
import { createWork } from './timing/work.ts';
import { noReads } from './wire/connection.ts';
import { createAlarm, publishFigures, type WorkerState } from './worker-state.ts';

/** Each batch takes a core from somebody while the main thread reads it; a run that is killed loses what was not handed out. */
const BATCH_MS = 800;
const LIVE_MS = 100;
/** Automatic grace: as long as the slowest request so far, but at least this. */
const MIN_GRACE_MS = 30_000;
/** Automatic hold: so many times as long as the slowest request so far. */
const HOLD_SPANS = 3;

/** Ends with a message that the worker has finished. `fillMs` 0: the slots are not filled before time zero. */
export async function runWorker(state: WorkerState, epochNs: bigint, fillMs: number): Promise<void> {
  const { parts, batches, tally, share } = state;
  parts.clock.startAt(epochNs);
  Object.assign(parts.counters, noReads());
  const health = watchHealth(parts.turns);
  tally.health = health;
  const loop = createRunLoop(state, epochNs, fillMs);
  state.loop = loop;
  const timers = [setInterval(batches.post, BATCH_MS), setInterval(() => publishFigures(state), LIVE_MS)];
  const end = await loop.run();
  for (const timer of timers) clearInterval(timer);
  state.client.close();
  publishFigures(state);
  batches.post();
  state.post({
    type: 'finished',
    end,
    endMs: tally.endMs,
    resent: parts.counters.resent,
    health: health.end(share.index, end.issued, parts.counters),
  });
}

function createRunLoop(state: WorkerState, epochNs: bigint, fillMs: number): Loop {
  const { data, plan, share, schedule, parts, tally } = state;
  return createLoop({
    schedule,
    share,
    work: createWork(share, schedule.requests + (schedule.held ?? 0), data.cursors),
    clock: parts.clock,
    alarm: createAlarm(state, epochNs),
    sender: state.client,
    retries: plan.retries,
    retryPause: state.retryPause,
    nextTurn: createNextTurn(plan, parts.protocol),
    graceMs: () => plan.graceMs ?? Math.max(MIN_GRACE_MS, slowestMs(state)),
    fill: fillMs > 0 ? createFill(state, fillMs) : undefined,
    hold: plan.holdMs === 0 ? undefined : createHold(state),
    onEnd: tally.count,
    soon: setImmediate,
  });
}

function slowestMs({ data, tally }: WorkerState): number {
  return Math.max(slowestOf(data.live), tally.figures.slowestMs);
}

function createHold(state: WorkerState): Hold {
  const { data, plan } = state;
  return {
    maxMs: () => plan.holdMs ?? HOLD_SPANS * slowestMs(state),
    owedElsewhere: () => owedElsewhere(data.live, data.worker),
  };
}

/** Fill requests use the bodies from the last one on and are numbered after the warm-ups: no two of them have one salt. */
function createFill({ plan, share }: WorkerState, overMs: number): Fill {
  const { count } = plan.unmeasured ?? plan.bodies;
  return {
    overMs,
    job(n) {
      const number = share.index + share.count * n;
      const passes = Math.ceil(plan.warmups / count) + Math.floor(number / count);
      const index = (passes + 1) * count - 1 - (number % count);
      return { index, turn: 0, attempt: 0, due: 0, measured: false };
    },
  };
}
