/** The warm start: runs the hot path before the run, so that the first responses are not sent and read by cold code. */
import { monotonicNs, type RunClock } from '../core/clock.ts';
import type { Plan, ScheduleSpec } from '../core/plan.ts';
import { createSchedule } from '../schedules/registry.ts';
import { startStandIn } from './stand-in.ts';
import type { Alarm } from './timing/alarm.ts';
import { createLoop, type Loop } from './timing/loop.ts';
import { createNextTurn } from './timing/next-turn.ts';
import { createCursors, createWork } from './timing/work.ts';
import type { AttemptEnd } from './wire/attempt-end.ts';
import type { Client } from './wire/client.ts';
import { createWorkerClient, type WorkerClientParts } from './worker-client.ts';

/**
 * Enough for V8 to compile the hot functions. Code that was compiled for one set of closures is of no use to another,
 * which is the run's, so there are two rounds. The third collects the garbage, which would otherwise take code along
 * when it is collected in the run.
 */
export const WARM_START_ROUNDS = 3;
const REQUESTS = 1500;
const CONNECTIONS = 16;
/** A round takes some 0.1 s. Where the host is too busy for that, or has no sockets to spare, the run may as well start cold. */
const MAX_ROUND_MS = 1000;
/** Slow enough that the pacer has to ring, as it does in a run. */
const PACED_RPS = 10_000;
const closedSchedule: ScheduleSpec = { kind: 'closed', requests: REQUESTS, limit: CONNECTIONS };
const pacedSchedule: ScheduleSpec = {
  kind: 'rate',
  requests: REQUESTS,
  limit: CONNECTIONS,
  requestsPerS: PACED_RPS,
  burstiness: 0,
  seed: 0,
};
const timeouts = { connectMs: 1000, silenceMs: 1000, stallMs: 1000, totalMs: 1000 };
const share = { index: 0, count: 1 };

interface WarmStartOptions {
  plan: Plan;
  /** The run's schedule is paced. */
  paced: boolean;
  /** Those of the run: whatever the warm start leaves in them must be cleared. */
  parts: WorkerClientParts & { clock: RunClock };
  createAlarm(epochNs: bigint): Alarm;
  onEnd(end: AttemptEnd, readyMs: number): void;
}

/** Has to live as long as the compiled code is to be used: V8 throws code away with the objects for which it was compiled. */
export interface WarmStart {
  /** One run, settled when it is over. */
  round(): Promise<void>;
  close(): void;
}

/**
 * Asks a stand-in for the service, in this very thread, over real sockets. At 10,000 sends a second the first
 * 200 ms of a run were up to 14 ms late without it, and where both threads share a core the first batch cost up
 * to 30 ms.
 */
export async function prepareWarmStart(options: WarmStartOptions): Promise<WarmStart> {
  const standIn = await startStandIn(options.parts.protocol);
  // Without it the run starts cold, which is no reason not to start.
  if (standIn === null) return { round: async () => {}, close: () => {} };
  const plan = makePlan(standIn.port, options);
  const rounds: FinishedRound[] = [];
  return {
    async round() {
      const round = await runOnce(plan, options);
      // At once, because code for sockets that are all open is thrown away when the first one closes.
      round.client.close();
      rounds.push(round);
    },
    close: standIn.close,
  };
}

interface FinishedRound {
  client: Client;
  loop: Loop;
}

async function runOnce(plan: Plan, { parts, createAlarm, onEnd }: WarmStartOptions): Promise<FinishedRound> {
  const { clock, protocol } = parts;
  const client = createWorkerClient(plan, parts);
  await client.openAhead(CONNECTIONS);
  const epochNs = monotonicNs();
  clock.startAt(epochNs);
  const loop = createLoop({
    schedule: createSchedule(plan.schedule),
    share,
    work: createWork(share, REQUESTS, createCursors(1)),
    clock,
    alarm: createAlarm(epochNs),
    sender: client,
    retries: 0,
    retryPause: () => 0,
    nextTurn: createNextTurn(plan, protocol),
    graceMs: () => 0,
    fill: undefined,
    hold: undefined,
    onEnd,
    soon: setImmediate,
  });
  const tooLong = setTimeout(() => loop.stop(0), MAX_ROUND_MS);
  await loop.run();
  clearTimeout(tooLong);
  return { client, loop };
}

/** The same run, as far as code is concerned, of short requests to the stand-in. */
function makePlan(port: number, { plan, paced }: WarmStartOptions): Plan {
  const body = Buffer.from('{"prompt":"prime"}');
  const bytes = new SharedArrayBuffer(body.length);
  new Uint8Array(bytes).set(body);
  const offsets = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(offsets)[1] = body.length;
  return {
    ...plan,
    target: { ...plan.target, url: `http://127.0.0.1:${port}/`, stream: true, apiKey: '' },
    schedule: paced ? pacedSchedule : closedSchedule,
    bodies: { count: 1, bytes, offsets },
    conversations: undefined,
    timeouts,
  };
}
