import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clockSince, monotonicNs } from '../../core/clock.ts';
import type { Plan } from '../../core/plan.ts';
import {
  KIND,
  OUTCOME,
  type Outcome,
  outcomes,
  type RecordBatch,
  UNKNOWN_TOKENS,
} from '../../core/records.ts';
import { openaiChat } from '../../protocols/openai-chat.ts';
import type { AttemptEnd } from './attempt-end.ts';
import { type Client, createClient } from './client.ts';
import { noReads, originOf } from './connection.ts';
import { createDialect } from './dialect.ts';
import { createRequests } from './http/request.ts';
import { createRecorder } from './recorder.ts';
import { withNotes } from './row-notes.ts';
import { testCertificate, testKey } from './tls.fixture.ts';

// Real loopback sockets: what is under test is how this client and node's sockets get on.

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const thing of opened.splice(0)) thing.close();
});

async function listen<T extends Server | TcpServer>(server: T): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const serve = (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  opened.push({ close: () => server.closeAllConnections() });
  return listen(server);
};

/** A server that gets whole requests (head and body in one piece) and writes raw bytes. */
async function serveRaw(onRequest: (socket: Socket, request: string) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => onRequest(socket, data.toString('latin1')));
  });
  opened.push({
    close() {
      for (const socket of sockets) socket.destroy();
    },
  });
  return listen(server);
}

/** Longer than any busy machine takes for one step. */
const PATIENCE = { timeout: 60_000 };
const bodyText = JSON.stringify({ stream: true, text: 'é' });

function planFor(url: string, more: Partial<Plan> = {}, stream = true): Plan {
  const encoded = Buffer.from(bodyText);
  const bytes = new SharedArrayBuffer(encoded.length);
  Buffer.from(bytes).set(encoded);
  const offsets = new SharedArrayBuffer(16);
  new Float64Array(offsets)[1] = encoded.length;
  return {
    seed: 1,
    target: {
      protocol: 'openai_chat',
      url,
      model: 'm',
      stream,
      maxOutTokens: 9,
      generation: {},
      apiKey: 'sk-1234',
    },
    path: 'v1/chat/completions',
    headers: { 'X-Trace': 'yes' },
    schedule: { kind: 'closed', requests: 1, limit: 1 },
    bodies: { count: 1, bytes, offsets },
    warmups: 0,
    retries: 0,
    timeouts: {
      connectMs: PATIENCE.timeout,
      silenceMs: PATIENCE.timeout,
      stallMs: PATIENCE.timeout,
      totalMs: null,
    },
    maxErrorPct: 100,
    graceMs: null,
    holdMs: 0,
    keepText: true,
    verify: false,
    ...more,
  };
}

function clientFor(plan: Plan) {
  const recorder = createRecorder(0);
  const { stream } = plan.target;
  const clock = clockSince(monotonicNs());
  const counters = noReads();
  const notices: string[] = [];
  let aheadMs = 0;
  const client: Client = createClient({
    origin: originOf(plan.target),
    clock: { now: () => clock.now() + aheadMs },
    dialect: createDialect(openaiChat, {
      stream,
      keepText: plan.keepText,
      verify: plan.verify,
      secrets: [plan.target.apiKey],
    }),
    requests: createRequests(plan),
    timeouts: plan.timeouts,
    recorder,
    counters,
    onNotice: (text) => notices.push(text),
  });
  opened.push(client);
  const send = (index = 0): Promise<AttemptEnd> =>
    new Promise((resolve) => client.send({ index, turn: 0, attempt: 0, due: 0, measured: true }, resolve));
  const pass = (ms: number) => {
    aheadMs += ms;
  };
  return { client, send, pass, counters, notices, take: (): RecordBatch => withNotes(recorder.take()!) };
}

