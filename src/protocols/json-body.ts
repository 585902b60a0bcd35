/** What all dialects share: headers and options of a request, and careful reading of JSON from either side. */
import { EXIT, UserError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-object.ts';
import { messageText } from '../core/prompts/message-text.ts';
import type { ChatMessage, Delta, Sample, Target } from '../core/protocol.ts';
import { authorizationOf } from '../core/text/secrets.ts';
import { readUsage } from './usage.ts';

export { isObject, type JsonObject };

// --- client side -------------------------------------------------------------------------------

export function requestHeaders(target: Target): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: target.stream ? 'text/event-stream' : 'application/json',
  };
  const authorization = authorizationOf(target);
  if (authorization !== '') headers.authorization = authorization;
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

/**
 * A text for services that take one: the turns of a chat below one another.
 * @throws UserError when the prompt shows images or the like, which would be lost.
 */
export function promptText({ id, prompt }: Sample): string {
  if (typeof prompt === 'string') return prompt;
  const isText = ({ content }: ChatMessage) =>
    typeof content === 'string' || content.every((part) => part.type === 'text');
  if (prompt.every(isText)) return prompt.map(messageText).join('\n');
  throw new UserError(EXIT.usage, `row ${id} of the dataset has images, video, or sound`, {
    hint: 'Only chat services take them: use a model task of type VLLMCustomAPIChat.',
  });
}

/** No dialect's own: services and gateways of many kinds end their streams with it. */
export function isEndMark(data: string): boolean {
  return data.trim() === '[DONE]';
}

/** An answer as an object; an empty one for any other JSON. Throws `SyntaxError` when it is no JSON. */
export function parseObject(data: string): JsonObject {
  const answer: unknown = JSON.parse(data);
  return isObject(answer) ? answer : {};
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

/** Takes over the token counts of an OpenAI-like answer, if it has any. */
export function appendUsage(answer: JsonObject, into: Delta): void {
  const usage = readUsage(answer);
  if (usage !== undefined) into.usage = usage;
}

/**
 * `{"error": {"message"}}`, `{"error": "text"}`, vLLM's older `{"object": "error", "message"}`, `{"type": "error",
 * "message"}`, a gateway's `{"code", "message"}` or `{"detail"}` that holds no answer.
 */
function readError(answer: JsonObject): string | undefined {
  const { error, message, detail } = answer;
  if (isObject(error)) return typeof error.message === 'string' ? error.message : shortJson(error);
  if (typeof error === 'string' && error !== '') return error;
  const said = typeof message === 'string' && message !== '' ? message : undefined;
  if (answer.object === 'error' || answer.type === 'error') return said ?? 'error without a message';
  if (answer.choices !== undefined) return undefined;
  if (said !== undefined && isFailureCode(answer.code)) return said;
  return typeof detail === 'string' && detail !== '' ? detail : undefined;
}

/** Gateways say 0 or 200 beside a message when all is well. */
function isFailureCode(code: unknown): boolean {
  return code !== undefined && code !== null && code !== 0 && code !== 200 && code !== '0' && code !== '200';
}

const MAX_ERROR_CHARS = 2048;

/** An object without a message may be nested deeper than can be written. */
function shortJson(value: JsonObject): string {
  try {
    return JSON.stringify(value).slice(0, MAX_ERROR_CHARS);
  } catch {
    return 'error without a message';
  }
}

/** Takes over the answer's error, if it has one. */
export function appendError(answer: JsonObject, into: Delta): void {
  const error = readError(answer);
  if (error !== undefined) into.error = error;
}

// --- service side ------------------------------------------------------------------------------

/** A request body. Throws `SyntaxError` or `TypeError` when it is no JSON object. */
export function requestObject(body: string): JsonObject {
  const request: unknown = JSON.parse(body);
  if (!isObject(request)) throw new TypeError('the body must be a JSON object');
  return request;
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

/** For dialects with one place for output: there, reasoning and tool calls stand in the text. */
export function outputOf({ reasoning, text, tool }: Delta): string | undefined {
  if (reasoning === undefined && text === undefined && tool === undefined) return undefined;
  return (reasoning ?? '') + (text ?? '') + (tool ?? '');
}
