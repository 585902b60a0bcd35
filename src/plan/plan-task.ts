/** From a resolved task and its samples to the plan that workers get. */

import { isSalted } from '../config/flags/cache-policy.ts';
import type { ModelConfig, RunConfig } from '../config/run-config.ts';
import { MIN_RATE } from '../config/schemas.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Plan, ScheduleSpec } from '../core/plan.ts';
import type { Sample } from '../core/protocol.ts';
import { type Encoding, encodeBodies, encodeSalted } from './encode-bodies.ts';
import type { Salting } from './salt-task.ts';

/** A service that is loading is waited for so long, where nothing else was said. */
export const DEFAULT_WAIT_MS = 60_000;
const STREAMS_PER_WORKER = 500;
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 600_000;

/** What is sent: rows as they stand in the data, and what their requests begin with. */
export interface Content extends Encoding {
  samples: readonly Sample[];
  salting: Salting;
}

export function planTask(config: RunConfig, model: ModelConfig, content: Content): Plan {
  const { protocol, target, samples } = content;
  const schedule = scheduleOf(config, model, samples);
  const fillFirst = config.rampMs === 'e2el' && (schedule.kind === 'closed' || schedule.kind === 'pressure');
  // Fewer than the slots would tell how long a request takes in a service that has little to do.
  const warmups = config.warmups ?? (fillFirst ? model.batchSize : 1);
  return {
    seed: config.seed,
    target,
    path: model.endpoint ?? protocol.path(target),
    headers: samples.length > 0 ? protocol.encode(samples[0], target).headers : {},
    schedule,
    ...bodiesOf(content, fillFirst ? warmups + FILLERS_PER_SLOT * model.batchSize : warmups),
    ...conversationsOf(content),
    warmups,
    warmupWaitMs: config.waitMs ?? DEFAULT_WAIT_MS,
    fillFirst,
    retries: model.retries,
    timeouts: {
      connectMs: CONNECT_TIMEOUT_MS,
      silenceMs: SILENCE_TIMEOUT_MS,
      stallMs: config.stallMs,
      totalMs: config.requestTimeoutMs,
    },
    maxErrorPct: config.maxErrorPct,
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

/** Where requests fill the slots first, a slot sends two or so; more of them are sent with other salts. */
const FILLERS_PER_SLOT = 2;

/** @param unmeasured How many different requests are wanted that are not measured. */
function bodiesOf(
  content: Content,
  unmeasured: number,
): Pick<Plan, 'bodies' | 'unmeasured' | 'primers' | 'salt'> {
  const { samples, salting } = content;
  const { places, source: salt, primers } = salting;
  if (!isSalted(salting.use.policy)) {
    const bodies = encodeBodies(samples, content);
    if (unmeasured === 0) return { bodies };
    return { bodies, unmeasured: encodeSalted(spread(samples, unmeasured), content, places), salt };
  }
  const bodies = encodeSalted(samples, content, places);
  if (primers.length === 0) return { bodies, salt };
  const parts = primers.map(({ prompt }, at) => ({ id: String(at), prompt, maxOutTokens: 1 }));
  return { bodies, salt, primers: encodeBodies(parts, content) };
}

/** So many rows, from all over the data. */
function spread(rows: readonly Sample[], count: number): Sample[] {
  const taken = Math.min(count, rows.length);
  return Array.from({ length: taken }, (_, at) => rows[Math.floor((at * rows.length) / taken)]);
}

/** Copies: a row may write its prompt only when asked for it, and workers are given plain data. */
function conversationsOf({ samples, salting }: Content): Pick<Plan, 'conversations'> {
  const salted = isSalted(salting.use.policy);
  if (!samples.some(({ followUps }) => followUps !== undefined)) return {};
  return {
    conversations: samples.map((row) => ({
      id: row.id,
      prompt: row.prompt,
      followUps: row.followUps,
      maxOutTokens: row.maxOutTokens,
      adapter: row.adapter,
      salt: salted ? salting.places(row) : null,
    })),
  };
}

function scheduleOf(config: RunConfig, model: ModelConfig, samples: readonly Sample[]): ScheduleSpec {
  const limit = model.batchSize;
  const requests = samples.length;
  const maxTimeMs = config.untilPrecise?.maxTimeMs;
  if (config.pressure) {
    return pressure(config, model, maxTimeMs ?? config.pressure.durationMs);
  }
  if (maxTimeMs !== undefined) return untilPrecise(config, model, maxTimeMs);
  if (model.useTimestamp) return timestamps(limit, samples);
  const ramp = model.traffic.ramp;
  if (!ramp && model.requestsPerS < MIN_RATE) {
    const { rampMs } = config;
    return { kind: 'closed', requests, limit, ...(typeof rampMs === 'number' && { rampMs }) };
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
  if (config.rampMs !== null) return { ...spec, clientsPerS: slotsPerS(config, model.batchSize) };
  if (burstiness === 0 && !ramp) return spec;
  const together = ramp && {
    ...ramp,
    startRps: ramp.startRps * processes,
    endRps: ramp.endRps * processes,
  };
  return { ...spec, traffic: { burstiness, ...(together ? { ramp: together } : {}) }, seed: config.seed };
}

/** How fast the slots open; 0: all of them with the run. */
function slotsPerS({ rampMs }: RunConfig, slots: number): number {
  return typeof rampMs === 'number' ? (1000 * slots) / rampMs : 0;
}

/** Arrivals beyond the longest time to measure, as a share of it, for the hold. */
const HOLD_SHARE = 0.5;

/** The data are cycled: all slots at once, or arrivals at the configured rate. */
function untilPrecise(config: RunConfig, model: ModelConfig, durationMs: number): ScheduleSpec {
  const { batchSize: limit, requestsPerS, traffic, useTimestamp } = model;
  if (useTimestamp || traffic.ramp) {
    throw new UserError(
      EXIT.usage,
      `--until-precise: ${model.abbr} sends ${useTimestamp ? 'at the timestamps of its dataset' : 'along a ramp'}, so its load never becomes steady`,
      { hint: 'Use a constant request_rate, or none for a closed loop.' },
    );
  }
  if (requestsPerS < MIN_RATE) {
    return { kind: 'pressure', limit, clientsPerS: slotsPerS(config, limit), durationMs };
  }
  return {
    kind: 'rate',
    requests: Math.ceil((requestsPerS * durationMs * (1 + HOLD_SHARE)) / 1000) + 1,
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
      `use_timestamp is on, but row ${missing} of the dataset has no timestamp`,
      { hint: 'Set use_timestamp to false, or use a dataset whose rows have a `timestamp`.' },
    );
  }
  return { kind: 'timestamps', limit, atMs: Float64Array.from(samples, (s) => s.timestampMs!) };
}