const event = (rest: object) => `data: ${JSON.stringify({ id: 'chatcmpl-7', choices: [], ...rest })}\n\n`;
const word = (content: string, finish: string | null = null) =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
const usage = event({ usage: { prompt_tokens: 3, completion_tokens: 2 } });
const DONE = 'data: [DONE]\n\n';
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const chunked = (...pieces: string[]) =>
  `${HEAD}transfer-encoding: chunked\r\n\r\n${pieces.map((p) => `${Buffer.byteLength(p).toString(16)}\r\n${p}\r\n`).join('')}`;
const END = '0\r\n\r\n';

/** Sends one request to a server that answers with these raw bytes, then perhaps hangs up. */
async function outcomeOf(
  answer: string,
  options: { hangUp?: boolean; stream?: boolean; plan?: Partial<Plan> } = {},
) {
  const url = await serveRaw((socket) => {
    socket.write(answer);
    if (options.hangUp) socket.end();
  });
  const { send, take } = clientFor(planFor(url, options.plan, options.stream));
  const end = await send();
  const batch = take();
  return {
    end,
    batch,
    outcome: outcomes[batch.outcome[0]] as Outcome,
    kinds: [...batch.eventKind],
    note: batch.notes[0],
  };
}

describe('a request', () => {
  it('is what it should be on the wire', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (data) => (body += data));
      request.on('end', () => {
        const { host, authorization, accept, connection } = request.headers;
        seen.push([
          request.method,
          request.url,
          request.headers['content-type'],
          accept,
          connection,
          authorization,
        ]);
        seen.push([host === new URL(url).host, request.headers['x-trace'], body]);
        response.end(word('a', 'stop') + DONE);
      });
    });
    const { send } = clientFor(planFor(`${url}base/?a=b`));
    expect((await send()).outcome).toBe(OUTCOME.ok);
    expect(seen).toEqual([
      [
        'POST',
        '/base/v1/chat/completions?a=b',
        'application/json',
        'text/event-stream',
        'keep-alive',
        'Bearer sk-1234',
      ],
      [true, 'yes', bodyText],
    ]);
  });

  it('of any length arrives whole', async () => {
    let received = '';
    const url = await serve((request, response) => {
      request.on('data', (data) => (received += data));
      request.on('end', () => response.end(word('a', 'stop') + DONE));
    });
    const plan = planFor(url);
    const long = Buffer.alloc(3_000_000, 'prompt ');
    plan.bodies.bytes = new SharedArrayBuffer(long.length);
    Buffer.from(plan.bodies.bytes).set(long);
    new Float64Array(plan.bodies.offsets)[1] = long.length;
    await clientFor(plan).send();
    expect(received).toBe(long.toString());
  });
});

