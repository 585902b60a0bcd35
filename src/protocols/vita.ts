/** Plug-in: VITA's `generate`: a prompt made of parts, the text in a list of one. */
import type { Delta, Protocol } from '../core/protocol.ts';
import {
  append,
  appendError,
  appendUsage,
  generationOptions,
  isEndMark,
  isObject,
  outputOf,
  parseObject,
  promptText,
  readMaxTokens,
  requestHeaders,
  requestObject,
  textOf,
} from './json-body.ts';
import { limitField, withoutDropped } from './shaped-body.ts';
import { isAnswerLabel, readStray } from './stray-output.ts';

const PATH = 'generate';
const LIMIT_KEY = 'max_tokens';
/** What this API generates when no limit is given. */
const MAX_TOKENS_ABSENT = 16;

export const vita: Protocol = {
  classes: { VITAGenerateAPI: {} },
  limitKey: LIMIT_KEY,
  optionsKey: '',
  namesModel: false,
  modelInPath: false,
  address: { matches: /(^|\/)generate$/i },
  ending: 'body',
  path: () => PATH,

  encode(sample, target) {
    const model = sample.adapter ?? target.model;
    const body = {
      prompt: [{ type: 'text', text: promptText(sample) }],
      ...generationOptions(target),
      ...limitField(sample, target, LIMIT_KEY),
      ...withoutDropped({ stream: target.stream, ...(model !== '' && { model }) }, target),
    };
    return { method: 'POST', path: PATH, headers: requestHeaders(target), body: JSON.stringify(body) };
  },

  decode: (data) => (isEndMark(data) ? { done: true } : readText(data)),

  decodeBody: readText,

  accept(_path, body) {
    const request = requestObject(body);
    if (!Array.isArray(request.prompt) || !request.prompt.every(isObject) || request.prompt.length === 0)
      throw new TypeError('prompt must be a list of parts that is not empty');
    return {
      model: typeof request.model === 'string' ? request.model : '',
      prompt: textOf(request.prompt),
      stream: request.stream === true,
      maxTokens: readMaxTokens(request, ['max_tokens'], MAX_TOKENS_ABSENT),
      ignoreEos: request.ignore_eos === true,
      // It has no place for a count.
      includeUsage: false,
      seed: typeof request.seed === 'number' ? request.seed : undefined,
    };
  },

  emit: (delta) => (delta.error === undefined && outputOf(delta) === undefined ? '' : write(delta)),

  respond: write,
};

/** Where output is known to stand. */
const knownFields = new Set(['text']);

function readText(data: string): Delta {
  const answer = parseObject(data);
  const delta: Delta = {};
  const text = Array.isArray(answer.text) ? answer.text[0] : answer.text;
  if (typeof text === 'string') append(delta, 'text', text);
  appendUsage(answer, delta);
  appendError(answer, delta);
  readStray(answer, { place: '', known: knownFields, isLabel: isAnswerLabel }, delta);
  return delta;
}

function write(delta: Delta): string {
  return JSON.stringify(
    delta.error === undefined ? { text: [outputOf(delta) ?? ''] } : { error: delta.error },
  );
}
