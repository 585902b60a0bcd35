/** The inference service behind the HTTP routes: takes request bodies, runs the engine, answers. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { Protocol, SimRequest } from '../core/protocol.ts';
import { seededRandom } from '../core/random.ts';
import type { Answering, TokenSink } from './answering.ts';
import { type Behaviour, plainBehaviour } from './behaviour.ts';
import { createDriver } from './driver.ts';
import { createEngine, type Sequence } from './engine.ts';
import { faultsOf } from './faults.ts';
import { type Answer, drawAnswer } from './generation.ts';
import { faster } from './law.ts';
import { createMetrics } from './metrics.ts';
import type { SimOptions } from './options.ts';
import { createPrefixCache } from './prefix-cache.ts';
import { sendError } from './replies.ts';
import { countDraft, createSpeculation, noDrafts } from './speculation.ts';
import { answerStreamed } from './streamed.ts';
import { createTruthLog, type SimTruth, type TruthEntry, type TruthOutcome, truthJson } from './truth.ts';
import { answerWhole } from './whole.ts';

export interface Service {
  /**
   * Takes one complete inference request that had been read at `arrivalMs` of the service's clock. Of the
   * dialects that share its path, the first that understands the body answers.
   */
  take(
    protocols: readonly Protocol[],
    path: string,
    body: string,
    http: ServerResponse,
    arrivalMs: number,
  ): void;
  metricsText(): string;
  truth(): SimTruth;
  truthPieces(): Iterable<string>;
  forgetTruth(): void;
  stop(): void;
}

interface Refusal {
  status: number;
  message: string;
}

interface Understood {
  protocol: Protocol;
  request: SimRequest;
}

interface Job {
  sink: TokenSink;
  entry: TruthEntry;
  answer: Answer;
  lastTokenMs: number;
  /** Told of each token; null: no speculative decoding. */
  speculate: (() => number | null) | null;
}

