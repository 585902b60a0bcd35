/** Plug-in: Triton's generate extension (`v2/models/<name>/generate` and `…_stream`), as TensorRT-LLM, vLLM and MindIE serve it. */
import type { Delta, Protocol, SimResponse, Target, Usage } from '../core/protocol.ts';
import {
  append,
  appendError,
  generationOptions,
  isEndMark,
  outputOf,
  parseObject,
  promptText,
  requestHeaders,
} from './json-body.ts';
import { limitField } from './shaped-body.ts';
import { isAnswerLabel, readStray } from './stray-output.ts';
import { isSayable, readDetails, readInputs, writeDetails } from './tgi-envelope.ts';

const LIMIT_KEY = 'max_new_tokens';
/** What this API generates when no limit is given. */
const MAX_TOKENS_ABSENT = 20;
const PATH = /^v2\/models\/([^/]+)\/generate(_stream)?$/;

export const triton: Protocol = {
  classes: {
    TritonCustomAPI: {},
    TritonCustomAPIStream: { deprecated: { use: 'TritonCustomAPI', stream: true } },
  },
  limitKey: LIMIT_KEY,
  optionsKey: 'parameters',
  namesModel: true,
  modelInPath: true,
  address: { matches: /(^|\/)v2(\/models(\/[^/]+(\/(generate_stream|generate))?)?)?$/i },
  ending: 'body',
  path: pathOf,

  encode(sample, target) {
    const body = {
      text_input: promptText(sample),
      parameters: {
        ...generationOptions(target),
        ...(sample.adapter !== undefined && { lora_name: sample.adapter }),
        ...limitField(sample, target, LIMIT_KEY),
      },
    };
    return {
      method: 'POST',
      path: pathOf(target),
      headers: requestHeaders(target),
      body: JSON.stringify(body),
    };
  },

  decode: (data) => (isEndMark(data) ? { done: true } : readOutput(data)),

  decodeBody: readOutput,

  accept(path, body) {
    const [, model = '', stream] = PATH.exec(path) ?? [];
    const { prompt, maxTokens, ignoreEos, details, seed } = readInputs(body, 'text_input', MAX_TOKENS_ABSENT);
    return {
      model: decodeURIComponent(model),
      prompt,
      stream: stream !== undefined,
      maxTokens,
      ignoreEos,
      includeUsage: details,
      seed,
    };
  },

  emit: (delta, response) => (delta.error === undefined && !isSayable(delta) ? '' : write(delta, response)),

  respond: write,
};

function pathOf({ model, stream }: Target): string {
  return `v2/models/${encodeURIComponent(model)}/${stream ? 'generate_stream' : 'generate'}`;
}

/** Where output is known to stand. */
const knownFields = new Set(['text_output']);

/** Events and whole answers look alike. Only MindIE adds details, and only when asked for them. */
function readOutput(data: string): Delta {
  const answer = parseObject(data);
  const delta: Delta = {};
  if (typeof answer.id === 'string' && answer.id !== '') delta.id = answer.id;
  const output = Array.isArray(answer.text_output) ? answer.text_output[0] : answer.text_output;
  if (typeof output === 'string') append(delta, 'text', output);
  readDetails(answer.details, delta);
  appendError(answer, delta);
  readStray(answer, { place: '', known: knownFields, isLabel: isAnswerLabel }, delta);
  return delta;
}

function write(delta: Delta, response: SimResponse): string {
  if (delta.error !== undefined) return JSON.stringify({ error: delta.error });
  const details = delta.usage && writeDetails(delta, countsOf);
  return JSON.stringify({
    id: response.id,
    model_name: response.model,
    model_version: '1',
    text_output: outputOf(delta) ?? '',
    ...(details && { details }),
  });
}

/** It does not count the prompt. */
function countsOf({ outTokens }: Usage) {
  return { generated_tokens: outTokens };
}
