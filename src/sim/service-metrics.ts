/** Prometheus text under vLLM's metric names, so that what reads a vLLM server's metrics reads these. */
import {
  createHistogram,
  escapeLabel,
  type Histogram,
  histogramSamples,
  metricText,
  observe,
} from './prometheus.ts';
import { countDraft, type DraftCounts, noDrafts, type SpeculationLaw } from './speculation.ts';

/** Upper bounds in seconds, close to the ones vLLM uses. */
const firstTokenBounds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160,
];
const tokenGapBounds = [
  0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5,
];
const requestBounds = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960];

type FinishedReason = 'stop' | 'length' | 'abort';

interface Gauges {
  running: number;
  waiting: number;
  /** 0 … 1. */
  kvUsage: number;
}

export interface Metrics {
  /** A request was admitted after it had waited for `queueMs`. */
  admitted(queueMs: number): void;
  firstToken(promptTokens: number, ttftMs: number): void;
  /** A prompt was looked up in the prefix cache. */
  prefix(promptTokens: number, cachedTokens: number): void;
  nextToken(gapMs: number): void;
  /** A draft was verified; so many of its guesses were accepted, from the first on. */
  draft(accepted: number): void;
  finished(reason: FinishedReason, e2eMs: number): void;
  text(modelName: string, gauges: Gauges): string;
}

/** Everything that is counted. */
interface Counts {
  readonly queueTime: Histogram;
  readonly firstTokenTime: Histogram;
  readonly tokenGap: Histogram;
  readonly requestTime: Histogram;
  readonly finished: Record<FinishedReason, number>;
  /** Null without speculative decoding. */
  readonly drafts: DraftCounts | null;
  promptTokens: number;
  generationTokens: number;
  prefixQueries: number;
  prefixHits: number;
}

/** `speculation`: the draft counters are served too, from 0 on. */
export function createMetrics(speculation: SpeculationLaw | null): Metrics {
  const counts: Counts = {
    queueTime: createHistogram(requestBounds),
    firstTokenTime: createHistogram(firstTokenBounds),
    tokenGap: createHistogram(tokenGapBounds),
    requestTime: createHistogram(requestBounds),
    finished: { stop: 0, length: 0, abort: 0 },
    drafts: speculation && noDrafts(speculation),
    promptTokens: 0,
    generationTokens: 0,
    prefixQueries: 0,
    prefixHits: 0,
  };
  return {
    admitted: (queueMs) => observe(counts.queueTime, queueMs / 1000),
    firstToken(promptTokens, ttftMs) {
      counts.promptTokens += promptTokens;
      counts.generationTokens++;
      observe(counts.firstTokenTime, ttftMs / 1000);
    },
    prefix(promptTokens, cachedTokens) {
      counts.prefixQueries += promptTokens;
      counts.prefixHits += cachedTokens;
    },
    nextToken(gapMs) {
      counts.generationTokens++;
      observe(counts.tokenGap, gapMs / 1000);
    },
    draft(accepted) {
      if (counts.drafts) countDraft(counts.drafts, accepted);
    },
    finished(reason, e2eMs) {
      counts.finished[reason]++;
      if (reason !== 'abort') observe(counts.requestTime, e2eMs / 1000);
    },
    text: (modelName, gauges) => countsText(counts, gauges, labelFor(modelName)),
  };
}

function labelFor(modelName: string): string {
  return `engine="0",model_name="${escapeLabel(modelName)}"`;
}

function countsText(counts: Counts, gauges: Gauges, label: string): string {
  const one = (name: string, type: 'gauge' | 'counter', help: string, value: number) =>
    metricText(`vllm:${name}`, type, help, `vllm:${name}{${label}} ${value}\n`);
  const many = (name: string, help: string, histogram: Histogram) =>
    metricText(`vllm:${name}`, 'histogram', help, histogramSamples(`vllm:${name}`, label, histogram));
  return [
    one('num_requests_running', 'gauge', 'Sequences in the running batch.', gauges.running),
    one('num_requests_waiting', 'gauge', 'Requests in the waiting queue.', gauges.waiting),
    one('kv_cache_usage_perc', 'gauge', 'Reserved share of the KV cache, 1 is all.', gauges.kvUsage),
    one('gpu_cache_usage_perc', 'gauge', 'The same under its older name.', gauges.kvUsage),
    one('prompt_tokens_total', 'counter', 'Prompt tokens prefilled.', counts.promptTokens),
    one('generation_tokens_total', 'counter', 'Tokens generated.', counts.generationTokens),
    one(
      'prefix_cache_queries_total',
      'counter',
      'Prompt tokens looked up in the cache.',
      counts.prefixQueries,
    ),
    one('prefix_cache_hits_total', 'counter', 'Of these, the ones found.', counts.prefixHits),
    successText(counts.finished, label),
    counts.drafts ? draftText(label, counts.drafts) : '',
    many('request_queue_time_seconds', 'Arrival to admission.', counts.queueTime),
    many('time_to_first_token_seconds', 'Arrival to first token.', counts.firstTokenTime),
    many('inter_token_latency_seconds', 'Gap between tokens of a request.', counts.tokenGap),
    many('time_per_output_token_seconds', 'The same under its older name.', counts.tokenGap),
    many('e2e_request_latency_seconds', 'Arrival to last token.', counts.requestTime),
  ].join('');
}

function successText(finished: Counts['finished'], label: string): string {
  const name = 'vllm:request_success_total';
  const samples = Object.entries(finished).map(
    ([reason, count]) => `${name}{${label},finished_reason="${reason}"} ${count}\n`,
  );
  return metricText(name, 'counter', 'Finished requests by reason.', samples.join(''));
}

function draftText(label: string, { drafts, acceptedAt }: DraftCounts): string {
  const prefix = 'vllm:spec_decode_num';
  const counter = (what: string, help: string, samples: string) =>
    metricText(`${prefix}_${what}`, 'counter', help, samples);
  const one = (what: string, help: string, value: number) =>
    counter(what, help, `${prefix}_${what}{${label}} ${value}\n`);
  const accepted = acceptedAt.reduce((sum, n) => sum + n, 0);
  const perPosition = acceptedAt.map(
    (n, at) => `${prefix}_accepted_tokens_per_pos_total{${label},position="${at}"} ${n}\n`,
  );
  return [
    one('drafts_total', 'Drafts verified.', drafts),
    one('draft_tokens_total', 'Tokens guessed.', drafts * acceptedAt.length),
    one('accepted_tokens_total', 'Of these, the ones that were accepted.', accepted),
    counter('accepted_tokens_per_pos_total', 'The same by place in the draft.', perPosition.join('')),
  ].join('');
}
