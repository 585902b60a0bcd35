/** From a resolved task and its samples to the plan that workers get. */

import type { ModelConfig, RunConfig } from '../config/run-config.ts';
import { LEAST_RATE } from '../config/schemas.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Plan, ScheduleSpec } from '../core/plan.ts';
import type { Protocol, Sample, Target } from '../core/protocol.ts';

const STREAMS_PER_WORKER = 500;
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 600_000;

/** Encodes every sample's body once, before the run, into memory that all workers share. */
export function planTask(
  config: RunConfig,
  model: ModelConfig,
  protocol: Protocol,
  target: Target,
  samples: readonly Sample[],
): Plan {
  const schedule = scheduleOf(config, model, samples);
  const fillFirst = config.rampS === 'e2el' && (schedule.kind === 'closed' || schedule.kind === 'pressure');
  return {
    seed: config.seed,
    target,
    path: model.endpoint ?? protocol.path(target),
    headers: samples.length > 0 ? protocol.encode(samples[0], target).headers : {},
    schedule,
    bodies: packBodies(bodiesOf(samples, protocol, target)),
    ...conversationsOf(samples),
    // Fewer than the slots would tell how long a request takes in a service that has little to do.
    warmups: config.warmups ?? (fillFirst ? model.batchSize : 1),
    fillFirst,
    retries: model.retries,
    timeouts: {
      connectMs: CONNECT_TIMEOUT_MS,
      silenceMs: SILENCE_TIMEOUT_MS,
      totalMs: config.requestTimeoutMs,
    },
    graceMs: config.graceMs,
    holdMs: config.holdMs ?? (config.pressure || config.untilPrecise ? null : 0),
    keepText: config.keepText,
    verify: config.verify,
  };
}

/**
 * Worker threads for a task: as configured, else one per 500 streams, leaving a core to the rest of
 * the machine. Never more than there are slots.
 */
export function workerCount(configured: number, batchSize: number, cores: number): number {
  const wanted =
    configured > 0 ? configured : Math.min(Math.ceil(batchSize / STREAMS_PER_WORKER), Math.max(1, cores - 1));
  return Math.max(1, Math.min(wanted, batchSize));
}

/** Copies: a row may write its prompt only when asked for it, and workers are given plain data. */
function conversationsOf(samples: readonly Sample[]): Pick<Plan, 'conversations'> {
  if (!samples.some(({ followUps }) => followUps !== undefined)) return {};
  return {
    conversations: samples.map(({ id, prompt, followUps, maxOutTokens, adapter }) => ({
      id,
      prompt,
      followUps,
      maxOutTokens,
      adapter,
    })),
  };
}

function scheduleOf(config: RunConfig, model: ModelConfig, samples: readonly Sample[]): ScheduleSpec {
  const limit = model.batchSize;
  const requests = samples.length;
  const maxTimeS = config.untilPrecise?.maxTimeS;
  if (config.pressure) {
    return pressure(config, model, (maxTimeS ?? config.pressure.durationS) * 1000);
  }
  if (maxTimeS !== undefined) return untilPrecise(config, model, maxTimeS);
  if (model.useTimestamp) return timestamps(limit, samples);
  const ramp = model.traffic.ramp;
  if (!ramp && model.requestsPerS < LEAST_RATE) {
    const { rampS } = config;
    return { kind: 'closed', requests, limit, ...(typeof rampS === 'number' && { rampMs: rampS * 1000 }) };
  }
  return {
    kind: 'rate',
    requests,
    limit,
    requestsPerS: model.requestsPerS,
    burstiness: model.traffic.burstiness,
    ...(ramp ? { ramp } : heldArrivals(config, model)),
    seed: config.seed,
  };
}

/** As many as the longest hold has room for. */
function heldArrivals({ holdMs }: RunConfig, { requestsPerS }: ModelConfig): { held?: number } {
  return holdMs ? { held: Math.ceil((requestsPerS * holdMs) / 1000) } : {};
}

/** The document: clients are added at request_rate per process, WORKERS_NUM processes; so is a ramp. */
function pressure(config: RunConfig, model: ModelConfig, durationMs: number): ScheduleSpec {
  const processes = Math.max(1, config.workers);
  const { burstiness, ramp } = model.traffic;
  const clientsPerS = model.requestsPerS * processes;
  const spec = { kind: 'pressure', limit: model.batchSize, clientsPerS, durationMs } as const;
  if (config.rampS !== null) return { ...spec, clientsPerS: slotsPerS(config, model.batchSize) };
  if (burstiness === 0 && !ramp) return spec;
  const together = ramp && {
    ...ramp,
    startRps: ramp.startRps * processes,
    endRps: ramp.endRps * processes,
  };
  return { ...spec, traffic: { burstiness, ...(together ? { ramp: together } : {}) }, seed: config.seed };
}

/** How fast the slots open; 0: all of them with the run. */
function slotsPerS({ rampS }: RunConfig, slots: number): number {
  return typeof rampS === 'number' ? slots / rampS : 0;
}

/** Arrivals beyond the longest time to measure, as a share of it, for the hold. */
const HOLD_SHARE = 0.5;

/** The data are cycled: all slots at once, or arrivals at the configured rate. */
function untilPrecise(config: RunConfig, model: ModelConfig, maxTimeS: number): ScheduleSpec {
  const { batchSize: limit, requestsPerS, traffic, useTimestamp } = model;
  const durationMs = maxTimeS * 1000;
  if (useTimestamp || traffic.ramp) {
    throw new UserError(
      EXIT.usage,
      `--until-precise: ${model.abbr} sends ${useTimestamp ? 'at the time stamps of its data' : 'along a ramp'}, so its load never settles`,
      { hint: 'Use a constant request_rate, or none for a closed loop.' },
    );
  }
  if (requestsPerS < LEAST_RATE) {
    return { kind: 'pressure', limit, clientsPerS: slotsPerS(config, limit), durationMs };
  }
  return {
    kind: 'rate',
    requests: Math.ceil(requestsPerS * maxTimeS * (1 + HOLD_SHARE)) + 1,
    limit,
    requestsPerS,
    burstiness: traffic.burstiness,
    durationMs,
    seed: config.seed,
  };
}

function timestamps(limit: number, samples: readonly Sample[]): ScheduleSpec {
  const missing = samples.findIndex((s) => s.timestampMs === undefined);
  if (missing >= 0) {
    throw new UserError(
      EXIT.usage,
      `use_timestamp is on, but row ${missing} of the data set has no time stamp`,
      { hint: 'Set use_timestamp to false, or use a data set whose rows carry `timestamp`.' },
    );
  }
  return { kind: 'timestamps', limit, atMs: Float64Array.from(samples, (s) => s.timestampMs!) };
}

/** One at a time: the texts of a long trace would not fit into the heap together. */
function* bodiesOf(samples: readonly Sample[], protocol: Protocol, target: Target): Iterable<string> {
  for (const sample of samples) yield protocol.encode(sample, target).body;
}

export function packBodies(bodies: Iterable<string>): Plan['bodies'] {
  const encoded = Array.from(bodies, (b) => Buffer.from(b, 'utf8'));
  const total = encoded.reduce((sum, b) => sum + b.length, 0);
  const bytes = new SharedArrayBuffer(total);
  const offsets = new SharedArrayBuffer((encoded.length + 1) * 8);
  const all = new Uint8Array(bytes);
  const starts = new Float64Array(offsets);
  let at = 0;
  encoded.forEach((b, i) => {
    all.set(b, at);
    at += b.length;
    starts[i + 1] = at;
  });
  return { count: encoded.length, bytes, offsets };
}
