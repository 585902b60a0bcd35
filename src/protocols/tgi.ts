/** Plug-in: Hugging Face's Text Generation Inference: `generate`, and `generate_stream` for streams. */
import type { Protocol, Usage } from '../core/protocol.ts';
import { outputOf, promptText, requestHeaders } from './json-body.ts';
import {
  isSayable,
  LIMIT_KEY,
  parametersOf,
  readInputs,
  readTokenEvent,
  readWholeText,
  wholeText,
  writeDetails,
} from './tgi-envelope.ts';

const WHOLE = 'generate';
const STREAM = 'generate_stream';
/** What this API generates when no limit is given. */
const MAX_TOKENS_ABSENT = 100;

export const tgi: Protocol = {
  classes: {
    TGICustomAPI: {},
    TGICustomAPIStream: { deprecated: { use: 'TGICustomAPI', stream: true } },
  },
  limitKey: LIMIT_KEY,
  optionsKey: 'parameters',
  namesModel: false,
  modelInPath: false,
  address: { matches: /(^|\/)(generate_stream|generate)$/i },
  ending: 'summary',
  path: ({ stream }) => (stream ? STREAM : WHOLE),

  encode(sample, target) {
    const body = { inputs: promptText(sample), parameters: parametersOf(sample, target) };
    return {
      method: 'POST',
      path: target.stream ? STREAM : WHOLE,
      headers: requestHeaders(target),
      body: JSON.stringify(body),
    };
  },

  decode: readTokenEvent,

  decodeBody: readWholeText,

  accept(path, body) {
    const { prompt, maxTokens, ignoreEos, details, seed } = readInputs(body, 'inputs', MAX_TOKENS_ABSENT);
    const stream = path === STREAM;
    // A stream always ends with its details.
    return { model: '', prompt, stream, maxTokens, ignoreEos, includeUsage: stream || details, seed };
  },

  emit(delta, response) {
    if (delta.error !== undefined) return writeError(delta.error);
    if (!isSayable(delta)) return '';
    const text = outputOf(delta);
    return JSON.stringify({
      index: 1,
      token: { id: 2, text: text ?? '</s>', logprob: -0.25, special: text === undefined },
      generated_text: wholeText(delta, response),
      details: writeDetails(delta, countsOf),
    });
  },

  respond(delta) {
    if (delta.error !== undefined) return writeError(delta.error);
    const details = delta.usage && writeDetails(delta, countsOf);
    const lists = { prefill: [], tokens: [] };
    return JSON.stringify({
      generated_text: outputOf(delta) ?? '',
      ...(details && { details: { ...details, ...lists } }),
    });
  },
};

function countsOf({ inTokens, outTokens }: Usage) {
  return { generated_tokens: outTokens, ...(inTokens !== undefined && { input_length: inTokens }) };
}

function writeError(message: string): string {
  return JSON.stringify({ error: message, error_type: 'generation' });
}
