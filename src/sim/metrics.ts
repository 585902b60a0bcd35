/** Prometheus text under vLLM's metric names, so that what reads a vLLM server's metrics reads these. */

import { countDraft, type DraftCounts, noDrafts, type SpeculationLaw } from './speculation.ts';

interface Histogram {
  bounds: readonly number[];
  /** One per bound and one for everything above; not yet cumulative. */
  counts: Float64Array;
  sum: number;
}

/** Upper bounds in seconds, close to the ones vLLM uses. */
const firstTokenBounds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160,
];
const tokenGapBounds = [
  0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5,
];
const requestBounds = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960];

export type FinishedReason = 'stop' | 'length' | 'abort';

export interface Gauges {
  running: number;
  waiting: number;
  /** 0 … 1. */
  kvUsage: number;
}

export interface Metrics {
  /** A request was admitted after waiting for so long, in ms. */
  admitted(queueMs: number): void;
  firstToken(promptTokens: number, ttftMs: number): void;
  /** A prompt was looked up in the prefix cache. */
  prefix(promptTokens: number, cachedTokens: number): void;
  nextToken(gapMs: number): void;
  /** A draft was verified; so many of its guesses held, from the first on. */
  draft(held: number): void;
  finished(reason: FinishedReason, e2eMs: number): void;
  text(modelName: string, gauges: Gauges): string;
}

/** `speculation`: the draft counters are served too, from 0 on. */
export function createMetrics(speculation: SpeculationLaw | null): Metrics {
  const queueTime = histogram(requestBounds);
  const firstTokenTime = histogram(firstTokenBounds);
  const tokenGap = histogram(tokenGapBounds);
  const requestTime = histogram(requestBounds);
  const finished: Record<FinishedReason, number> = { stop: 0, length: 0, abort: 0 };
  const drafts = speculation && noDrafts(speculation);
  let promptTokens = 0;
  let generationTokens = 0;
  let prefixQueries = 0;
  let prefixHits = 0;

  return {
    admitted: (queueMs) => observe(queueTime, queueMs / 1000),
    firstToken(prompt, ttftMs) {
      promptTokens += prompt;
      generationTokens++;
      observe(firstTokenTime, ttftMs / 1000);
    },
    prefix(prompt, cached) {
      prefixQueries += prompt;
      prefixHits += cached;
    },
    nextToken(gapMs) {
      generationTokens++;
      observe(tokenGap, gapMs / 1000);
    },
    draft(held) {
      if (drafts) countDraft(drafts, held);
    },
    finished(reason, e2eMs) {
      finished[reason]++;
      if (reason !== 'abort') observe(requestTime, e2eMs / 1000);
    },
    text(modelName, gauges) {
      const label = `engine="0",model_name="${escapeLabel(modelName)}"`;
      const one = (name: string, type: 'gauge' | 'counter', help: string, value: number) =>
        `# HELP vllm:${name} ${help}\n# TYPE vllm:${name} ${type}\nvllm:${name}{${label}} ${value}\n`;
      const many = (name: string, help: string, h: Histogram) =>
        `# HELP vllm:${name} ${help}\n# TYPE vllm:${name} histogram\n${histogramText(`vllm:${name}`, label, h)}`;
      const success = Object.entries(finished)
        .map(
          ([reason, count]) => `vllm:request_success_total{${label},finished_reason="${reason}"} ${count}\n`,
        )
        .join('');
      return [
        one('num_requests_running', 'gauge', 'Sequences in the running batch.', gauges.running),
        one('num_requests_waiting', 'gauge', 'Requests in the waiting queue.', gauges.waiting),
        one('kv_cache_usage_perc', 'gauge', 'Reserved share of the KV cache, 1 is all.', gauges.kvUsage),
        one('gpu_cache_usage_perc', 'gauge', 'The same under its older name.', gauges.kvUsage),
        one('prompt_tokens_total', 'counter', 'Prompt tokens prefilled.', promptTokens),
        one('generation_tokens_total', 'counter', 'Tokens generated.', generationTokens),
        one('prefix_cache_queries_total', 'counter', 'Prompt tokens looked up in the cache.', prefixQueries),
        one('prefix_cache_hits_total', 'counter', 'Of these, the ones found.', prefixHits),
        '# HELP vllm:request_success_total Finished requests by reason.\n',
        '# TYPE vllm:request_success_total counter\n',
        success,
        drafts ? draftText(label, drafts) : '',
        many('request_queue_time_seconds', 'Arrival to admission.', queueTime),
        many('time_to_first_token_seconds', 'Arrival to first token.', firstTokenTime),
        many('inter_token_latency_seconds', 'Gap between tokens of a request.', tokenGap),
        many('time_per_output_token_seconds', 'The same under its older name.', tokenGap),
        many('e2e_request_latency_seconds', 'Arrival to last token.', requestTime),
      ].join('');
    },
  };
}

function draftText(label: string, { drafts, acceptedAt }: DraftCounts): string {
  const name = 'vllm:spec_decode_num';
  const counter = (what: string, help: string, lines: string) =>
    `# HELP ${name}_${what} ${help}\n# TYPE ${name}_${what} counter\n${lines}`;
  const one = (what: string, help: string, value: number) =>
    counter(what, help, `${name}_${what}{${label}} ${value}\n`);
  const accepted = acceptedAt.reduce((sum, n) => sum + n, 0);
  const perPosition = acceptedAt.map(
    (n, at) => `${name}_accepted_tokens_per_pos_total{${label},position="${at}"} ${n}\n`,
  );
  return [
    one('drafts_total', 'Drafts verified.', drafts),
    one('draft_tokens_total', 'Tokens guessed.', drafts * acceptedAt.length),
    one('accepted_tokens_total', 'Of these, the ones that held.', accepted),
    counter('accepted_tokens_per_pos_total', 'The same by place in the draft.', perPosition.join('')),
  ].join('');
}

function histogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: new Float64Array(bounds.length + 1), sum: 0 };
}

function observe(h: Histogram, seconds: number): void {
  let at = 0;
  while (at < h.bounds.length && seconds > h.bounds[at]) at++;
  h.counts[at]++;
  h.sum += seconds;
}

function histogramText(name: string, label: string, h: Histogram): string {
  let total = 0;
  const buckets = [...h.bounds.map(String), '+Inf'].map((bound, i) => {
    total += h.counts[i];
    return `${name}_bucket{${label},le="${bound}"} ${total}\n`;
  });
  return `${buckets.join('')}${name}_sum{${label}} ${h.sum}\n${name}_count{${label}} ${total}\n`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
