/** What the two OpenAI dialects share: headers, generation options, and the frame around every answer. */
import type { Delta, Sample, SimResponse, Target, Usage } from '../core/protocol.ts';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// --- client side -------------------------------------------------------------------------------

export function requestHeaders(target: Target): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: target.stream ? 'text/event-stream' : 'application/json',
  };
  if (target.apiKey !== '') headers.authorization = `Bearer ${target.apiKey}`;
  return headers;
}

/**
 * The generation options that are set. Configs write `seed = None` for "the service's default", and a
 * null means the same in this API for every option that admits it, while some services reject the null
 * itself; so leaving the key out is the one spelling that all of them take.
 */
export function generationOptions(target: Target): JsonObject {
  return Object.fromEntries(Object.entries(target.generation).filter(([, value]) => value != null));
}

/** A row's own limit wins over the model's; 0 stands for "not said". */
export function maxTokensOf(sample: Sample, target: Target): number {
  return sample.maxOutTokens || target.maxOutTokens;
}

/** Reads one event or body. `choiceDelta` reads what the dialect keeps inside a choice. */
export function readAnswer(data: string, choiceDelta: (choice: JsonObject, into: Delta) => void): Delta {
  const answer: unknown = JSON.parse(data);
  if (!isObject(answer)) return {};
  const delta: Delta = {};
  if (typeof answer.id === 'string' && answer.id !== '') delta.id = answer.id;
  if (Array.isArray(answer.choices)) {
    for (const choice of answer.choices) {
      if (!isObject(choice)) continue;
      choiceDelta(choice, delta);
      if (typeof choice.finish_reason === 'string') delta.finish = choice.finish_reason;
    }
  }
  const usage = readUsage(answer.usage);
  if (usage) delta.usage = usage;
  const error = readError(answer);
  if (error !== undefined) delta.error = error;
  return delta;
}

/** Appends to one of the text fields; an empty text is no output and leaves the field absent. */
export function append(into: Delta, field: 'text' | 'reasoning' | 'tool', text: string): void {
  if (text !== '') into[field] = (into[field] ?? '') + text;
}

/** A text, or a list of text parts as some services send it; '' for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const { prompt_tokens: inTokens, completion_tokens: outTokens } = usage;
  return isCount(inTokens) && isCount(outTokens) ? { inTokens, outTokens } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** `{"error": {"message"}}`, `{"error": "text"}`, or vLLM's older `{"object": "error", "message"}`. */
function readError(answer: JsonObject): string | undefined {
  const { error } = answer;
  if (isObject(error)) return typeof error.message === 'string' ? error.message : JSON.stringify(error);
  if (typeof error === 'string' && error !== '') return error;
  if (answer.object !== 'error') return undefined;
  return typeof answer.message === 'string' ? answer.message : 'error without a message';
}

// --- service side ------------------------------------------------------------------------------

/** The parsed request and the fields that both dialects read alike. */
export function readRequest(body: string) {
  const request: unknown = JSON.parse(body);
  if (!isObject(request)) throw new TypeError('the body must be a JSON object');
  const options = isObject(request.stream_options) ? request.stream_options : {};
  return {
    request,
    model: typeof request.model === 'string' ? request.model : '',
    stream: request.stream === true,
    ignoreEos: request.ignore_eos === true,
    includeUsage: options.include_usage === true,
    seed: typeof request.seed === 'number' ? request.seed : undefined,
  };
}

/** The first of `keys` that is set; `absent` when none is. */
export function readMaxTokens(request: JsonObject, keys: readonly string[], absent: number): number {
  const key = keys.find((name) => request[name] != null);
  if (key === undefined) return absent;
  const value = request[key];
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw new TypeError(`${key} must be at least 1, got ${JSON.stringify(value)}`);
  }
  return value as number;
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

function writeUsage({ inTokens, outTokens }: Usage): JsonObject {
  return { prompt_tokens: inTokens, total_tokens: inTokens + outTokens, completion_tokens: outTokens };
}

function writeError(message: string): string {
  return JSON.stringify({ error: { message, type: 'InternalServerError', param: null, code: 500 } });
}
