/**
 * What TGI and the services that took after it share: `{inputs, parameters}` in, one event per token out,
 * and `details` in the last one.
 */
import type { Delta, Sample, SimResponse, Target, Usage } from '../core/protocol.ts';
import {
  append,
  appendError,
  generationOptions,
  isEndMark,
  isObject,
  type JsonObject,
  outputOf,
  parseObject,
  readMaxTokens,
  requestObject,
} from './json-body.ts';
import { limitField, withoutDropped } from './shaped-body.ts';
import { isAnswerLabel, readStray } from './stray-output.ts';
import { countOf, firstCounts } from './usage.ts';

// --- client side -------------------------------------------------------------------------------

/** The field of `parameters` for the most tokens to generate. */
export const LIMIT_KEY = 'max_new_tokens';

/**
 * The `parameters` of a request. `details` makes the service count its tokens also where it does not
 * stream; `details: false` among the generation options takes that back.
 */
export function parametersOf(sample: Sample, target: Target): JsonObject {
  return {
    ...withoutDropped({ details: true }, target),
    ...generationOptions(target),
    ...(sample.adapter !== undefined && { adapter_id: sample.adapter }),
    ...limitField(sample, target, LIMIT_KEY),
  };
}

/** Where output is known to stand, or never does. */
const tokenFields = new Set(['text']);
const eventFields = new Set(['token', 'top_tokens', 'generated_text']);

/** Reads one event. Only the last one has the whole text, which its tokens have said already. */
export function readTokenEvent(data: string): Delta {
  if (isEndMark(data)) return { done: true };
  const event = parseObject(data);
  const delta: Delta = {};
  const { token } = event;
  const isSpecial = isObject(token) && token.special === true;
  // Special tokens, such as the one that ends the answer, are no part of its text.
  if (isObject(token) && typeof token.text === 'string' && !isSpecial) append(delta, 'text', token.text);
  readDetails(event.details, delta);
  if (typeof event.generated_text === 'string') delta.done = true;
  appendError(event, delta);
  if (isSpecial) return delta;
  if (isObject(token))
    readStray(token, { place: 'token', known: tokenFields, isLabel: isAnswerLabel }, delta);
  readStray(event, { place: '', known: eventFields, isLabel: isAnswerLabel }, delta);
  return delta;
}

export function readWholeText(body: string): Delta {
  const answer = parseObject(body);
  const delta: Delta = {};
  if (typeof answer.generated_text === 'string') append(delta, 'text', answer.generated_text);
  readDetails(answer.details, delta);
  appendError(answer, delta);
  readStray(answer, { place: '', known: eventFields, isLabel: isAnswerLabel }, delta);
  return delta;
}

/** Finish reason and token counts; newer TGI also tells the prompt's, as `input_length` or as a list of its tokens. */
export function readDetails(details: unknown, into: Delta): void {
  if (!isObject(details)) return;
  if (typeof details.finish_reason === 'string') into.finish = details.finish_reason;
  const said = { inTokens: promptTokens(details), outTokens: countOf(details.generated_tokens) };
  const usage = firstCounts([said]);
  if (usage !== undefined) into.usage = usage;
}

function promptTokens({ input_length, prefill }: JsonObject): number | undefined {
  const count = countOf(input_length);
  if (count !== undefined) return count;
  return Array.isArray(prefill) && prefill.length > 0 ? prefill.length : undefined;
}

// --- service side ------------------------------------------------------------------------------

/** What the body asks for; `input` is the key of the prompt, `absent` the limit when none is given. */
export function readInputs(body: string, input: string, absent: number) {
  const request = requestObject(body);
  const prompt = request[input];
  if (typeof prompt !== 'string') throw new TypeError(`${input} must be a string`);
  const parameters = isObject(request.parameters) ? request.parameters : {};
  return {
    request,
    prompt,
    maxTokens: readMaxTokens(parameters, ['max_new_tokens'], absent),
    ignoreEos: parameters.ignore_eos === true,
    details: parameters.details === true,
    seed: typeof parameters.seed === 'number' ? parameters.seed : undefined,
  };
}

/** Whether the dialect has an event for what `delta` says: none for a role, or for an end mark alone. */
export function isSayable(delta: Delta): boolean {
  return outputOf(delta) !== undefined || delta.finish !== undefined || delta.usage !== undefined;
}

export function writeDetails(
  { finish, usage }: Delta,
  counts: (usage: Usage) => JsonObject,
): JsonObject | null {
  if (finish === undefined && usage === undefined) return null;
  return { finish_reason: finishOf(finish), ...(usage && counts(usage)), seed: null };
}

/** The text that the last event repeats; null in all others. */
export function wholeText(delta: Delta, response: SimResponse): string | null {
  return delta.done ? (response.text ?? outputOf(delta) ?? '') : null;
}

/** An answer that ended by itself ended with the end-of-sequence token. */
function finishOf(finish: string | undefined): string | undefined {
  return finish === 'stop' ? 'eos_token' : finish;
}