describe('a good stream', () => {
  it('leaves times in order, kinds, usage, text and names', async () => {
    const { batch, kinds, note, outcome } = await outcomeOf(
      chunked(
        event({ choices: [{ delta: { role: 'assistant', content: '' } }] }),
        ': hb\n\n',
        word('He'),
        word('y\n"é"'),
        word('', 'stop'),
        usage,
        DONE,
      ) + END,
    );
    expect(outcome).toBe('ok');
    const { role, comment, text, finish, done } = KIND;
    expect(kinds).toEqual([role, comment, text, text, finish, KIND.usage, done]);
    expect([batch.status[0], batch.inTokens[0], batch.outTokens[0], batch.tokenSource[0]]).toEqual([
      200, 3, 2, 1,
    ]);
    expect(note).toEqual({ row: 0, finishReason: 'stop', responseId: 'chatcmpl-7', text: 'Hey\n"é"' });
    expect(batch.sent[0]).toBeLessThan(batch.firstByte[0]);
    expect(batch.firstByte[0]).toBeLessThanOrEqual(batch.end[0]);
    const lastUs = batch.eventGapUs.reduce((a, b) => a + b, 0);
    expect(Math.abs(lastUs / 1000 - (batch.end[0] - batch.sent[0]))).toBeLessThan(0.001);
  });

  it.each([
    [
      'usage on the last content chunk',
      event({ choices: [{ delta: { content: 'b' } }], usage: { prompt_tokens: 8, completion_tokens: 9 } }),
    ],
    ['usage behind the end mark of the text', event({ usage: { prompt_tokens: 8, completion_tokens: 9 } })],
  ])('has %s', async (_name, last) => {
    const { batch } = await outcomeOf(chunked(word('a'), word('b'), word('c'), last, DONE) + END);
    expect([batch.inTokens[0], batch.outTokens[0]]).toEqual([8, 9]);
  });

  it.each([
    [
      'a finish reason and a clean end, without an end mark',
      chunked(word('a'), word('', 'length')) + END,
      false,
    ],
    ['an end mark, then the connection is cut', chunked(word('a'), DONE), true],
    ['no length, up to the end of the connection', `${HEAD}\r\n${word('a')}${DONE}`, true],
    ['a length', `${HEAD}content-length: ${(word('a') + DONE).length}\r\n\r\n${word('a')}${DONE}`, false],
    ['no blank line at its end', chunked(word('a'), 'data: [DONE]') + END, false],
  ])('may end with %s', async (_name, answer, hangUp) => {
    expect((await outcomeOf(answer, { hangUp })).outcome).toBe('ok');
  });

  it('without usage leaves the counts open', async () => {
    const { batch } = await outcomeOf(chunked(word('a'), DONE) + END);
    expect([batch.inTokens[0], batch.outTokens[0], batch.tokenSource[0]]).toEqual([
      UNKNOWN_TOKENS,
      UNKNOWN_TOKENS,
      0,
    ]);
  });
});

