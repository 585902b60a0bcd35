/** What to do about a failed request, by its cause. The first line of the table that fits is taken. */
import { cut, visible } from '../text/outside-text.ts';
import { isPage } from './service-message.ts';

/** What is known of the request beside its failure. */
export interface HintContext {
  /** Where it went, without secrets. */
  url?: string;
  /** The model it named. */
  model?: string;
  /** What the service lists under `v1/models`. */
  models?: readonly string[];
  /** An API key was sent. */
  hasKey?: boolean;
  stream?: boolean;
}

interface Facts {
  outcome: string;
  status: number;
  cause: string;
  body?: string | undefined;
  contentType?: string | undefined;
  contentEncoding?: string;
  location?: string;
}

interface Case extends HintContext, Facts {
  message: string;
  /** Message and cause. */
  words: string;
}

type Line = readonly [fits: (c: Case) => boolean, hint: (c: Case) => string];

const MAX_MODELS = 8;
const NAME_CHARS = 100;
const HINT_CHARS = 500;

/** Bytes that answer in no protocol known here. */
export const NO_HTTP = 'the response is not HTTP/1.1';
export const HTTP2_CAUSE = 'the service answers in HTTP/2';
export const TLS_CAUSE = 'the service answers in TLS';

const isStatus =
  (...statuses: number[]) =>
  ({ status, outcome }: Case) =>
    outcome === 'http' && statuses.includes(status);
const says = (pattern: RegExp) => (c: Case) => pattern.test(c.words);

const table: readonly Line[] = [
  [
    says(/HTTP\/2|no.application.protocol|alpn protocol/i),
    () =>
      'The service speaks only HTTP/2. Enable HTTP/1.1 in it, or put a proxy with HTTP/1.1 in front of it.',
  ],
  [
    says(/wrong.version.number|packet.length.too.long|record.layer.failure|unsupported.protocol/i),
    () => 'The service seems to use plain HTTP. Write http:// in url, or set enable_ssl to false.',
  ],
  [
    says(/answers in TLS|plain HTTP request was sent to HTTPS|http request to an https server/i),
    () => 'The service uses TLS. Write https:// in url, or set enable_ssl to true.',
  ],
  [
    ({ status }) => status >= 300 && status < 400,
    ({ location }) =>
      location
        ? `Redirects are not followed. Set url to the new address, ${visible(location, 200)}.`
        : 'Redirects are not followed. Set url to the address of the service itself.',
  ],
  [
    ({ contentEncoding, body }) => Boolean(contentEncoding) || body?.startsWith('\x1f') === true,
    () =>
      'The answer is compressed although no compression was requested. Disable compression in the service or its proxy.',
  ],
  [
    isStatus(401, 403),
    ({ hasKey }) =>
      hasKey
        ? 'Check api_key in the model config, or the environment variable AIS_BENCH_API_KEY.'
        : 'Set api_key in the model config, or the environment variable AIS_BENCH_API_KEY.',
  ],
  [(c) => c.status === 404 && /model/i.test(c.message), modelHint],
  [isStatus(404, 405, 410), pathHint],
  [
    says(
      /context (size|length|window)|maximum context|max_model_len|too (long|many tokens)|exceeds? .*token/i,
    ),
    () => 'Shorten the prompts, lower max_out_len, or configure a longer context in the service.',
  ],
  [
    (c) => /max_completion_tokens/.test(c.message),
    () => 'Set max_completion_tokens in generation_kwargs; it replaces max_tokens.',
  ],
  [
    isStatus(413),
    () => 'Shorten the prompts, or raise the limit on the size of a request in the service or its proxy.',
  ],
  [(c) => c.status === 400 && /\bmodel\b.*(not|unknown|exist)/i.test(c.message), modelHint],
  [
    isStatus(400, 415, 422),
    () => 'The service rejected the request. Change the model config, for instance generation_kwargs.',
  ],
  [
    isStatus(429),
    () => 'The service limits its load. Wait, lower batch_size or request_rate, or raise retry.',
  ],
  [
    (c) => c.status === 503 || /\bloading\b/i.test(c.message),
    () => 'The service is loading or overloaded. Wait, or use a longer --wait SECONDS.',
  ],
  [
    isStatus(502, 504),
    () => 'A proxy answered instead of the service. Check that the service behind it is running.',
  ],
  [
    ({ status }) => status === 505 || status === 426,
    () => 'The service rejects HTTP/1.1. Put a proxy in front of it.',
  ],
  [
    ({ body }) => body !== undefined && isPage(body),
    ({ url }) => `The address returns a web page, not a model API. Check url${at(url)}.`,
  ],
  [
    (c) => c.outcome === 'protocol' && c.stream !== false && isWholeAnswer(c.body),
    () => 'The service answered a streaming request in one piece. Set stream to false in the model config.',
  ],
  [({ status }) => status >= 500, () => 'The service failed. See its log.'],
  [
    says(/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|no connection/),
    ({ url }) =>
      `Check that the service is running${url ? ` at ${visible(url, 200)}` : ''} and can be reached from this machine.`,
  ],
  [
    ({ outcome }) => outcome === 'timeout',
    () => 'Check that the service is not stuck, or allow more time with REQUEST_TIME_OUT.',
  ],
];

export function hintFor(facts: Facts, message: string, context: HintContext): string {
  const c: Case = { ...context, ...facts, message, words: `${facts.cause}\n${message}` };
  const line = table.find(([fits]) => fits(c));
  const hint = line ? line[1](c) : 'See the log of the service.';
  return cut(hint, HINT_CHARS);
}

/** Names for a sentence, the first few of them. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_MODELS).map((name) => visible(name, NAME_CHARS));
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function modelHint({ models = [], model = '' }: Case): string {
  const names = models.filter((name) => name !== model);
  if (names.length === 0)
    return 'Set model in the model config to the name under which the service loaded it.';
  return `Set model in the model config to one that the service lists: ${listed(names)}.`;
}

function pathHint(c: Case): string {
  const { models = [], model = '', url } = c;
  const path = `Check the path of url${at(url)}, and that the type in the model config matches the service.`;
  const isOther = models.length > 0 && !models.includes(model);
  return isOther ? `${path} ${modelHint(c)}` : path;
}

function at(url: string | undefined): string {
  return url ? ` (${visible(url, 200)})` : '';
}

/** An answer of an OpenAI or TGI service that is no stream. */
function isWholeAnswer(body: string | undefined): boolean {
  return body !== undefined && /^\s*[[{][\s\S]*"(choices|generated_text|text_output)"\s*:/.test(body);
}
