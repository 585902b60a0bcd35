/** Runs the hot path before the run, so that the first responses are not sent and read by cold code. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type Clock, clockSince, monotonicNs } from '../core/clock.ts';
import type { Delta, Protocol } from '../core/protocol.ts';
import { createSchedule } from '../schedules/registry.ts';
import { timerAlarm } from './alarm.ts';
import { type Client, createClient } from './client.ts';
import { noReads, originOf } from './connection.ts';
import { createDialect } from './dialect.ts';
import { createLoop } from './loop.ts';
import { createRecorder, type RawBatch } from './recorder.ts';
import type { RequestBytes } from './request.ts';
import { createCursors, createWork } from './work.ts';

/** Enough for V8 to compile the hot functions. */
const REQUESTS = 1500;
const CONNECTIONS = 8;
const BATCH_ROWS = 64;
const TEXT_EVENTS = 8;
const LIMITS = { connectMs: 1000, silenceMs: 1000, totalMs: 1000 };
const share = { index: 0, count: 1 };

/**
 * Asks a stand-in of the service, in this very thread, over real sockets; what it records goes to `onBatch`, so
 * that the receiving thread is warm, too. At 10,000 sends a second the first 200 ms of a run were up to 14 ms
 * late without it, and where both threads share a core the first batch cost up to 30 ms.
 */
export async function prime(protocol: Protocol, onBatch: (raw: RawBatch) => void): Promise<void> {
  const server = await standIn(answerOf(protocol));
  // Without it the run starts cold, which is no reason not to start.
  if (server === null) return;
  const clock = clockSince(monotonicNs());
  const client = clientOf(protocol, (server.address() as AddressInfo).port, clock, onBatch);
  const spec = { kind: 'closed', requests: REQUESTS, limit: CONNECTIONS } as const;
  await createLoop({
    schedule: createSchedule(spec),
    share,
    work: createWork(share, REQUESTS, createCursors(1)),
    clock,
    alarm: timerAlarm(clock),
    sender: client,
    retries: 0,
    graceMs: () => 0,
    onEnd: () => {},
    soon: setImmediate,
  }).run();
  client.close();
  server.close();
}

function clientOf(protocol: Protocol, port: number, clock: Clock, onBatch: (raw: RawBatch) => void): Client {
  const url = `http://127.0.0.1:${port}/`;
  const target = { protocol: '', url, model: '', stream: true, maxOutTokens: 1, generation: {}, apiKey: '' };
  const recorder = createRecorder(0);
  let appended = 0;
  return createClient({
    origin: originOf(target),
    clock,
    dialect: createDialect(protocol, { stream: true, keepText: false, verify: false }),
    requests: requestsTo(url),
    timeouts: LIMITS,
    recorder: {
      append(attempt) {
        recorder.append(attempt);
        if (++appended % BATCH_ROWS === 0) onBatch(recorder.take()!);
      },
    },
    counters: noReads(),
  });
}

function requestsTo(url: string): RequestBytes {
  const body = Buffer.from('{"prompt":"prime"}');
  const head = Buffer.from(`POST / HTTP/1.1\r\nhost: ${url}\r\ncontent-length: ${body.length}\r\n\r\n`);
  return () => [Buffer.concat([head, body])];
}

/** Answers each read, which is one request, with `answer` in pieces; null where no port can be had. */
function standIn(answer: Buffer): Promise<Server | null> {
  let answered = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      // Pieces of several sizes: whole events, several at once, and torn ones.
      const cut = Math.floor((answer.length * (1 + (answered++ % 7))) / 8);
      socket.write(answer.subarray(0, cut));
      socket.write(answer.subarray(cut));
    });
  });
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function answerOf(protocol: Protocol): Buffer {
  const response = { id: 'prime-0123456789', model: 'model', createdUnixS: 1_700_000_000 };
  const deltas: Delta[] = [
    { role: 'assistant' },
    ...Array.from({ length: TEXT_EVENTS }, (_, i) => ({ text: ` word${i % 10}` })),
    { finish: 'stop' },
    { usage: { inTokens: 1, outTokens: TEXT_EVENTS } },
    { done: true },
  ];
  const chunks = deltas.map((delta) => {
    const event = `data: ${protocol.emit(delta, response)}\n\n`;
    return `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`;
  });
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
  return Buffer.from(`${head}${chunks.join('')}0\r\n\r\n`);
}
