/** Token counts of an answer, field by field, from every place where services are known to put them. */

import { isObject, type JsonObject } from '../core/json-object.ts';
import type { Usage } from '../core/protocol.ts';
import { UNKNOWN_TOKENS } from '../core/records.ts';

const NUMERAL = /^\s*\d+(\.0*)?\s*$/;

/** A token count, also when it is written as a text; undefined for whatever is none. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMERAL.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number)) return undefined;
  const count = number as number;
  // Adding 0 makes a 0 of a -0.
  return count >= 0 && count < UNKNOWN_TOKENS ? count + 0 : undefined;
}

/** The counts of an OpenAI-like answer: of `usage`, and what that leaves open from other places; undefined without any. */
export function readUsage(answer: JsonObject): Usage | undefined {
  return firstCounts([...usageObjects(answer).map(countsIn), timingsIn(answer.timings)]);
}

/** Each count from the first of `sources` that knows it. */
export function firstCounts(sources: readonly Usage[]): Usage | undefined {
  const usage: Usage = {};
  for (const { inTokens, outTokens, cachedTokens } of sources) {
    if (inTokens !== undefined) usage.inTokens ??= inTokens;
    if (outTokens !== undefined) usage.outTokens ??= outTokens;
    if (cachedTokens !== undefined) usage.cachedTokens ??= cachedTokens;
  }
  return Object.keys(usage).length > 0 ? usage : undefined;
}

/** OpenAI's place, a choice's (Moonshot), Groq's, Anthropic's, SGLang's. */
function usageObjects(answer: JsonObject): JsonObject[] {
  const { usage, choices, x_groq: groq, message, meta_info: meta } = answer;
  const ofChoices = Array.isArray(choices) ? choices.map((choice) => inside(choice, 'usage')) : [];
  return [usage, ...ofChoices, inside(groq, 'usage'), inside(message, 'usage'), meta].filter(isObject);
}

function inside(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

function countsIn(usage: JsonObject): Usage {
  const cached = [
    inside(usage.prompt_tokens_details, 'cached_tokens'),
    inside(usage.input_tokens_details, 'cached_tokens'),
    usage.cache_read_input_tokens,
    usage.prompt_cache_hit_tokens,
    usage.cached_tokens,
  ];
  return {
    inTokens: countOf(usage.prompt_tokens) ?? inputTokens(usage),
    outTokens: countOf(usage.completion_tokens) ?? countOf(usage.output_tokens),
    cachedTokens: firstCount(cached),
  };
}

/** Anthropic's `input_tokens` are without those that its cache wrote or read. */
function inputTokens(usage: JsonObject): number | undefined {
  return sumOf(usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens);
}

/** llama.cpp's: `prompt_n` is without what was in its cache. */
function timingsIn(timings: unknown): Usage {
  if (!isObject(timings)) return {};
  return {
    inTokens: sumOf(timings.prompt_n, timings.cache_n),
    outTokens: countOf(timings.predicted_n),
    cachedTokens: countOf(timings.cache_n),
  };
}

/** Undefined without a first count, or when the sum is more than a count can be. */
function sumOf(first: unknown, ...more: unknown[]): number | undefined {
  const count = countOf(first);
  if (count === undefined) return undefined;
  return countOf(more.reduce((sum: number, value) => sum + (countOf(value) ?? 0), count));
}

function firstCount(values: readonly unknown[]): number | undefined {
  for (const value of values) {
    const count = countOf(value);
    if (count !== undefined) return count;
  }
  return undefined;
}
