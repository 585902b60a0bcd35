import { describe, expect, it } from 'vitest';
import type { HintContext } from './failure-hints.ts';
import { type FailureFacts, failureLine, failureWords } from './failure-words.ts';

const json = JSON.stringify;
const http = (status: number, body: string, more: Partial<FailureFacts> = {}): FailureFacts => ({
  outcome: 'http',
  status,
  cause: `HTTP ${status}`,
  body,
  contentType: 'application/json',
  ...more,
});
const broken = (cause: string, more: Partial<FailureFacts> = {}): FailureFacts => ({
  outcome: 'protocol',
  status: 200,
  cause,
  ...more,
});
const lost = (cause: string): FailureFacts => ({ outcome: 'network', status: 0, cause });

interface Row {
  facts: FailureFacts;
  line: string;
  hint: RegExp;
  context?: HintContext;
}

const rows: Record<string, Row> = {
  'context length': {
    facts: http(
      400,
      json({ error: { message: 'request (10820 tokens) exceeds the available context size' } }),
    ),
    line: 'HTTP 400 (bad request): request (10820 tokens) exceeds the available context size',
    hint: /Shorten the prompts, lower max_out_len/,
  },
  'a field that is refused': {
    facts: http(400, json({ error: { message: "'top_k' is not known" } })),
    line: "HTTP 400 (bad request): 'top_k' is not known",
    hint: /generation_kwargs/,
  },
  'max_tokens refused': {
    facts: http(400, json({ error: { message: "use 'max_completion_tokens'" } })),
    line: "HTTP 400 (bad request): use 'max_completion_tokens'",
    hint: /Set max_completion_tokens/,
  },
  'no key': {
    facts: http(401, json({ error: { message: 'missing key' } })),
    line: 'HTTP 401 (key not accepted): missing key',
    hint: /^Set api_key/,
  },
  'wrong key': {
    facts: http(403, ''),
    line: 'HTTP 403 (access not allowed)',
    hint: /^Check api_key/,
    context: { hasKey: true },
  },
  'unknown model': {
    facts: http(404, json({ object: 'error', message: 'The model `x` does not exist.' })),
    line: 'HTTP 404 (not found): The model `x` does not exist.',
    hint: /one that the service lists: a, b\./,
    context: { models: ['a', 'b'], model: 'x' },
  },
  'unknown path': {
    facts: http(404, json({ detail: 'Not Found' })),
    line: 'HTTP 404 (not found): Not Found',
    hint: /path of url \(http:\/\/h\/v2\/v1\/chat\/completions\)/,
    context: { url: 'http://h/v2/v1/chat/completions' },
  },
  'too large': {
    facts: http(413, '<html><h1>413 Request Entity Too Large</h1></html>', { contentType: 'text/html' }),
    line: 'HTTP 413 (request too large), text/html: 413 Request Entity Too Large',
    hint: /limit on the size/,
  },
  unprocessable: {
    facts: http(422, json({ detail: [{ loc: ['body', 'n'], msg: 'too small' }] })),
    line: 'HTTP 422 (request not valid): body.n: too small',
    hint: /Change the model config/,
  },
  'rate limit': {
    facts: http(429, json({ error: { message: 'slow down' } }), { retryAfterS: 7 }),
    line: 'HTTP 429 (too many requests), asks to wait 7 s: slow down',
    hint: /lower batch_size or request_rate/,
  },
  'server error': {
    facts: http(500, json({ error: { message: 'out of memory on device 3' } })),
    line: 'HTTP 500 (internal server error): out of memory on device 3',
    hint: /See its log/,
  },
  'bad gateway': {
    facts: http(502, '<html><title>502 Bad Gateway</title></html>', {
      contentType: 'text/html; charset=utf-8',
    }),
    line: 'HTTP 502 (bad gateway), text/html: 502 Bad Gateway',
    hint: /proxy answered/,
  },
  loading: {
    facts: http(503, json({ error: { message: 'Loading model' } })),
    line: 'HTTP 503 (service unavailable): Loading model',
    hint: /--wait SECONDS/,
  },
  redirect: {
    facts: http(307, '', { location: 'https://h/v1/chat/completions', contentType: undefined }),
    line: 'HTTP 307 (moved temporarily), to https://h/v1/chat/completions',
    hint: /not followed. Set url to .*https:\/\/h/,
  },
  'HTTP version': {
    facts: http(505, '', { contentType: undefined }),
    line: 'HTTP 505 (HTTP version refused)',
    hint: /HTTP\/1\.1/,
  },
  'JSON in place of a stream': {
    facts: broken('no output in the response', {
      body: json({ error: { message: 'engine is dead' } }),
      contentType: 'application/json',
    }),
    line: 'protocol: no output in the response, HTTP 200, application/json: engine is dead',
    hint: /log of the service/,
  },
  'a whole answer': {
    facts: broken('no output in the response', { body: json({ choices: [{ message: { content: 'a' } }] }) }),
    line: `protocol: no output in the response, HTTP 200: ${json({ choices: [{ message: { content: 'a' } }] })}`,
    hint: /Set stream to false/,
  },
  'a sign-in page': {
    facts: broken('no output in the response', {
      body: '<html><body><h1>Sign in</h1></body></html>',
      contentType: 'text/html',
    }),
    line: 'protocol: no output in the response, HTTP 200, text/html: Sign in',
    hint: /web page.*Check url/,
  },
  compressed: {
    facts: broken('no output in the response', { body: '\x1f\ufffd\b\0', contentEncoding: 'gzip' }),
    line: 'protocol: no output in the response, HTTP 200, compressed (gzip)',
    hint: /compressed although/,
  },
  'an error event': {
    facts: broken('the service sent an error: overloaded', { body: 'event: error\ndata: overloaded\n\n' }),
    line: 'protocol: the service sent an error: overloaded',
    hint: /log/,
  },
  'TLS to a plain port': {
    facts: lost(
      'write EPROTO 40C7:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:x.c:354:',
    ),
    line: 'network: TLS: wrong version number',
    hint: /Write http:\/\//,
  },
  'plain to a TLS port': {
    facts: { ...broken('the service answers in TLS'), status: 0 },
    line: 'protocol: the service answers in TLS',
    hint: /Write https:\/\//,
  },
  'HTTP/2 alone': {
    facts: { ...broken('the service answers in HTTP/2'), status: 0 },
    line: 'protocol: the service answers in HTTP/2',
    hint: /only HTTP\/2/,
  },
  'HTTP/2 alone over TLS': {
    facts: lost(
      '40C7:error:0A000460:SSL routines:ssl3_read_bytes:tlsv1 alert no application protocol:x.c:1:',
    ),
    line: 'network: TLS: tlsv1 alert no application protocol',
    hint: /only HTTP\/2/,
  },
  'nobody there': {
    facts: lost('connect ECONNREFUSED 127.0.0.1:1'),
    line: 'network: connect ECONNREFUSED 127.0.0.1:1',
    hint: /is running at http:\/\/127/,
    context: { url: 'http://127.0.0.1:1/' },
  },
};

describe('the words for a failure', () => {
  it.each(Object.entries(rows))('%s', (_, { facts, line, hint, context }) => {
    const words = failureWords(facts, context);
    expect(failureLine(words)).toBe(line);
    expect(words.hint).toMatch(hint);
  });

  it('nothing of a service acts on the terminal or fills the screen', () => {
    const evil = `\x1b[2J\n01/01 00:00:00 - forged ${'x'.repeat(15e6)}`;
    for (const facts of [
      http(400, evil, { contentType: evil }),
      http(302, '', { location: evil }),
      lost(evil),
      broken(evil, { body: evil }),
    ]) {
      const words = failureWords(facts, { models: [evil], model: 'm', url: evil });
      const all = Object.values(words).join(' ');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(all).not.toMatch(/[\x00-\x1f]/);
      expect(all.length).toBeLessThan(2000);
    }
  });
});
