import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretName } from '../core/text/secret-names.ts';
import { readFlags } from './flags/read-flags.ts';
import { redactedConfig, redactText } from './redact.ts';
import { runConfig } from './resolve.ts';
import type { ModelConfig, RunConfig } from './run-config.ts';

const model: ModelConfig = {
  abbr: 'm',
  protocol: 'openai_chat',
  stream: true,
  path: '',
  model: 'served',
  url: 'http://localhost:8080/',
  requestsPerS: 0,
  traffic: { burstiness: 0, ramp: null },
  useTimestamp: false,
  retries: 2,
  apiKey: '',
  maxOutTokens: 512,
  batchSize: 3,
  generation: { temperature: 0.5, max_tokens: 7, stop_token_ids: [1], eos_token: '</s>' },
  caFile: '',
  insecureSkipVerify: false,
  file: 'm.ts',
};

function configWith(changed: Partial<ModelConfig>): RunConfig {
  const dataset = { abbr: 'd', type: 'gsm8k', options: { path: 'x' }, testRange: '', file: 'd.ts' } as const;
  const summarizer = {
    name: 's',
    window: 'total',
    rule: 'document',
    definitions: 'product',
    profile: 'default',
    file: 's.ts',
  } as const;
  const tasks = [{ model: { ...model, ...changed }, dataset }];
  const checked = { tasks, summarizer: { ...summarizer, statsList: ['Average'] }, workDir: null };
  return runConfig(readFlags({}, undefined), checked, {
    workers: 0,
    requestTimeoutMs: null,
    logLevel: 'INFO',
  });
}

/** Long enough not to occur by chance; every kind of character that a URL or JSON would write differently. */
const secret = fc
  .string({ unit: fc.constantFrom(...'abcXYZ0189-_."\\/+= é'), minLength: 12, maxLength: 30 })
  .filter((s) => s.trim() === s);

/** Where people put secrets. */
const hidings: Record<string, (s: string) => Partial<ModelConfig>> = {
  apiKey: (s) => ({ apiKey: s }),
  'apiKey, repeated in the body': (s) => ({ apiKey: s, generation: { user: { note: `key ${s}!` } } }),
  'apiKey, repeated as a field name': (s) => ({ apiKey: s, generation: { [s]: 1 } }),
  'api_key of the body': (s) => ({ generation: { api_key: s } }),
  'deep in the body': (s) => ({ generation: { a: [{ 'X-Auth-Token': { value: s } }] } }),
  'any header': (s) => ({ generation: { extra_headers: { 'X-Whatever': s, Authorization: `Bearer ${s}` } } }),
  'bearer text': (s) => ({ generation: { note: `Authorization: Bearer ${s.replace(/[\s"',;]/g, 'x')}` } }),
  'user and password of the url': (s) => {
    const url = new URL('https://h/p/');
    url.username = 'someone';
    url.password = s;
    return { url: url.href };
  },
  'query of the url': (s) => {
    const url = new URL('https://h/p/?x=1');
    url.searchParams.set('access_token', s);
    return { url: url.href };
  },
};

describe('redactedConfig', () => {
  it.each(Object.entries(hidings))('hides %s', (_, hide) => {
    fc.assert(
      fc.property(secret, (s) => {
        const text = JSON.stringify(redactedConfig(configWith(hide(s))));
        const forms = [s, JSON.stringify(s).slice(1, -1), encodeURIComponent(s), s.replace(/[\s"',;]/g, 'x')];
        expect(forms.filter((form) => text.includes(form))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps everything else as it is', () => {
    const config = configWith({ url: 'https://h/p/?x=1&max_tokens=3' });
    expect(redactedConfig(config)).toEqual(config);
  });

  it('shows that a key was given, and does not change the config', () => {
    const config = configWith({ apiKey: 'sk-1234' });
    expect(redactedConfig(config)).toMatchObject({ tasks: [{ model: { apiKey: '***' } }] });
    expect(config.tasks[0].model.apiKey).toBe('sk-1234');
  });

  it('knows the names of secrets from those of tokens', () => {
    const names = [
      'api_key',
      'X-Api-Key',
      'token',
      'accessToken',
      'PASSWORD',
      'client_secret',
      'Cookie',
      'sig',
    ];
    expect(names.filter((n) => !isSecretName(n))).toEqual([]);
    const others = ['max_tokens', 'stop_token_ids', 'eos_token', 'tokenizer', 'top_k', 'model', 'path'];
    expect(others.filter(isSecretName)).toEqual([]);
  });

  it('hides known secrets and URL credentials in a message', () => {
    expect(redactText('no answer from http://u:p@h/?key=1&a=2 with sk-1', ['sk-1'])).toBe(
      'no answer from http://***@h/?key=***&a=2 with ***',
    );
  });
});