/** `refuse` resets the response's connection and stops listening for a time (0: goes on listening). */
export function createService(
  options: SimOptions,
  clock: Clock,
  baseNs: bigint,
  refuse: (http: ServerResponse, forMs: number) => void,
): Service {
  const law = faster(options.law, options.speed);
  const engine = createEngine<Job>(law, options.maxLagMs);
  const driver = createDriver(engine, clock, onTokens);
  const log = createTruthLog(options.truthTokens);
  const metrics = createMetrics(options.speculation);
  const prefixes = createPrefixCache(options.prefixBlockTokens);

  function take(
    protocols: readonly Protocol[],
    path: string,
    body: string,
    http: ServerResponse,
    arrivalMs: number,
  ): void {
    const entry = log.open(path, arrivalMs);
    const understood = understand(protocols, path, body);
    if (isRefusal(understood)) {
      refuseWith(understood, entry, http);
      return;
    }
    const { protocol, request } = understood;
    entry.stream = request.stream;
    entry.promptTokens = options.countTokens(request.prompt) + options.imageTokens * (request.media ?? 0);
    const limit = limitOf(request, entry.promptTokens);
    if (isRefusal(limit)) {
      refuseWith(limit, entry, http);
      return;
    }
    const answer = drawAnswer(options.seed, request, limit, options.answerLength);
    const faults = faultsOf(options.faults, entry.number, options.seed, answer.tokens);
    entry.faults = faults.kinds;
    const behaviour = { ...plainBehaviour, toolCall: request.callsTool === true, ...faults.change };
    if (turnedAway(behaviour, entry, http)) return;
    lookUp(request.prompt, entry);
    const cached = options.reportCachedTokens ? { cachedTokens: entry.cachedTokens } : {};
    const usage = { inTokens: entry.promptTokens, outTokens: answer.tokens, ...cached };
    const told = behaviour.usage && request.includeUsage;
    start(limit, {
      http,
      protocol,
      head: { id: entry.id, model: request.model || options.model, createdUnixS: unixSeconds() },
      behaviour,
      answer,
      usage: told ? usage : null,
      continuousUsage: told && request.continuousUsage === true,
      entry,
      clock,
      random: seededRandom(options.seed, `wire:${entry.number}`),
    });
  }

  /** With a cache, prompts are cached from their arrival on, and what was cached is not computed again. */
  function lookUp(prompt: string, entry: TruthEntry): void {
    if (options.prefixBlockTokens === 0) return;
    entry.cachedTokens = prefixes.take(prompt);
    metrics.prefix(entry.promptTokens, entry.cachedTokens);
  }

  function understand(protocols: readonly Protocol[], path: string, body: string): Understood | Refusal {
    const problems = new Set<string>();
    for (const protocol of protocols) {
      try {
        const request = protocol.accept(path, body);
        const known = request.model === '' || request.model === options.model || !options.strictModel;
        return known
          ? { protocol, request }
          : { status: 404, message: `The model \`${request.model}\` does not exist.` };
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
        problems.add(error.message);
      }
    }
    return { status: 400, message: [...problems].join(', or ') };
  }

  /** Most tokens the answer may have: what was asked for, or else what the context leaves. */
  function limitOf({ maxTokens }: SimRequest, promptTokens: number): number | Refusal {
    const room = options.maxModelLen - promptTokens;
    const limit = maxTokens === Number.POSITIVE_INFINITY ? room : maxTokens;
    if (limit < 1 || limit > room) {
      const asked = `${promptTokens} of prompt and ${Math.max(1, limit)} of answer`;
      return { status: 400, message: `The context holds ${options.maxModelLen} tokens, not ${asked}.` };
    }
    const needed = promptTokens + limit;
    if (needed <= law.kvCacheTokens) return limit;
    return { status: 400, message: `The KV cache holds ${law.kvCacheTokens} tokens, not ${needed}.` };
  }

  function refuseWith({ status, message }: Refusal, entry: TruthEntry, http: ServerResponse): void {
    settle(entry, 'failed', status);
    sendError(http, status, message, entry.id);
  }

  function turnedAway({ rejection, refusal }: Behaviour, entry: TruthEntry, http: ServerResponse): boolean {
    if (refusal !== null) {
      settle(entry, 'failed', 0);
      refuse(http, refusal.listenAgainAfterMs);
      return true;
    }
    if (rejection === null) return false;
    settle(entry, 'failed', rejection.status);
    http.writeHead(rejection.status, {
      'content-type': 'application/json',
      'x-request-id': entry.id,
      ...rejection.headers,
    });
    http.end(rejection.body);
    return true;
  }

  function start(limit: number, given: Omit<Answering, 'onSpoilt' | 'onEnd'>): void {
    const { http, entry, answer } = given;
    const answering: Answering = {
      ...given,
      onSpoilt: () => settle(entry, 'failed', entry.status),
      onEnd: (outcome) => conclude(outcome),
    };
    if (entry.stream) log.reserve(entry, answer.tokens);
    const sink = entry.stream ? answerStreamed(answering) : answerWhole(answering);
    const sequence = engine.arrive({
      owner: { sink, entry, answer, lastTokenMs: Number.NaN, speculate: speculationOf(entry) },
      promptTokens: entry.promptTokens,
      cachedTokens: entry.cachedTokens,
      outputTokens: answer.tokens,
      reservedTokens: entry.promptTokens + limit,
      arrivalMs: entry.arrivalMs,
    });
    http.on('close', () => {
      sink.close();
      conclude('client-closed');
    });
    driver.wake();

    /** Settles the record, and gives the place in the batch back when tokens are left to generate. */
    function conclude(outcome: TruthOutcome): void {
      settle(entry, outcome, entry.status);
      if (sequence.generated === sequence.outputTokens || sequence.cancelled) return;
      engine.cancel(sequence);
      metrics.finished('abort', 0);
    }
  }

  function settle(entry: TruthEntry, outcome: TruthOutcome, status: number): void {
    if (entry.outcome !== 'open') return;
    entry.outcome = outcome;
    entry.status = status;
    if (Number.isNaN(entry.endMs)) entry.endMs = clock.now();
  }

  function onTokens(sequences: readonly Sequence<Job>[], nowMs: number): void {
    for (const sequence of sequences) {
      const { owner: job } = sequence;
      if (sequence.generated === 1) {
        job.entry.admittedMs = sequence.admittedMs;
        metrics.admitted(sequence.admittedMs - sequence.arrivalMs);
        metrics.firstToken(sequence.promptTokens, nowMs - sequence.arrivalMs);
      } else {
        metrics.nextToken(nowMs - job.lastTokenMs);
      }
      job.lastTokenMs = nowMs;
      draft(job);
      job.sink.token();
      if (sequence.generated === sequence.outputTokens) {
        metrics.finished(job.answer.finish, nowMs - sequence.arrivalMs);
      }
    }
  }

  function speculationOf(entry: TruthEntry): Job['speculate'] {
    if (options.speculation === null) return null;
    entry.speculation = noDrafts(options.speculation);
    return createSpeculation(options.speculation, seededRandom(options.seed, `drafts:${entry.number}`));
  }

  function draft({ speculate, entry }: Job): void {
    const held = speculate?.();
    if (held === undefined || held === null) return;
    metrics.draft(held);
    if (entry.speculation) countDraft(entry.speculation, held);
  }

  function truthHead(): Omit<SimTruth, 'requests'> {
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

  return {
    take,
    metricsText: () =>
      metrics.text(options.model, {
        running: engine.running(),
        waiting: engine.waiting(),
        kvUsage: engine.kvTokensUsed() / law.kvCacheTokens,
      }),
    truth: () => ({ ...truthHead(), requests: [...log.requests()] }),
    truthPieces: () => truthJson(truthHead(), log.requests()),
    forgetTruth: () => log.reset(),
    stop: () => driver.stop(),
  };
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'status' in value;
}

function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
