/** What the two OpenAI dialects share: the frame around every answer, and the request's common fields. */
import type { Delta, SimResponse, Usage } from '../core/protocol.ts';
import {
  appendError,
  appendUsage,
  isObject,
  type JsonObject,
  parseObject,
  requestObject,
} from './json-body.ts';

/** The end of an address that names one of OpenAI's endpoints, or the root of all of them. */
export const openaiEnding = /(^|\/)v1(\/(chat\/completions|completions|models|embeddings|responses))?$/i;

// --- client side -------------------------------------------------------------------------------

/** Reads one event or body. `choiceDelta` reads what the dialect keeps inside a choice. */
export function readAnswer(
  data: string,
  choiceDelta: (choice: JsonObject, into: Delta, place: string) => void,
): Delta {
  const answer = parseObject(data);
  const delta: Delta = {};
  if (typeof answer.id === 'string' && answer.id !== '') delta.id = answer.id;
  if (Array.isArray(answer.choices)) {
    for (const [i, choice] of answer.choices.entries()) {
      if (!isObject(choice)) continue;
      choiceDelta(choice, delta, `choices[${i}]`);
      if (typeof choice.finish_reason === 'string') delta.finish = choice.finish_reason;
    }
  }
  if (delta.text !== undefined || delta.reasoning !== undefined || delta.tool !== undefined)
    delete delta.stray;
  appendUsage(answer, delta);
  appendError(answer, delta);
  return delta;
}

// --- service side ------------------------------------------------------------------------------

/** The parsed request and the fields that both dialects read alike. */
export function readRequest(body: string) {
  const request = requestObject(body);
  const options = isObject(request.stream_options) ? request.stream_options : {};
  return {
    request,
    model: typeof request.model === 'string' ? request.model : '',
    stream: request.stream === true,
    ignoreEos: request.ignore_eos === true,
    includeUsage: request.stream !== true || options.include_usage === true,
    ...(options.continuous_usage_stats === true && { continuousUsage: true }),
    seed: typeof request.seed === 'number' ? request.seed : undefined,
  };
}

/** One `data:` payload; `choice` is null for an event that has none (usage only). */
export function writeEvent(
  object: string,
  choice: JsonObject | null,
  delta: Delta,
  response: SimResponse,
): string {
  if (delta.done) return '[DONE]';
  if (delta.error !== undefined) return writeError(delta.error);
  return JSON.stringify({
    ...head(object, response),
    choices: choice ? [{ index: 0, ...choice, logprobs: null, finish_reason: delta.finish ?? null }] : [],
    ...(delta.usage && { usage: writeUsage(delta.usage) }),
  });
}

export function writeBody(object: string, choice: JsonObject, delta: Delta, response: SimResponse): string {
  if (delta.error !== undefined) return writeError(delta.error);
  return JSON.stringify({
    ...head(object, response),
    choices: [{ index: 0, ...choice, logprobs: null, finish_reason: delta.finish ?? null }],
    ...(delta.usage && { usage: writeUsage(delta.usage) }),
  });
}

function head(object: string, response: SimResponse): JsonObject {
  return { id: response.id, object, created: response.createdUnixS, model: response.model };
}

function writeUsage({ inTokens = 0, outTokens = 0, cachedTokens }: Usage): JsonObject {
  return {
    prompt_tokens: inTokens,
    total_tokens: inTokens + outTokens,
    completion_tokens: outTokens,
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
  };
}

function writeError(message: string): string {
  return JSON.stringify({ error: { message, type: 'InternalServerError', param: null, code: 500 } });
}
