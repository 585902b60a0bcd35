/** The inference service behind the HTTP routes: takes request bodies, runs the engine, answers. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { Protocol, SimRequest } from '../core/protocol.ts';
import { seededRandom } from '../core/random.ts';
import { isRefusal, limitAnswer, type Refusal, type Understood, understand } from './admission.ts';
import type { Answering } from './answering.ts';
import { type Behavior, plainBehavior } from './behavior.ts';
import { createDriver, type Driver } from './driver.ts';
import { createEngine, type Engine, type Sequence } from './engine.ts';
import { faultsOf } from './faults.ts';
import { type Answer, drawAnswer } from './generation.ts';
import { faster } from './law.ts';
import type { SimOptions } from './options.ts';
import { createPrefixCache, type PrefixCache } from './prefix-cache.ts';
import { type Job, passTokens } from './progress.ts';
import { sendError } from './replies.ts';
import { createMetrics, type Metrics } from './service-metrics.ts';
import { createSpeculation, noDrafts } from './speculation.ts';
import { answerStreamed } from './streamed.ts';
import {
  createTruthLog,
  type SimTruth,
  type TruthEntry,
  type TruthLog,
  type TruthOutcome,
  truthJson,
} from './truth.ts';
import { answerWhole } from './whole.ts';

/** One complete inference request. */
interface Incoming {
  /** The dialects that share the path. */
  protocols: readonly Protocol[];
  path: string;
  body: string;
  http: ServerResponse;
  /** When it had been read, on the service's clock. */
  arrivalMs: number;
}

export interface Service {
  take(incoming: Incoming): void;
  metricsText(): string;
  truth(): SimTruth;
  truthPieces(): Iterable<string>;
  forgetTruth(): void;
  stop(): void;
}

interface ServiceParts {
  options: SimOptions;
  clock: Clock;
  /** Zero of the clock, on the machine's monotonic clock. */
  baseNs: bigint;
  /** Resets the response's connection and stops listening for a time (0: goes on listening). */
  refuse(http: ServerResponse, forMs: number): void;
}

interface State extends ServiceParts {
  readonly engine: Engine<Job>;
  readonly driver: Driver;
  readonly log: TruthLog;
  readonly metrics: Metrics;
  readonly prefixes: PrefixCache;
}

export function createService(parts: ServiceParts): Service {
  const { options, clock } = parts;
  const engine = createEngine<Job>(faster(options.law, options.speed), options.maxLagMs);
  const metrics = createMetrics(options.speculation);
  const log = createTruthLog(options.truthTokens);
  const service: State = {
    ...parts,
    engine,
    driver: createDriver(engine, clock, (sequences, nowMs) => passTokens(metrics, sequences, nowMs)),
    log,
    metrics,
    prefixes: createPrefixCache(options.prefixBlockTokens),
  };
  return {
    take: (incoming) => take(service, incoming),
    metricsText: () =>
      metrics.text(options.model, {
        running: engine.running(),
        waiting: engine.waiting(),
        kvUsage: engine.kvTokensUsed() / options.law.kvCacheTokens,
      }),
    truth: () => ({ ...truthHead(service), requests: [...log.requests()] }),
    truthPieces: () => truthJson(truthHead(service), log.requests()),
    forgetTruth: () => log.reset(),
    stop: () => service.driver.stop(),
  };
}

function truthHead({ baseNs, engine, driver, log }: State): Omit<SimTruth, 'requests'> {
  return {
    baseMonotonicNs: String(baseNs),
    engine: {
      steps: engine.stepsDone(),
      meanLateMs: driver.meanLateMs(),
      maxLateMs: driver.maxLateMs(),
      slippedMs: engine.slippedMs(),
    },
    dropped: log.dropped(),
  };
}

function take(service: State, incoming: Incoming): void {
  const { options, log } = service;
  const { http } = incoming;
  const entry = log.open(incoming.path, incoming.arrivalMs);
  const admitted = admit(options, incoming, entry);
  if (isRefusal(admitted)) {
    conclude(service, entry, 'failed', admitted.status);
    sendError(http, admitted.status, admitted.message, entry.id);
    return;
  }
  const { request, limit } = admitted;
  const answer = drawAnswer(options.seed, request, limit, options.answerLength);
  const behavior = drawBehavior(options, request, answer, entry);
  if (isTurnedAway(service, behavior, entry, http)) return;
  lookUp(service, request.prompt, entry);
  start(service, { ...admitted, http, answer, behavior, entry });
}

interface Admitted extends Understood {
  /** How many tokens the answer may have. */
  limit: number;
}

