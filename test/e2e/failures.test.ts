/** Every way in which a service can fail a request: its words, and what to do, on the screen, in the log and in the details. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testCertificate, testKey } from '../../src/load/wire/tls.fixture.ts';
import { addConfig, type Finished, run, type Workspace, workspace } from './harness.ts';

const json = JSON.stringify;
const PAGE = '<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>';
const STREAM = [
  { choices: [{ index: 0, delta: { content: 'one' } }] },
  { choices: [{ index: 0, delta: { content: ' two' }, finish_reason: 'stop' }] },
  { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
]
  .map((event) => `data: ${json(event)}\n\n`)
  .join('')
  .concat('data: [DONE]\n\n');

interface Failure {
  status: number;
  body: string | Buffer;
  headers?: Record<string, string>;
  /** On the screen and in the log. */
  line: string;
  hint: RegExp;
}

const error = (message: string) => json({ error: { message } });
const answers: Record<string, Failure> = {
  context: {
    status: 400,
    body: error('request (10820 tokens) exceeds the available context size'),
    line: 'HTTP 400 (bad request): request (10820 tokens) exceeds the available context size',
    hint: /lower max_out_len/,
  },
  key: { status: 401, body: error('no key'), line: 'HTTP 401 (key not accepted): no key', hint: /api_key/ },
  denied: {
    status: 403,
    body: json({ detail: 'not for you' }),
    line: 'HTTP 403 (access not allowed): not for you',
    hint: /api_key/,
  },
  model: {
    status: 404,
    body: json({ object: 'error', message: 'The model `m` does not exist.' }),
    line: 'HTTP 404 (not found): The model `m` does not exist.',
    hint: /that the service lists: served/,
  },
  path: {
    status: 404,
    body: json({ detail: 'Not Found' }),
    line: 'HTTP 404 (not found): Not Found',
    hint: /Check the path of url/,
  },
  large: {
    status: 413,
    body: '<html><h1>413 Request Entity Too Large</h1></html>',
    headers: { 'content-type': 'text/html' },
    line: 'HTTP 413 (request too large), text/html: 413 Request Entity Too Large',
    hint: /limit on the size/,
  },
  fields: {
    status: 422,
    body: json({ detail: [{ loc: ['body', 'messages'], msg: 'Field required' }] }),
    line: 'HTTP 422 (request not valid): body.messages: Field required',
    hint: /generation_kwargs/,
  },
  limit: {
    status: 429,
    body: error('slow down'),
    headers: { 'retry-after': '7' },
    line: 'HTTP 429 (too many requests), asks to wait 7 s: slow down',
    hint: /lower batch_size/,
  },
  broken: {
    status: 500,
    body: error('out of memory on device 3'),
    line: 'HTTP 500 (internal server error): out of memory on device 3',
    hint: /See its log/,
  },
  gateway: {
    status: 502,
    body: PAGE,
    headers: { 'content-type': 'text/html' },
    line: 'HTTP 502 (bad gateway), text/html: 502 Bad Gateway nginx',
    hint: /proxy answered/,
  },
  loading: {
    status: 503,
    body: error('Loading model'),
    line: 'HTTP 503 (service unavailable): Loading model',
    hint: /--wait SECONDS/,
  },
  whole: {
    status: 200,
    body: error('engine is dead'),
    headers: { 'content-type': 'application/json' },
    line: 'the service sent an error: engine is dead, HTTP 200, application/json',
    hint: /log/,
  },
  page: {
    status: 200,
    body: '<html><body><h1>Sign in</h1></body></html>',
    headers: { 'content-type': 'text/html' },
    line: 'HTTP 200, text/html: Sign in',
    hint: /web page/,
  },
  packed: {
    status: 200,
    body: gzipSync(STREAM),
    headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' },
    line: 'compressed (gzip)',
    hint: /compressed although/,
  },
  moved: {
    status: 307,
    body: '',
    headers: { location: 'https://elsewhere.example/v1/chat/completions' },
    line: 'HTTP 307 (moved temporarily), to https://elsewhere.example/v1/chat/completions',
    hint: /Redirects are not followed/,
  },
};

const model = (keys: object) =>
  `export const models = ${json([{ abbr: 'it', type: 'VLLMCustomAPIChat', stream: true, max_out_len: 7, batch_size: 1, retry: 0, model: 'm', ...keys }])};\n`;

