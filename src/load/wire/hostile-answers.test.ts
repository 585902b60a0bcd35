/** Answers that never end, or are out of all proportion: each fails alone, in bounded time and memory. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { clockSince, monotonicNs } from '../../core/clock.ts';
import { KIND, OUTCOME, type Outcome, outcomes } from '../../core/records.ts';
import { openaiChat } from '../../protocols/openai-chat.ts';
import type { AttemptEnd } from './attempt-end.ts';
import { createClient } from './client.ts';
import { noReads, originOf } from './connection.ts';
import { createDialect } from './dialect.ts';
import { MAX_SILENT_EVENTS } from './logs/event-log.ts';
import { createRecorder, type RawBatch } from './recorder.ts';
import { withNotes } from './row-notes.ts';

const SECRET = 'sk-1234abcd';
const PATIENCE_MS = 60_000;
const MIB = 1024 * 1024;
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const OPEN = `${HEAD}\r\n`;
const event = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const WORD = event({ content: 'a' });
const ROLE = event({ role: 'assistant' });
const OTHER = 'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":null}]}\n\n';
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n';
const GOOD = `${CHUNKED}${[WORD, event({}, 'stop'), 'data: [DONE]\n\n']
  .map((text) => `${text.length.toString(16)}\r\n${text}\r\n`)
  .join('')}0\r\n\r\n`;

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Limits {
  stallMs?: number;
  maxHeldBytes?: number;
  stream?: boolean;
  requestBytes?: number;
}

/** A client of a service that does `answer` once it has been asked. */
async function ask(answer: (socket: Socket, asked: number) => void, limits: Limits = {}) {
  let asked = 0;
  const server: Server = createServer((socket) => {
    opened.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', () => answer(socket, asked++));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => server.close());
  const recorder = createRecorder(0);
  const counters = noReads();
  const { stallMs = PATIENCE_MS, stream = true, maxHeldBytes, requestBytes = 0 } = limits;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const request = Buffer.from(`POST / HTTP/1.1\r\ncontent-length: ${requestBytes}\r\n\r\n`);
  const client = createClient({
    origin: originOf({ url } as Parameters<typeof originOf>[0]),
    clock: clockSince(monotonicNs()),
    dialect: createDialect(openaiChat, { stream, keepText: true, verify: false, secrets: [SECRET] }),
    requests: () => [request, Buffer.alloc(requestBytes, 'x')],
    timeouts: { connectMs: PATIENCE_MS, silenceMs: PATIENCE_MS, stallMs, totalMs: null },
    recorder,
    counters,
    maxHeldBytes,
  });
  opened.push(() => client.close());
  const send = (index = 0): Promise<AttemptEnd> =>
    new Promise((done) => client.send({ index, turn: 0, attempt: 0, due: 0, measured: true }, done));
  return { send, counters, take: () => read(recorder.take()!) };
}

/** What was recorded of each attempt. */
function read(raw: RawBatch) {
  const batch = withNotes(raw);
  return Array.from({ length: batch.rows }, (_, row) => {
    const kinds = [...batch.eventKind.subarray(batch.eventStart[row], batch.eventStart[row + 1])];
    const note = batch.notes.find((n) => n.row === row);
    return { outcome: outcomes[batch.outcome[row]] as Outcome, status: batch.status[row], kinds, ...note };
  });
}

/** Writes `start`, then `again` for as long as it is read. */
const endless = (start: string, again: string | Buffer) => (socket: Socket) => {
  socket.write(start);
  const write = () => {
    while (socket.writable && socket.write(again));
  };
  socket.on('drain', write);
  write();
};

/** Writes `start`, then `again` every few ms. */
const dripping = (start: string, again: string) => (socket: Socket) => {
  socket.write(start);
  const timer = setInterval(() => socket.writable && socket.write(again), 5);
  socket.once('close', () => clearInterval(timer));
};

async function recordOf(answer: (socket: Socket) => void, limits: Limits = {}) {
  const { send, take } = await ask(answer, limits);
  await send();
  return take()[0];
}

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe('a service that sends something and no output', () => {
  it.each([
    ['heartbeats', OPEN, ': hb\n\n'],
    ['heartbeats in chunks', CHUNKED, chunk(': hb\n\n')],
    ['roles', OPEN, ROLE],
    ['blank lines', OPEN, '\n\n'],
    ['usage', OPEN, USAGE],
    ['events that say nothing', OPEN, OTHER],
    ['letters of a head', 'HTTP/1.1 200 OK\r\nx: ', 'x'],
    ['interim heads', '', 'HTTP/1.1 102 Processing\r\n'],
    ['bytes of a chunk extension', `${CHUNKED}5;`, 'x'],
    ['bytes of a trailer', `${CHUNKED}0\r\nx: `, 'y'],
    ['letters of an event', `${OPEN}data: {"`, 'x'],
    ['heartbeats behind its first output', OPEN + WORD, ': hb\n\n'],
  ])('is given up in time: %s', async (_, start, again) => {
    const { outcome, cause } = await recordOf(dripping(start, again), { stallMs: 300 });
    expect([outcome, cause]).toEqual(['timeout', 'no output for 300 ms, although the connection was open']);
  });

  it('is waited for as long as output comes now and then', async () => {
    const { send } = await ask(
      (socket) => {
        let words = 0;
        socket.write(OPEN);
        const timer = setInterval(() => {
          socket.write(words < 4 ? `: hb\n\n${WORD}` : `${event({}, 'stop')}data: [DONE]\n\n`);
          if (++words === 5) clearInterval(timer);
        }, 200);
      },
      { stallMs: 650 },
    );
    const end = await send();
    expect([end.outcome, end.endMs - end.sentMs > 650]).toEqual([OUTCOME.ok, true]);
  });
});

describe('a flood', () => {
  it.each([
    ['of interim heads', '', 'HTTP/1.1 100 Continue\r\n\r\n', /100 interim/],
    ['of header lines', 'HTTP/1.1 200 OK\r\n', `x: ${'y'.repeat(500)}\r\n`, /head is longer/],
    ['of header lines of an interim head', 'HTTP/1.1 103 Early Hints\r\n', 'x: y\r\n', /head is longer/],
    ['of one chunk extension', `${CHUNKED}5;`, 'x'.repeat(500), /extensions are longer/],
    ['of small chunk extensions', CHUNKED, `1;${'x'.repeat(99)}\r\n\n\r\n`, /extensions are longer/],
    ['of CRs in a chunk size', `${CHUNKED}5`, '\r'.repeat(500), /extensions are longer/],
    ['of CRs behind a chunk', `${CHUNKED}1\r\n\n`, '\r'.repeat(500), /longer than its size/],
    ['of trailer lines', `${CHUNKED}0\r\n`, 'x: y\r\n', /trailers are longer/],
    ['of one trailer', `${CHUNKED}0\r\nx: `, 'y'.repeat(500), /trailers are longer/],
    ['of one event', `${OPEN}data: `, 'x'.repeat(50_000), /event is too long/],
    ['of comments that are one event', OPEN, ': hb\n'.repeat(5000), /event is too long/],
    ['of data lines that are one event', OPEN, 'data: x\n'.repeat(5000), /event is too long/],
  ])('%s fails', async (_, start, again, why) => {
    const { outcome, cause } = await recordOf(endless(start, again));
    expect([outcome, cause]).toEqual(['protocol', expect.stringMatching(why)]);
  });

  it.each([
    ['comments', ': hb\n\n', KIND.comment],
    ['roles', ROLE, KIND.role],
    ['events that say nothing', OTHER, KIND.other],
    ['usage', USAGE, KIND.usage],
  ])('of %s leaves a bounded log, and output behind it is recorded', async (_, text, kind) => {
    const last = `${WORD}${event({}, 'stop')}data: [DONE]\n\n`;
    const { outcome, kinds } = await recordOf((socket) => {
      socket.end(OPEN + text.repeat(2 * MAX_SILENT_EVENTS) + last);
    });
    expect(outcome).toBe('ok');
    expect(kinds.filter((k) => k === kind).length).toBe(MAX_SILENT_EVENTS);
    expect(kinds.at(-1)).toBe(KIND.text);
  });

  it('of output events fails after four million of them', async () => {
    const words = Buffer.from(WORD.repeat(2000));
    const { outcome, cause } = await recordOf(endless(OPEN, words));
    expect([outcome, cause]).toEqual(['protocol', 'the answer has more than 4194304 output events']);
  });

  it.each([
    ['of an error', 500, 'http', 'HTTP 500'],
    ['of an error with a status of its own', 429, 'http', 'HTTP 429'],
  ])('%s is cut after 256 KiB, and 2 KiB are kept', async (_, status, expected, why) => {
    let read = 0;
    const { send, counters, take } = await ask((socket) => {
      socket.write(`HTTP/1.1 ${status} No\r\ncontent-length: ${15 * MIB}\r\n\r\n`);
      socket.write(Buffer.alloc(15 * MIB, 'é'), () => {
        read = 15 * MIB;
      });
    });
    await send();
    const [{ outcome, cause, errorBody = '' }] = take();
    expect([outcome, cause, Buffer.byteLength(errorBody)]).toEqual([expected, why, 2048]);
    expect([counters.bytesIn < MIB, read]).toEqual([true, 0]);
  });

  it('of small chunks costs no more than its bytes', async () => {
    const before = process.memoryUsage();
    const { send } = await ask((socket) => socket.write(CHUNKED + chunk('{') + chunk(' ').repeat(400_000)), {
      stallMs: 3000,
    });
    const ending = send();
    await ending;
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const grown = heapUsed - before.heapUsed + arrayBuffers - before.arrayBuffers;
    expect(grown).toBeLessThan(100 * MIB);
  });
});

describe('many answers that grow', () => {
  it('stay within what the worker may hold: the largest fails, the others go on', async () => {
    const { send, take } = await ask(
      (socket, asked) => {
        if (asked > 0) {
          const length = asked === 1 ? 1.5 * MIB : 0.5 * MIB;
          socket.write(`${OPEN}data: ${'x'.repeat(length)}`);
          if (asked > 1) setTimeout(() => socket.end(`\n\n`), 1500);
        } else socket.write(GOOD);
      },
      { maxHeldBytes: 3 * MIB },
    );
    await send(0);
    await Promise.all([1, 2, 3].map(send));
    const causes = take().map(({ cause }) => cause);
    const isOver = /unfinished answers take more than 3 MiB, and this is the largest/;
    expect(causes.map((cause = '') => isOver.test(cause))).toEqual([false, true, false, false]);
  });
});

const deep = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000);
const ODD_JSON = [
  ['100,000 lists in each other', deep('[', ']')],
  ['100,000 objects in each other', deep('{"a":', '}').replace('}', '1}')],
  ['100,000 lists without an end', '['.repeat(100_000)],
  ['a lone surrogate', '"\\ud83d"'],
  ['a NUL', '"\\u0000"'],
  ['1e308', '1e308'],
  ['1e999', '1e999'],
  ['-1', '-1'],
  ['a number of 100,000 digits', '9'.repeat(100_000)],
] as const;
const PLACES = [
  ['an event', (json: string) => `${OPEN}data: ${json}\n\n`],
  ['a delta', (json: string) => `${OPEN}data: {"choices":[{"delta":{"content":${json}}}]}\n\n`],
  [
    'a field beside',
    (json: string) => `${OPEN}data: {"choices":[{"delta":{"content":"a"}}],"x":${json}}\n\n`,
  ],
  ['usage', (json: string) => `${OPEN}data: {"choices":[],"usage":{"prompt_tokens":${json}}}\n\n`],
  ['usage as a whole', (json: string) => `${OPEN}data: {"choices":[],"usage":${json}}\n\n`],
  ['an unknown field', (json: string) => `${OPEN}data: {"choices":[{"delta":{"thoughts":${json}}}]}\n\n`],
  ['an error event', (json: string) => `${OPEN}data: {"error":${json}}\n\n`],
  ['an error message', (json: string) => `${OPEN}data: {"error":{"message":${json}}}\n\n`],
  ['an error body', (json: string) => `HTTP/1.1 500 No\r\nconnection: close\r\n\r\n{"error":${json}}`],
  ['a whole body', (json: string) => `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"choices":${json}}`],
  ['a tool call', (json: string) => `${OPEN}data: {"choices":[{"delta":{"tool_calls":${json}}}]}\n\n`],
] as const;

describe.each(ODD_JSON)('%s', (_, json) => {
  it.each(PLACES)('in %s is one record, and the next request goes well', async (_, answer) => {
    const { send, take } = await ask((socket, asked) => {
      if (asked === 0) socket.end(answer(json));
      else socket.write(GOOD);
    });
    await send(0);
    await send(1);
    expect(take().map(({ outcome }) => outcome)[1]).toBe('ok');
  });
});

describe('an answer to a request that is still being sent', () => {
  const refused = (status: number) => `HTTP/1.1 ${status} No\r\ncontent-length: 7\r\n\r\ntoo big`;
  it.each<[string, (socket: Socket) => void]>([
    ['and a close', (socket) => socket.end(refused(413))],
    ['and a hard close', (socket) => socket.write(refused(413), () => socket.destroy())],
    [
      'and a reset',
      (socket) => socket.write(refused(413), () => setTimeout(() => socket.resetAndDestroy(), 20)),
    ],
    [
      'cut by a reset',
      (socket) =>
        socket.write(refused(413).slice(0, -3), () => setTimeout(() => socket.resetAndDestroy(), 20)),
    ],
    ['and nothing more', (socket) => socket.pause().write(refused(413))],
  ])('is the cause of the failure: a refusal %s', async (_, act) => {
    const { send, take } = await ask(
      (socket, asked) => {
        if (asked === 0) act(socket);
        else if (asked > 0 && !socket.writableEnded) socket.read();
      },
      { requestBytes: 5_000_000 },
    );
    await send();
    const [{ outcome, status, cause, errorBody = '' }] = take();
    expect([outcome, status, cause, errorBody.slice(0, 4)]).toEqual(['http', 413, 'HTTP 413', 'too ']);
  });
});

describe('a secret that the service says', () => {
  const escaped = SECRET.replace('k', '\\u006b').replace('1', '\\u0031');
  it.each([
    ['in a text', OPEN + event({ content: `it is ${SECRET}.` })],
    [
      'in texts of several events',
      OPEN + event({ content: SECRET.slice(0, 5) }) + event({ content: SECRET.slice(5) }),
    ],
    ['in reasoning', OPEN + event({ reasoning_content: SECRET })],
    ['in escapes', OPEN + event({ content: 'KEY' }).replace('KEY', escaped)],
    ['in an id', OPEN + WORD.replace('"c"', `"${SECRET}"`)],
    ['in a finish reason', OPEN + WORD + event({}, SECRET)],
    ['in the name of an unknown field', OPEN + ROLE + event({ [SECRET]: 'a' })],
    ['in an error', `${OPEN}${WORD}data: {"error":{"message":"${SECRET}"}}\n\n`],
    ['in no JSON', `${OPEN}data: ${SECRET}\n\n`],
    ['in an error body', `HTTP/1.1 401 No\r\nconnection: close\r\n\r\n${SECRET}`],
    [
      'across the end of what is kept of it',
      `HTTP/1.1 401 No\r\nconnection: close\r\n\r\n${'x'.repeat(2040)}${SECRET}`,
    ],
    ['in a header', `HTTP/1.1 307 No\r\nlocation: /?k=${SECRET}\r\ncontent-length: 0\r\n\r\n`],
  ])('is in no record: %s', async (_, answer) => {
    const record = await recordOf((socket) => socket.end(answer));
    const kept = JSON.stringify(record);
    for (const part of [SECRET, SECRET.slice(0, 7), escaped]) expect(kept).not.toContain(part);
    // At the end of 2 KiB the mark itself is cut.
    expect(kept).toContain('[api ke');
  });
});