/** Reads the request and notes in the record what it asks for. */
function admit(options: SimOptions, incoming: Incoming, entry: TruthEntry): Admitted | Refusal {
  const { protocols, path, body } = incoming;
  const understood = understand(protocols, path, body, options);
  if (isRefusal(understood)) return understood;
  const { request } = understood;
  entry.stream = request.stream;
  entry.promptTokens = options.countTokens(request.prompt) + options.imageTokens * (request.media ?? 0);
  const limit = limitAnswer(request, entry.promptTokens, options);
  return isRefusal(limit) ? limit : { ...understood, limit };
}

/** With the faults that hit this request. */
function drawBehavior(options: SimOptions, request: SimRequest, answer: Answer, entry: TruthEntry): Behavior {
  const faults = faultsOf(options.faults, entry.number, options.seed, answer.tokens);
  entry.faults = faults.kinds;
  return { ...plainBehavior, toolCall: request.callsTool === true, ...faults.change };
}

/** Rejects or refuses the request when its behavior says so. */
function isTurnedAway(
  service: State,
  { rejection, refusal }: Behavior,
  entry: TruthEntry,
  http: ServerResponse,
): boolean {
  if (refusal !== null) {
    conclude(service, entry, 'failed', 0);
    service.refuse(http, refusal.listenAgainAfterMs);
    return true;
  }
  if (rejection === null) return false;
  conclude(service, entry, 'failed', rejection.status);
  const own = { 'content-type': 'application/json', 'x-request-id': entry.id };
  http.writeHead(rejection.status, { ...own, ...rejection.headers });
  http.end(rejection.body);
  return true;
}

/** With a cache, prompts are cached from their arrival on, and what was cached is not computed again. */
function lookUp({ options, prefixes, metrics }: State, prompt: string, entry: TruthEntry): void {
  if (options.prefixBlockTokens === 0) return;
  entry.cachedTokens = prefixes.take(prompt);
  metrics.prefix(entry.promptTokens, entry.cachedTokens);
}

interface Admission extends Admitted, Pick<Answering, 'http' | 'answer' | 'behavior' | 'entry'> {}

/** Puts the request into the engine's queue; from there its tokens go to its answer. */
function start(service: State, admission: Admission): void {
  const { engine, log } = service;
  const { http, entry, answer, limit } = admission;
  const answering = createAnswering(service, admission, (outcome) => end(service, sequence, outcome));
  if (entry.stream) log.reserve(entry, answer.tokens);
  const sink = entry.stream ? answerStreamed(answering) : answerWhole(answering);
  const sequence: Sequence<Job> = engine.arrive({
    owner: { sink, entry, answer, lastTokenMs: Number.NaN, speculate: speculateFor(service.options, entry) },
    promptTokens: entry.promptTokens,
    cachedTokens: entry.cachedTokens,
    outputTokens: answer.tokens,
    reservedTokens: entry.promptTokens + limit,
    arrivalMs: entry.arrivalMs,
  });
  http.on('close', () => {
    sink.close();
    end(service, sequence, 'client-closed');
  });
  service.driver.wake();
}

function createAnswering(
  service: State,
  { protocol, request, http, answer, behavior, entry }: Admission,
  onEnd: Answering['onEnd'],
): Answering {
  const { options, clock } = service;
  const cached = options.reportCachedTokens ? { cachedTokens: entry.cachedTokens } : {};
  const usage = { inTokens: entry.promptTokens, outTokens: answer.tokens, ...cached };
  const tellsUsage = behavior.usage && request.includeUsage;
  const createdUnixS = Math.floor(Date.now() / 1000);
  return {
    http,
    protocol,
    head: { id: entry.id, model: request.model || options.model, createdUnixS },
    behavior,
    answer,
    usage: tellsUsage ? usage : null,
    continuousUsage: tellsUsage && request.continuousUsage === true,
    entry,
    clock,
    random: seededRandom(options.seed, `wire:${entry.number}`),
    onSpoilt: () => conclude(service, entry, 'failed', entry.status),
    onEnd,
  };
}

function speculateFor({ speculation, seed }: SimOptions, entry: TruthEntry): Job['speculate'] {
  if (speculation === null) return null;
  entry.speculation = noDrafts(speculation);
  return createSpeculation(speculation, seededRandom(seed, `drafts:${entry.number}`));
}

/** Concludes the record, and gives the place in the batch back when tokens are left to generate. */
function end(service: State, sequence: Sequence<Job>, outcome: TruthOutcome): void {
  const { entry } = sequence.owner;
  conclude(service, entry, outcome, entry.status);
  if (sequence.generated === sequence.outputTokens || sequence.cancelled) return;
  service.engine.cancel(sequence);
  service.metrics.finished('abort', 0);
}

/** Only the first outcome counts. */
function conclude({ clock }: State, entry: TruthEntry, outcome: TruthOutcome, status: number): void {
  if (entry.outcome !== 'open') return;
  entry.outcome = outcome;
  entry.status = status;
  if (Number.isNaN(entry.endMs)) entry.endMs = clock.now();
}
