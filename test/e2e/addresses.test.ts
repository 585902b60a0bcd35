/** How a service is reached, and what each request says: asked of a server that writes down what it hears. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testCertificate, testKey } from '../../src/load/wire/tls.fixture.ts';
import { readRun } from '../../src/store/store.ts';
import { addConfig, type Finished, readJson, run, type Workspace, workspace } from './harness.ts';

const KEY = 'sk-never-to-be-seen';
const TOKEN = 'query-never-to-be-seen';
const COMMAND = '--models it --custom-dataset-path sums.jsonl --mode perf --num-warmups 0';
/** Nothing listens there: a run that followed one of these could not succeed. */
const PROXIES = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) =>
    [name, name.toLowerCase()].map((spelt) => [spelt, 'http://127.0.0.1:1']),
  ),
);

interface Heard {
  method: string;
  url: string;
  host: string;
  authorization: string;
  body: { model?: string; max_tokens?: number; messages?: { content: string }[]; [key: string]: unknown };
}

interface Recorder {
  heard: Heard[];
  port: number;
  stop(): void;
}

/** Answers every question with two tokens in a stream, or refuses them all with `status`. */
async function listen(address: string, secure = false, status = 200): Promise<Recorder> {
  const heard: Heard[] = [];
  const answer: RequestListener = async (request, response) => {
    const text = await textOf(request);
    const { method = '', url = '', headers } = request;
    const body = text === '' ? {} : JSON.parse(text);
    heard.push({ method, url, host: headers.host ?? '', authorization: headers.authorization ?? '', body });
    if (method === 'GET') response.end('{"data":[{"id":"base"}]}');
    else if (status !== 200)
      response.writeHead(status).end(`{"error":{"message":"no: ${headers.authorization}"}}`);
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
  };
  const server = secure
    ? createTlsServer({ key: testKey, cert: testCertificate }, answer)
    : createServer(answer);
  await new Promise<void>((done) => server.listen(0, address, done));
  return {
    heard,
    port: (server.address() as AddressInfo).port,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const STREAM = [
  { choices: [{ index: 0, delta: { content: 'one' } }] },
  { choices: [{ index: 0, delta: { content: ' two' }, finish_reason: 'stop' }] },
  { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
]
  .map((event) => `data: ${JSON.stringify(event)}\n\n`)
  .join('')
  .concat('data: [DONE]\n\n');

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

describe('addresses', () => {
  let ws: Workspace;
  let recorder: Recorder | undefined;
  beforeAll(() => {
    ws = workspace();
    const rows = [5, 9, undefined].map((max_tokens, i) => ({ question: `${i}?`, max_tokens }));
    writeFileSync(join(ws.dir, 'sums.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    writeFileSync(join(ws.dir, 'adapters.json'), '{"1": "tuned"}');
    writeFileSync(join(ws.dir, 'ca.pem'), testCertificate);
  });
  afterEach(() => {
    recorder?.stop();
    recorder = undefined;
  });
  afterAll(() => ws.remove());

  /** Runs the three rows with these keys of the model config. */
  async function ask(keys: object, env: Record<string, string> = {}, flags = ''): Promise<Finished> {
    const model = {
      abbr: 'it',
      type: 'VLLMCustomAPIChat',
      stream: true,
      max_out_len: 7,
      batch_size: 1,
      retry: 0,
    };
    const config = JSON.stringify([{ ...model, ...keys }]);
    addConfig(
      ws,
      'models/it.ts',
      `import { defineModels } from 'ais-bench';\nexport const models = defineModels(${config});\n`,
    );
    return run(`${COMMAND} ${flags}`, ws.dir, { ...PROXIES, ...env });
  }
  const posts = () => recorder!.heard.filter(({ method }) => method === 'POST');
  const outcomes = () =>
    readJson<{ outcomes: Record<string, number> }>(join(ws.lastRun(), 'performances/it/sums_summary.json'))
      .outcomes;

  /** Every byte the run left, the records unpacked. */
  async function everythingLeft({ stdout, stderr }: Finished): Promise<string> {
    const files = readdirSync(ws.lastRun(), { recursive: true, withFileTypes: true }).filter((f) =>
      f.isFile(),
    );
    const { info, batches } = await readRun(join(ws.lastRun(), 'performances/it'), 'sums');
    const notes = [...batches()].flatMap((batch) => batch.notes);
    return [
      stdout,
      stderr,
      JSON.stringify({ info, notes }),
      ...files.map((f) => readFileSync(join(f.parentPath, f.name), 'latin1')),
    ].join('\n');
  }

  it('url with path and query; the key in every request and nowhere else', async () => {
    recorder = await listen('127.0.0.1');
    const url = `127.0.0.1:${recorder.port}/gate/way?tenant=7&token=${TOKEN}`;
    const r = await ask({ url, host_ip: 'nowhere.invalid', api_key: KEY }, {}, '--debug');
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const query = `?tenant=7&token=${TOKEN}`;
    expect(new Set(recorder.heard.map((h) => `${h.method} ${h.url}`))).toEqual(
      new Set([`GET /gate/way/v1/models${query}`, `POST /gate/way/v1/chat/completions${query}`]),
    );
    expect(new Set(recorder.heard.map((h) => h.authorization))).toEqual(new Set([`Bearer ${KEY}`]));
    expect(posts()).toHaveLength(3);
    const left = await everythingLeft(r);
    expect(left).toContain('tenant=7');
    expect(left).not.toContain(KEY);
    expect(left).not.toContain(TOKEN);
  });

  it('a key from the environment, repeated by a service that refuses it, is not kept either', async () => {
    recorder = await listen('127.0.0.1', false, 403);
    const r = await ask({ host_ip: '127.0.0.1', host_port: recorder.port }, { OPENAI_API_KEY: KEY });
    expect(new Set(posts().map((h) => h.authorization))).toEqual(new Set([`Bearer ${KEY}`]));
    const left = await everythingLeft(r);
    expect(left).toContain('403');
    expect(left).not.toContain(KEY);
  });

  it('url as people give it: base, gateway, query, with /v1 or a whole endpoint, with a password', async () => {
    recorder = await listen('127.0.0.1');
    const host = `127.0.0.1:${recorder.port}`;
    const forms: [url: string, asked: string][] = [
      [`http://${host}`, '/v1/chat/completions'],
      [`${host}/`, '/v1/chat/completions'],
      [`http://${host}/gw`, '/gw/v1/chat/completions'],
      [`http://${host}/gw/?api-version=1`, '/gw/v1/chat/completions?api-version=1'],
      [`http://${host}/v1`, '/v1/chat/completions'],
      [`http://${host}/gw/v1//`, '/gw/v1/chat/completions'],
      [`http://${host}/v1/chat/completions?a=b`, '/v1/chat/completions?a=b'],
      [`http://some:pass%20word@${host}/v1/models`, '/v1/chat/completions'],
    ];
    const common = { type: 'VLLMCustomAPIChat', stream: true, max_out_len: 7, batch_size: 1, retry: 0 };
    const models = forms.map(([url], i) => ({ ...common, abbr: `form-${i}`, url }));
    addConfig(ws, 'models/it.ts', `export const models = ${JSON.stringify(models)};\n`);
    const r = await run(COMMAND, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(posts().map(({ url }) => url)).toEqual(forms.flatMap(([, asked]) => Array(3).fill(asked)));
    const basic = `Basic ${Buffer.from('some:pass word').toString('base64')}`;
    const authorizations = posts().map(({ authorization }) => authorization);
    expect(authorizations).toEqual([...Array(21).fill(''), ...Array(3).fill(basic)]);
    expect(r.stdout + r.stderr).toContain(
      'form-4: url ends with v1, which every request adds anyway; it is ignored',
    );
    expect(r.stdout + r.stderr).not.toContain('pass word');
  });

  it('rows with their adapter, their own length, and as often as asked', async () => {
    recorder = await listen('127.0.0.1');
    const generation_kwargs = { num_return_sequences: 2, lora_data_map_file: 'adapters.json', top_k: 4 };
    const r = await ask({ host_ip: '127.0.0.1', host_port: recorder.port, generation_kwargs });
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const said = posts().map(({ body: { messages, model, max_tokens } }) => {
      const [row] = /\d/.exec(messages?.[0].content ?? '')!;
      return `${row} ${model} ${max_tokens}`;
    });
    expect(said).toEqual(['0 base 5', '0 base 5', '1 tuned 9', '1 tuned 9', '2 base 7', '2 base 7']);
    for (const { body } of posts()) {
      expect(body).toMatchObject({ stream: true, top_k: 4 });
      expect(Object.keys(body)).not.toContain('num_return_sequences');
      expect(Object.keys(body)).not.toContain('lora_data_map_file');
    }
    expect(outcomes().ok).toBe(6);
  });

  it.each([
    ['host_ip ::1', (port: number) => ({ host_ip: '::1', host_port: port })],
    ['url [::1]', (port: number) => ({ url: `[::1]:${port}` })],
  ])('IPv6: %s', async (_, keys) => {
    recorder = await listen('::1');
    const r = await ask(keys(recorder.port));
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(posts().map((h) => h.host)).toEqual(Array(3).fill(`[::1]:${recorder.port}`));
    expect(outcomes().ok).toBe(3);
  });

  it('enable_ssl: with the authority that signed, or with none asked for, and not otherwise', async () => {
    recorder = await listen('127.0.0.1', true);
    const address = { host_ip: '127.0.0.1', host_port: recorder.port, enable_ssl: true };
    for (const trust of [{ ca_file: 'ca.pem' }, { insecure_skip_verify: true }]) {
      const r = await ask({ ...address, ...trust });
      expect(r.code, r.stdout + r.stderr).toBe(0);
      expect(outcomes().ok).toBe(3);
    }
    const runs = ws.runs().length;
    const r = await ask(address);
    expect(r.code).toBe(1);
    expect(r.stderr).toMatch(/No service answers at https:.*self.signed certificate/);
    expect(r.stderr).toMatch(/ca_file|insecure_skip_verify/);
    expect(ws.runs()).toHaveLength(runs);
    expect(posts()).toHaveLength(6);
  });
});
