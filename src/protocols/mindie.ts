/** Plug-in: MindIE's own interface (`infer`), with or without a stream. */
import type { Protocol, Usage } from '../core/protocol.ts';
import { outputOf, promptText, requestHeaders } from './json-body.ts';
import { withoutDropped } from './shaped-body.ts';
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

const PATH = 'infer';
/** What this API generates when no limit is given. */
const MAX_TOKENS_ABSENT = 20;

export const mindie: Protocol = {
  classes: { MindieStreamApi: { defaultStream: true } },
  limitKey: LIMIT_KEY,
  optionsKey: 'parameters',
  namesModel: false,
  modelInPath: false,
  address: { matches: /(^|\/)infer$/i },
  ending: 'summary',
  path: () => PATH,

  encode(sample, target) {
    const body = {
      inputs: promptText(sample),
      ...withoutDropped({ stream: target.stream }, target),
      parameters: parametersOf(sample, target),
    };
    return { method: 'POST', path: PATH, headers: requestHeaders(target), body: JSON.stringify(body) };
  },

  decode: readTokenEvent,

  decodeBody: readWholeText,

  accept(_path, body) {
    const { request, details, ...rest } = readInputs(body, 'inputs', MAX_TOKENS_ABSENT);
    return { model: '', ...rest, stream: request.stream === true, includeUsage: details };
  },

  emit(delta, response) {
    if (delta.error !== undefined) return writeError(delta.error);
    if (!isSayable(delta)) return '';
    const details = delta.usage && writeDetails(delta, countsOf);
    const text = wholeText(delta, response);
    return JSON.stringify({
      prefill_time: null,
      decode_time: 10.5,
      ...(text !== null && { generated_text: text }),
      ...(details && { details }),
      token: { id: [2], text: outputOf(delta) ?? null },
    });
  },

  respond(delta) {
    if (delta.error !== undefined) return writeError(delta.error);
    const details = delta.usage && writeDetails(delta, countsOf);
    return JSON.stringify({ generated_text: outputOf(delta) ?? '', ...(details && { details }) });
  },
};

/** It does not count the prompt. */
function countsOf({ outTokens }: Usage) {
  return { generated_tokens: outTokens };
}

function writeError(message: string): string {
  return JSON.stringify({ error: message, error_type: 'Inference Error' });
}
