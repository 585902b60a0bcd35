/** Plug-in: OpenAI's text completions (`v1/completions`): a prompt in, its continuation out. */
import type { Delta, Protocol, Target } from '../core/protocol.ts';
import {
  append,
  generationOptions,
  isEndMark,
  isObject,
  type JsonObject,
  outputOf,
  promptText,
  readMaxTokens,
  requestHeaders,
  textOf,
} from './json-body.ts';
import { openaiEnding, readAnswer, readRequest, writeBody, writeEvent } from './openai-envelope.ts';
import { limitField, withoutDropped } from './shaped-body.ts';
import { isAnswerLabel, readStray } from './stray-output.ts';

const PATH = 'v1/completions';
const LIMIT_KEY = 'max_tokens';
/** What this API generates when no limit is given. */
const MAX_TOKENS_ABSENT = 16;

export const openaiCompletions: Protocol = {
  classes: {
    VLLMCustomAPI: {},
    VLLMCustomAPIStream: { deprecated: { use: 'VLLMCustomAPI', stream: true } },
  },
  limitKey: LIMIT_KEY,
  optionsKey: '',
  namesModel: true,
  modelInPath: false,
  address: { matches: openaiEnding, own: /(?<!\/chat|^chat)(^|\/)(completions)$/i },
  ending: 'mark',
  path: () => PATH,

  encode(sample, target) {
    const body = {
      prompt: promptText(sample),
      ...withoutDropped({ stream: target.stream }, target),
      ...generationOptions(target),
      ...limitField(sample, target, LIMIT_KEY),
      ...withoutDropped({ model: sample.adapter ?? target.model }, target),
      // Last, so that only a null takes the usage away: token counts rest on it.
      ...(target.stream && withoutDropped({ stream_options: streamOptions(target) }, target)),
    };
    return { method: 'POST', path: PATH, headers: requestHeaders(target), body: JSON.stringify(body) };
  },

  decode: (data) => (isEndMark(data) ? { done: true } : readAnswer(data, readChoice)),

  decodeBody: (body) => readAnswer(body, readChoice),

  accept(_path, body) {
    const { request, ...common } = readRequest(body);
    return {
      ...common,
      prompt: readPrompt(request.prompt),
      maxTokens: readMaxTokens(request, ['max_completion_tokens', 'max_tokens'], MAX_TOKENS_ABSENT),
    };
  },

  emit(delta, response) {
    const onlyUsage =
      delta.usage !== undefined && delta.finish === undefined && outputOf(delta) === undefined;
    const choice = onlyUsage ? null : { text: outputOf(delta) ?? '' };
    return writeEvent('text_completion', choice, delta, response);
  },

  respond: (delta, response) =>
    writeBody('text_completion', { text: outputOf(delta) ?? '' }, delta, response),
};

function streamOptions({ generation }: Target): JsonObject {
  const { stream_options: more } = generation;
  return { ...(isObject(more) && more), include_usage: true };
}

function readPrompt(prompt: unknown): string {
  const only = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only !== 'string') throw new TypeError('prompt must be one text');
  return only;
}

/** Never output, whatever stands there. */
const knownFields = new Set(['text', 'token_ids', 'tokens']);

function readChoice(choice: JsonObject, into: Delta, place: string): void {
  append(into, 'text', textOf(choice.text));
  readStray(choice, { place, known: knownFields, isLabel: isAnswerLabel }, into);
}