describe('a failed response', () => {
  it.each([
    ['cut by a clean end', chunked(word('a'), word('b')) + END, false, 'protocol', /before its end mark/],
    ['cut by a close', chunked(word('a'), word('b')), true, 'network', /closed the connection/],
    ['cut inside an event', chunked(word('a'), 'data: {"id"') + END, false, 'protocol', /malformed JSON/],
    [
      'holding an error',
      chunked(word('a'), event({ error: { message: 'out of memory' } }), DONE) + END,
      false,
      'protocol',
      /out of memory/,
    ],
    ['holding no JSON', chunked(word('a'), 'data: {oops}\n\n'), false, 'protocol', /malformed JSON/],
    ['without output', chunked(word('', 'stop'), usage, DONE) + END, false, 'protocol', /no output/],
    ['that is no HTTP', 'hello\r\n\r\n', false, 'protocol', /HTTP/],
    ['with broken chunks', `${chunked(word('a'))}zz\r\n`, false, 'protocol', /chunk/],
  ] as const)('%s keeps its events and its reason', async (_name, answer, hangUp, expected, why) => {
    const { outcome, note, kinds, batch } = await outcomeOf(answer, { hangUp });
    expect(outcome).toBe(expected);
    expect(note.cause).toMatch(why);
    if (answer.includes('"a"')) expect(kinds[0]).toBe(KIND.text);
    expect(batch.status[0]).toBe(answer.startsWith('HTTP') ? 200 : 0);
  });

  it('with another status has the status and 2 KiB of the body', async () => {
    const body = JSON.stringify({ error: 'x'.repeat(5000) });
    const { outcome, note, batch, end } = await outcomeOf(
      `HTTP/1.1 503 Busy\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    expect([outcome, batch.status[0], note.cause, end.retryable]).toEqual(['http', 503, 'HTTP 503', true]);
    expect(note.errorBody).toBe(body.slice(0, 2048));
  });

  it('is worth another attempt only when the service may do better', async () => {
    const retryable = async (status: number) =>
      (await outcomeOf(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`)).end.retryable;
    expect(await Promise.all([400, 401, 404, 429, 500, 502, 503, 504].map(retryable))).toEqual([
      false,
      false,
      false,
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  it('never shows the key, even if the service quotes it', async () => {
    const body = 'Incorrect API key: sk-1234';
    const http = await outcomeOf(`HTTP/1.1 401 No\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect(http.note.errorBody).toBe('Incorrect API key: [api key]');
    const stream = await outcomeOf(chunked(event({ error: { message: body } })) + END);
    expect(stream.note.cause).toContain('Incorrect API key: [api key]');
    expect(stream.end.fault?.cause).not.toContain('sk-1234');
  });
});

describe('time limits', () => {
  it.each([
    [
      'silence',
      { connectMs: PATIENCE.timeout, silenceMs: 200, stallMs: PATIENCE.timeout, totalMs: null },
      /silent for 200 ms/,
    ],
    [
      'the whole response',
      { connectMs: PATIENCE.timeout, silenceMs: PATIENCE.timeout, stallMs: PATIENCE.timeout, totalMs: 200 },
      /within 200 ms/,
    ],
  ])('end %s', async (_name, timeouts, why) => {
    const { outcome, note, kinds, batch } = await outcomeOf(chunked(word('a')), { plan: { timeouts } });
    expect([outcome, kinds]).toEqual(['timeout', [KIND.text]]);
    expect(note.cause).toMatch(why);
    expect(batch.end[0] - batch.sent[0]).toBeGreaterThanOrEqual(199);
  });

  it('do not wait for a service that says [DONE] and then nothing', async () => {
    const timeouts = {
      connectMs: PATIENCE.timeout,
      silenceMs: PATIENCE.timeout * 100,
      stallMs: PATIENCE.timeout * 100,
      totalMs: null,
    };
    const { outcome } = await outcomeOf(chunked(word('a'), DONE), { plan: { timeouts } });
    expect(outcome).toBe('ok');
  });
});

describe('connections', () => {
  const good = chunked(word('a', 'stop'), DONE) + END;

  it('are kept and used again', async () => {
    const sockets = new Set<Socket>();
    const url = await serveRaw((socket) => {
      sockets.add(socket);
      socket.write(good);
    });
    const { send, take } = clientFor(planFor(url));
    for (let i = 0; i < 5; i++) await send(i);
    expect(sockets.size).toBe(1);
    expect([...take().index]).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    ['died of idleness unnoticed costs no failure', 1500, OUTCOME.ok],
    ['the service broke is a failure', 0, OUTCOME.network],
  ])('are opened ahead, and one that %s', async (_, idleMs, outcome) => {
    let dropped = 0;
    const url = await serveRaw((socket, request) => {
      // The service gives up the first connection at the very moment a request comes in.
      if (dropped === 0 && request.startsWith('POST')) {
        dropped++;
        socket.resetAndDestroy();
      } else socket.write(good);
    });
    const { client, send, pass, take } = clientFor(planFor(url));
    await client.openAhead(1);
    pass(idleMs);
    const end = await send();
    const batch = take();
    expect([end.outcome, dropped, batch.rows]).toEqual([outcome, 1, 1]);
    expect(batch.sent[0]).toBeLessThan(batch.end[0]);
  });

  /** Closes each connection in its own way when it has answered on it; what comes then is never answered. */
  async function serveOnce(hangUp: (socket: Socket) => void) {
    const answered = new Set<Socket>();
    const url = await serveRaw((socket) => {
      if (answered.has(socket)) return;
      answered.add(socket);
      socket.write(good);
      hangUp(socket);
    });
    return { url, answered };
  }

  it.each<[string, (socket: Socket) => void]>([
    ['at once', (socket) => socket.end()],
    ['a turn later', (socket) => setImmediate(() => socket.end())],
    ['within 5 ms', (socket) => setTimeout(() => socket.end(), Math.random() * 5)],
    ['within 5 ms, without a last word', (socket) => setTimeout(() => socket.destroy(), Math.random() * 5)],
    ['within 5 ms by a reset', (socket) => setTimeout(() => socket.resetAndDestroy(), Math.random() * 5)],
  ])('that the service closes %s after each answer cost no failure', async (_, hangUp) => {
    const { url } = await serveOnce(hangUp);
    const { send, notices, take } = clientFor(planFor(url));
    const slot = async () => {
      for (let i = 0; i < 25; i++) expect(await send(i)).toMatchObject({ outcome: OUTCOME.ok });
    };
    await Promise.all(Array.from({ length: 8 }, slot));
    const batch = take();
    expect([batch.rows, new Set(batch.outcome)]).toEqual([200, new Set([OUTCOME.ok])]);
    expect(notices.length).toBeLessThanOrEqual(1);
  });

  it('are used once and opened ahead after three losses, which is said once', async () => {
    // A loss for sure: the request comes while the service still holds the connection.
    const { url, answered } = await serveOnce((socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    );
    const { send, counters, notices } = clientFor(planFor(url));
    for (let i = 0; i < 10; i++) await send(i);
    expect([counters.resent, notices.length]).toEqual([3, 1]);
    expect(notices[0]).toMatch(/closes connections .* its own connection/);
    expect(answered.size).toBe(10);
  });

  it('carry a lost request once more only, `sent` being the second time', async () => {
    let asked = 0;
    const url = await serveRaw((socket) => {
      if (asked++ === 0) socket.write(good);
      else setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const { send, take } = clientFor(planFor(url));
    await send(0);
    const end = await send(1);
    expect([end.outcome, end.resent, end.retryable, asked]).toEqual([OUTCOME.network, true, true, 3]);
    const batch = take();
    expect([...batch.index]).toEqual([0, 1]);
    expect(batch.sent[1] - batch.end[0]).toBeGreaterThan(15);
  });

  it('that were quiet and are closed when a request has been read have swallowed it: a failure', async () => {
    let asked = 0;
    const url = await serveRaw((socket) => {
      if (++asked % 3 === 0) socket.end();
      else socket.write(good);
    });
    const { send, pass } = clientFor(planFor(url));
    const ends: number[] = [];
    for (let i = 0; i < 9; i++) {
      ends.push((await send(i)).outcome);
      pass(400);
    }
    const { ok, network } = OUTCOME;
    expect(ends).toEqual([ok, ok, network, ok, ok, network, ok, ok, network]);
  });

  it('are not used beyond the time that the service keeps them', async () => {
    const sockets = new Set<Socket>();
    const url = await serveRaw((socket) => {
      sockets.add(socket);
      socket.write(good.replace('\r\n', '\r\nKeep-Alive: timeout=5, max=100\r\n'));
    });
    const { send, pass } = clientFor(planFor(url));
    const counts: number[] = [];
    for (const waitMs of [0, 3000, 5000, 3000]) {
      pass(waitMs);
      await send();
      counts.push(sockets.size);
    }
    expect(counts).toEqual([1, 1, 2, 2]);
  });

  it('that break before an answer, fresh ones, are failures', async () => {
    const url = await serveRaw((socket) => socket.resetAndDestroy());
    const { send, take } = clientFor(planFor(url));
    const end = await send();
    expect([outcomes[take().outcome[0]], end.retryable, end.unreachable]).toEqual(['network', true, false]);
  });

  it('that break in the middle of an answer are failures, never sent again', async () => {
    let requests = 0;
    const url = await serveRaw((socket) => {
      requests++;
      socket.write(requests === 1 ? good : chunked(word('a')));
      if (requests === 2) setImmediate(() => socket.end());
    });
    const { send } = clientFor(planFor(url));
    await send();
    const end = await send();
    expect([end.outcome, end.retryable, requests]).toEqual([OUTCOME.network, false, 2]);
  });

  it('to nobody are unreachable', async () => {
    const server = createTcpServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const { send, take } = clientFor(planFor(url));
    const end = await send();
    const batch = take();
    expect([end.outcome, end.retryable, end.unreachable]).toEqual([OUTCOME.network, true, true]);
    expect(batch.notes[0].cause).toMatch(/ECONNREFUSED/);
    expect(batch.end[0]).toBeGreaterThanOrEqual(batch.sent[0]);
  });

  it('are cancelled with what they had', async () => {
    const url = await serveRaw((socket) => socket.write(chunked(word('a'))));
    const { client, counters, send, take } = clientFor(planFor(url));
    const ending = send();
    await vi.waitUntil(() => counters.reads > 0, PATIENCE);
    client.cancelAll();
    expect((await ending).outcome).toBe(OUTCOME.cancelled);
    expect([...take().eventKind]).toEqual([KIND.text]);
  });

  it('are cancelled one at a time, and those that do not count leave no record', async () => {
    const url = await serveRaw((socket) => socket.write(chunked(word('a'))));
    const { client, send, take } = clientFor(planFor(url));
    const filler = { index: 0, turn: 0, attempt: 0, due: 0, measured: false };
    const ends: string[] = [];
    const staying = send().then((end) => void ends.push(`measured: ${end.fault?.cause}`));
    client.send(filler, (end) => ends.push(`filler: ${end.fault?.cause}`));
    client.cancel({ ...filler });
    expect(ends).toEqual([]);
    client.cancel(filler);
    client.cancel(filler);
    expect(ends).toEqual(['filler: cancelled: the run takes over its slot']);
    client.cancelAll();
    await staying;
    expect(ends[1]).toBe('measured: cancelled: the run was over');
    expect(take().rows).toBe(1);
  });
});

describe('https', () => {
  async function outcomeWith(target: Partial<Plan['target']>) {
    const server = createTlsServer({ key: testKey, cert: testCertificate }, (request, response) => {
      request.resume();
      for (let i = 0; i < 3; i++) response.write(word(`w${i}`));
      response.end(word('', 'stop') + DONE);
    });
    opened.push({ close: () => server.closeAllConnections() });
    const url = (await listen(server)).replace('http://127.0.0.1', 'https://localhost');
    const plan = planFor(url);
    plan.target = { ...plan.target, ...target };
    const { send, take } = clientFor(plan);
    const ends = [await send(), await send()];
    return { ends, batch: take() };
  }

  it('carries streams as http does, when the certificate is trusted or need not be', async () => {
    for (const target of [{ ca: testCertificate }, { insecure: true }]) {
      const { ends, batch } = await outcomeWith(target);
      expect(ends.map((end) => end.outcome)).toEqual([OUTCOME.ok, OUTCOME.ok]);
      expect(batch.notes[0].text).toBe('w0w1w2');
    }
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const { ends, batch } = await outcomeWith({});
    expect(ends[0]).toMatchObject({ outcome: OUTCOME.network, unreachable: true });
    expect(batch.notes[0].cause).toMatch(/certificate/);
  });
});

describe('an answer in one piece', () => {
  const answer = JSON.stringify({
    id: 'chatcmpl-9',
    choices: [{ message: { role: 'assistant', content: 'Hey' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2 },
  });

  it('is one event at its end', async () => {
    const { outcome, kinds, note, batch } = await outcomeOf(
      `HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`,
      { stream: false },
    );
    expect([outcome, kinds, batch.outTokens[0]]).toEqual(['ok', [KIND.text], 2]);
    expect(note).toEqual({ row: 0, finishReason: 'stop', responseId: 'chatcmpl-9', text: 'Hey' });
  });

  it.each([
    ['{"choices": [', /malformed JSON/],
    ['{"error": {"message": "busy"}}', /busy/],
    ['{"choices": []}', /no output/],
  ])('fails as %s', async (body, why) => {
    const { outcome, note } = await outcomeOf(
      `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      { stream: false },
    );
    expect([outcome, why.test(note.cause ?? '')]).toEqual(['protocol', true]);
  });
});
