/** One measurement of what this host adds: the built-in service and the load engine, and both sides' stamps. */
import { distributionOf } from '../../../analysis/stats.ts';
import { EXIT, UserError } from '../../../core/errors.ts';
import type { Plan } from '../../../core/plan.ts';
import type { Target } from '../../../core/protocol.ts';
import type { RecordBatch } from '../../../core/records.ts';
import type { RunEnd } from '../../../core/run.ts';
import { startLoad } from '../../../load/pool.ts';
import { packBodies } from '../../../plan/encode-bodies.ts';
import { openaiChat } from '../../../protocols/openai-chat.ts';
import type { SimTruth } from '../../../sim/truth.ts';
import { startChildSim } from '../../host/child-sim.ts';
import { type Host, loadWorkerUrl } from '../../host/host.ts';
import { type StampErrors, stampErrors } from './stamp-errors.ts';

export interface CalibrationLoad {
  streams: number;
  /** Of each stream. All streams speak in the same instant, as those of a batching engine do. */
  tokensPerS: number;
  seconds: number;
  workers: number;
}

export interface CalibrationRow {
  streams: number;
  tokensPerS: number;
  workers: number;
  /** Error of the client's stamps of tokens, ms. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** What the client's own watch said of the same run: the most a stamp can have waited, P99. */
  ownP99Ms: number;
  /** Of the busiest worker, as a share of one core. */
  cpuShare: number;
  /** Events that one core could take in if all of it went to workers at this load. */
  eventsPerCpuS: number;
  service: ServiceNoise;
}

/** How well the service kept to its own law: a late step is the machine's fault, not the client's. */
interface ServiceNoise {
  meanLateMs: number;
  maxLateMs: number;
  /** Tokens sent in time, as a share of the intended rate. */
  kept: number;
}

/** The start of all streams in one instant is no steady state. */
const SKIP_MS = 500;
const MORE_THAN_ENOUGH = 1_000_000_000;

/** A quiet machine fires the service's step timer 0.1 to 0.2 ms late on average. */
export const QUIET_LATE_MS = 0.5;

/** Below this share of its intended rate the service, not the client, is what is measured. */
export const SERVICE_KEPT = 0.95;

/** True when the row speaks of the client: the machine was quiet and the service kept its rate. */
export function isQuiet({ service }: CalibrationRow): boolean {
  return service.kept >= SERVICE_KEPT && service.meanLateMs <= QUIET_LATE_MS;
}

/** Starts a service of its own, so that nothing of an earlier run is left in it. */
export async function measureStamps(host: Host, load: CalibrationLoad): Promise<CalibrationRow> {
  const tokens = Math.ceil((load.tokensPerS * (load.seconds * 1000 + SKIP_MS)) / 1000);
  const sim = await startChildSim(host, ['--options', JSON.stringify(serviceOptions(load, tokens))]);
  try {
    const batches: RecordBatch[] = [];
    const run = startLoad(planOf(sim.url, load.streams, tokens), {
      workers: load.workers,
      workerUrl: loadWorkerUrl(host),
      onBatch: (batch) => batches.push(batch),
    });
    const { end } = await run.done;
    const truth = (await (await fetch(new URL('truth', sim.url))).json()) as SimTruth;
    return calibrationRow(load, {
      tokens,
      errors: stampErrors(batches, truth, run.epochNs!, SKIP_MS),
      truth,
      end,
    });
  } finally {
    await sim.stop();
  }
}

function serviceOptions({ streams, tokensPerS }: CalibrationLoad, tokens: number) {
  return {
    law: {
      stepBaseMs: 1000 / tokensPerS,
      stepPerSequenceMs: 0,
      prefillPerTokenMs: 0,
      maxRunning: streams,
      prefillTokensPerStep: MORE_THAN_ENOUGH,
      kvCacheTokens: MORE_THAN_ENOUGH,
    },
    maxModelLen: tokens + 1000,
    truthTokens: streams * (tokens + 100) * 2,
  };
}

function planOf(url: string, streams: number, tokens: number): Plan {
  const target: Target = {
    protocol: 'openai_chat',
    url,
    model: '',
    stream: true,
    maxOutTokens: tokens,
    generation: { ignore_eos: true },
    apiKey: '',
  };
  const call = openaiChat.encode({ id: '0', prompt: 'calibrate' }, target);
  return {
    seed: 0,
    target,
    path: openaiChat.path(target),
    headers: call.headers,
    schedule: { kind: 'closed', requests: streams, limit: streams },
    bodies: packBodies([call.body]),
    warmups: 0,
    retries: 0,
    timeouts: { connectMs: 10_000, silenceMs: 30_000, stallMs: 30_000, totalMs: null },
    maxErrorPct: 100,
    graceMs: null,
    holdMs: 0,
    keepText: false,
    verify: false,
  };
}

/** What a load has shown. */
interface Measured {
  /** Of each stream. */
  tokens: number;
  errors: StampErrors;
  truth: SimTruth;
  end: RunEnd;
}

function calibrationRow(
  { streams, tokensPerS, workers }: CalibrationLoad,
  { tokens, errors: { errorsMs, unmatched }, truth, end }: Measured,
): CalibrationRow {
  if (unmatched > 0 || truth.requests.length !== streams || errorsMs.length === 0) {
    throw new UserError(
      EXIT.failed,
      `Of ${streams} streams of ${tokens} tokens, ${truth.requests.length} reached the built-in service and ${unmatched} returned incomplete`,
      { hint: 'Calibrate with fewer streams (--concurrency).' },
    );
  }
  const errors = distributionOf(errorsMs);
  const { health } = end;
  const cpuMs = health.reduce((sum, w) => sum + w.cpuMs, 0);
  const { meanLateMs, maxLateMs } = truth.engine;
  return {
    streams,
    tokensPerS,
    workers,
    p50Ms: errors.quantile(0.5),
    p99Ms: errors.quantile(0.99),
    maxMs: errors.max,
    ownP99Ms: Math.max(...health.map((w) => w.watch?.stampWait.p99Ms ?? 0)),
    cpuShare: Math.max(...health.map((w) => w.cpuMs / w.wallMs)),
    eventsPerCpuS: health.reduce((sum, w) => sum + w.events, 0) / (cpuMs / 1000),
    service: { meanLateMs, maxLateMs, kept: keptShare(truth, tokens, tokensPerS) },
  };
}

/** Every stream should take (tokens − 1) steps from its first token to its last. */
function keptShare(truth: SimTruth, tokens: number, tokensPerS: number): number {
  const intendedNs = ((tokens - 1) / tokensPerS) * 1e9;
  const took = truth.requests.map((r) => (r.tokenNs.at(-1) ?? 0) - (r.firstTokenNs ?? 0));
  return intendedNs / Math.max(intendedNs, distributionOf(Float64Array.from(took)).quantile(0.5));
}