async function listening(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

describe('why requests fail', () => {
  let ws: Workspace;
  let server: Server | TcpServer | undefined;
  beforeAll(() => {
    ws = workspace();
    writeFileSync(join(ws.dir, 'rows.jsonl'), ['1', '2', '3'].map((q) => json({ question: q })).join('\n'));
  });
  afterEach(() => {
    (server as Server | undefined)?.closeAllConnections?.();
    server?.close();
    server = undefined;
  });
  afterAll(() => ws.remove());

  async function ask(port: number, keys: object = {}, flags = ''): Promise<Finished> {
    addConfig(ws, 'models/it.ts', model({ host_ip: '127.0.0.1', host_port: port, ...keys }));
    return run(`--models it --custom-dataset-path rows.jsonl --mode perf ${flags}`, ws.dir);
  }
  /** Lists a model; a POST is answered by `answer`. */
  function service(answer: RequestListener): Promise<number> {
    server = createServer((request, response) => {
      if (request.method === 'GET' && request.url?.startsWith('/v1/models'))
        return void response.end(json({ data: [{ id: 'served' }] }));
      request.resume().on('end', () => answer(request, response));
    });
    return listening(server);
  }
  const details = (name: string) => readFileSync(join(ws.lastRun(), 'performances/it', name), 'utf8');
  const log = (name: string) => readFileSync(join(ws.lastRun(), 'logs/infer/it', name), 'utf8');

  it('of a whole run: each kind in the words of the service, with what to do', async () => {
    const names = Object.keys(answers);
    const rows = names.map((name) => json({ question: `kind=${name}.` }));
    writeFileSync(join(ws.dir, 'kinds.jsonl'), rows.join('\n'));
    const port = await service(() => {});
    server?.removeAllListeners('request').on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      request.on('end', () => {
        const { status, body, headers } = answers[/kind=(\w+)\./.exec(text)?.[1] ?? ''] ?? answers.whole;
        if (request.method === 'GET') response.end(json({ data: [{ id: 'served' }] }));
        else response.writeHead(status, headers ?? { 'content-type': 'application/json' }).end(body);
      });
    });
    addConfig(ws, 'models/it.ts', model({ host_ip: '127.0.0.1', host_port: port }));
    const r = await run('--models it --custom-dataset-path kinds.jsonl --mode perf --num-warmups 0', ws.dir);
    const screen = r.stdout + r.stderr;
    const plain = (text: string) => text.replace(/\s+/g, ' ');
    for (const [name, { line, hint, body }] of Object.entries(answers)) {
      expect(r.stdout, name).toContain(line);
      expect(plain(screen), name).toMatch(hint);
      expect(log('kinds.out'), name).toContain(line);
      expect(details('kinds_details.jsonl'), name).toContain(json(line).slice(1, -1));
      if (typeof body === 'string' && body !== '')
        expect(details('kinds_details.jsonl'), name).toContain(json(body).slice(1, -1));
    }
  });

  it('of a warm-up: the same words, and details of it', async () => {
    const { status, body, line } = answers.context;
    const port = await service((_, response) => response.writeHead(status).end(body));
    const r = await ask(port);
    expect(r.code).toBe(1);
    expect(r.stderr).toContain(`All 1 warm-up requests failed:\n  1 × ${line}\n`);
    expect(r.stderr).toMatch(/Shorten the prompts/);
    expect(log('rows.out')).toContain(line);
    expect(JSON.parse(details('rows_warmup_details.jsonl'))).toMatchObject({
      success: false,
      error_info: line,
      status: 400,
      error_body: body,
    });
  });

  it('of every request behind a warm-up that was answered: the words on the screen, and code 1', async () => {
    let n = 0;
    const port = await service((_, response) => {
      if (n++ > 0) response.writeHead(500).end(error('engine died: out of memory on device 3'));
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
    });
    const r = await ask(port);
    expect(r.code).toBe(1);
    expect(r.stdout).toContain(
      '  3 × HTTP 500 (internal server error): engine died: out of memory on device 3\n',
    );
    expect(r.stderr).toContain('None of the 3 requests succeeded.');
  });

  it('numbers that differ from request to request make one kind', async () => {
    let n = 0;
    const port = await service((_, response) =>
      response.writeHead(500).end(error(`request req-${n++}a failed`)),
    );
    const r = await ask(port, {}, '--num-warmups 0');
    expect(r.stdout).toContain('  3 × HTTP 500 (internal server error): request req-0a failed\n');
  });

  it('a loading service is waited for, at its list of models and at the warm-up', async () => {
    const loading = { lists: 1, answers: 1 };
    server = createServer((request, response) => {
      const [kind, words] =
        request.method === 'GET'
          ? (['lists', 'Loading model'] as const)
          : (['answers', 'warming up'] as const);
      request.resume();
      if (loading[kind]-- > 0) response.writeHead(503).end(error(words));
      else if (kind === 'lists') response.end(json({ data: [{ id: 'm' }] }));
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
    });
    const r = await ask(await listening(server));
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(r.stdout).toMatch(/Waiting for the service at http:.*Loading model/);
    expect(r.stdout).toMatch(/Waiting for the service, up to 60 s \(--wait\): HTTP 503 .*warming up/);
  });

  it('and not when told so', async () => {
    const port = await service((_, response) => response.writeHead(503).end(error('Loading model')));
    const r = await ask(port, {}, '--wait 0');
    expect(r.code).toBe(1);
    expect(r.stdout).not.toContain('Waiting for');
    expect(r.stderr).toContain(answers.loading.line);
  });

  it('several models and none named: refused with the list', async () => {
    server = createServer((_, response) => response.end(json({ data: [{ id: 'a\x1b[2J' }, { id: 'b' }] })));
    const r = await ask(await listening(server), { model: '' });
    expect(r.code).toBe(1);
    expect(r.stderr).toContain('lists 2: a\\x1b[2J, b');
  });

  it.each<[string, () => Server | TcpServer, boolean, RegExp]>([
    ['TLS asked of plain HTTP', () => createServer((_, r) => r.end('{}')), true, /Write http:\/\//],
    [
      'plain HTTP asked of TLS',
      () => createTlsServer({ key: testKey, cert: testCertificate }, (_, r) => r.end('{}')),
      false,
      /Write https:\/\//,
    ],
    [
      'HTTP/2 alone over TLS',
      () => createSecureServer({ key: testKey, cert: testCertificate }) as unknown as Server,
      true,
      /speaks only HTTP\/2/,
    ],
    [
      'HTTP/2 alone',
      () =>
        createTcpServer((socket) => {
          socket.on('error', () => {});
          socket.once('data', () => socket.end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])));
        }),
      false,
      /speaks only HTTP\/2/,
    ],
  ])('%s', async (_, create, secure, hint) => {
    server = create();
    const r = await ask(await listening(server), { enable_ssl: secure, insecure_skip_verify: true });
    expect(r.code).toBe(1);
    expect(r.stderr.replace(/\s+/g, ' ')).toMatch(hint);
  });

  it('a service cannot act on the terminal, forge a line of a log, or fill it', async () => {
    const evil = `\x1b[2J\x9b31m\r\n11/27 00:00:00 - AISBench - INFO - forged \u202e${'x'.repeat(15e6)}`;
    const port = await service((_, response) =>
      response.writeHead(500, { 'content-type': 'text/plain' }).end(evil),
    );
    const r = await ask(port, {}, '--num-warmups 0');
    for (const text of [r.stdout, r.stderr, log('rows.out')]) {
      expect(text.length).toBeLessThan(100_000);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x80-\x9f\u202e]/);
      expect(text).not.toMatch(/^11\/27 00:00:00/m);
    }
    expect(r.stdout).toContain('\\x1b[2J');
  });

  it('a key that a service says in every place is in no file and on no screen', async () => {
    const key = 'sk-Never/to+be=seen 42';
    const user = 'someone:pa55-word/never';
    const said = (secret: string) =>
      [secret, encodeURIComponent(secret), json(secret), Buffer.from(secret).toString('base64')].join(' ');
    const all = `${said(key)} ${said(user)}`;
    const port = await service((_, response) => {
      response.writeHead(400, {
        'content-type': `text/plain; k=${encodeURIComponent(key)}`,
        location: said(key).replace(/\s/g, '_'),
      });
      response.end(error(`${all} ${'x'.repeat(2048 - 40 - all.length - 300)}${all}`));
    });
    for (const keys of [{ api_key: key }, { url: `http://${user.replace('/', '%2F')}@127.0.0.1:${port}/` }]) {
      const r = await ask(port, keys);
      const files = readdirSync(ws.lastRun(), { recursive: true, withFileTypes: true }).filter((f) =>
        f.isFile(),
      );
      const left = [
        r.stdout,
        r.stderr,
        ...files.map((f) => readFileSync(join(f.parentPath, f.name), 'latin1')),
      ];
      const secret = 'api_key' in keys ? key : 'pa55-word/never';
      const whole = 'api_key' in keys ? key : user;
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(whole).toString('base64')])
        expect(left.join('\n')).not.toContain(form);
    }
  });
});
