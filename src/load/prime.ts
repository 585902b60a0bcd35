/** Runs the hot path before the run, so that the first responses are not sent and read by cold code. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { monotonicNs, type RunClock } from '../core/clock.ts';
import type { Plan } from '../core/plan.ts';
import type { Delta, Protocol } from '../core/protocol.ts';
import { createSchedule } from '../schedules/registry.ts';
import type { Alarm } from './timing/alarm.ts';
import { createLoop } from './timing/loop.ts';
import type { Loop } from './timing/loop-types.ts';
import { createNextTurn } from './timing/next-turn.ts';
import { createCursors, createWork } from './timing/work.ts';
import type { Client } from './wire/client.ts';
import type { AttemptEnd } from './wire/connection.ts';
import { createWorkerClient, type WorkerClientParts } from './worker-client.ts';

/**
 * Enough for V8 to compile the hot functions. Code that was compiled for one set of closures is of no use to another,
 * which is the run's, so there are two rounds; the garbage collected in the third would else take code along in the run.
 */
export const PRIMING_ROUNDS = 3;
const REQUESTS = 1500;
const CONNECTIONS = 16;
const TEXT_EVENTS = 6;
/** A round takes some 0.1 s. Where the host is so busy, or without sockets to spare, the run may as well start cold. */
const MOST_MS = 1000;
/** Slow enough that the pacer has to ring, as it does in a run. */
const PACED_RPS = 10_000;
const LIMITS = { connectMs: 1000, silenceMs: 1000, stallMs: 1000, totalMs: 1000 };
const share = { index: 0, count: 1 };

export interface PrimingOptions {
  plan: Plan;
  /** Those of the run: what they hold of the priming must be cleared. */
  parts: WorkerClientParts & { clock: RunClock };
  alarmOf(epochNs: bigint): Alarm;
  onEnd(end: AttemptEnd, readyMs: number): void;
}

/** Has to live as long as the compiled code is to be used: V8 throws code away with the objects it was compiled for. */
export interface Priming {
  /** One run, settled when it is over. */
  round(): Promise<void>;
  close(): void;
}

/**
 * Asks a stand-in of the service, in this very thread, over real sockets. At 10,000 sends a second the first
 * 200 ms of a run were up to 14 ms late without it, and where both threads share a core the first batch cost up
 * to 30 ms.
 */
export async function startPriming(options: PrimingOptions): Promise<Priming> {
  const sockets: Socket[] = [];
  const server = await standIn(answersOf(options.parts.protocol), sockets);
  // Without it the run starts cold, which is no reason not to start.
  if (server === null) return { round: async () => {}, close: () => {} };
  const plan = planAt((server.address() as AddressInfo).port, options.plan);
  const done: PrimedRound[] = [];
  return {
    async round() {
      const round = await primeOnce(plan, options);
      // At once, as code for sockets that are all open is thrown away when the first one closes.
      round.client.close();
      done.push(round);
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

interface PrimedRound {
  client: Client;
  loop: Loop;
}

async function primeOnce(plan: Plan, { parts, alarmOf, onEnd }: PrimingOptions): Promise<PrimedRound> {
  const { clock, protocol } = parts;
  const client = createWorkerClient(plan, parts);
  await client.openAhead(CONNECTIONS);
  const epochNs = monotonicNs();
  clock.startAt(epochNs);
  const loop = createLoop({
    schedule: createSchedule(plan.schedule),
    share,
    work: createWork(share, REQUESTS, createCursors(1)),
    clock,
    alarm: alarmOf(epochNs),
    sender: client,
    retries: 0,
    retryPause: () => 0,
    nextTurn: createNextTurn(plan, protocol),
    graceMs: () => 0,
    fill: undefined,
    hold: undefined,
    onEnd,
    soon: setImmediate,
  });
  const tooLong = setTimeout(() => loop.stop(0), MOST_MS);
  await loop.run();
  clearTimeout(tooLong);
  return { client, loop };
}

/** The same run, as far as code is concerned, of short requests to the stand-in. */
function planAt(port: number, plan: Plan): Plan {
  const body = Buffer.from('{"prompt":"prime"}');
  const bytes = new SharedArrayBuffer(body.length);
  new Uint8Array(bytes).set(body);
  const offsets = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(offsets)[1] = body.length;
  const { paced } = createSchedule(plan.schedule);
  return {
    ...plan,
    target: { ...plan.target, url: `http://127.0.0.1:${port}/`, stream: true, apiKey: '' },
    schedule: paced
      ? {
          kind: 'rate',
          requests: REQUESTS,
          limit: CONNECTIONS,
          requestsPerS: PACED_RPS,
          burstiness: 0,
          seed: 0,
        }
      : { kind: 'closed', requests: REQUESTS, limit: CONNECTIONS },
    bodies: { count: 1, bytes, offsets },
    conversations: undefined,
    timeouts: LIMITS,
  };
}

/** Answers each read, which is one request, with one of `answers`, piece by piece; null where no port can be had. */
function standIn(answers: readonly Buffer[][], sockets: Socket[]): Promise<Server | null> {
  let answered = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', () => say(socket, answers[answered++ % answers.length]));
  });
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

/** Between two pieces the other side has its turn, so that each of them is a read of its own. */
function say(socket: Socket, pieces: readonly Buffer[], from = 0): void {
  if (socket.destroyed) return;
  socket.write(pieces[from]);
  if (from + 1 < pieces.length) setImmediate(say, socket, pieces, from + 1);
}

/** The same answer in several ways: event by event, as paced services send it, two in a chunk, torn ones. */
function answersOf(protocol: Protocol): Buffer[][] {
  const chunks = chunksOf(protocol, 1);
  const pairs = chunksOf(protocol, 2);
  const withoutUsage = chunksOf(protocol, 1, false);
  const whole = Buffer.concat(chunks);
  const torn = Array.from({ length: 3 }, (_, i) => {
    const cut = Math.floor((whole.length * (1 + i)) / 4);
    return [whole.subarray(0, cut), whole.subarray(cut)];
  });
  return [...torn, pairs, withoutUsage].flatMap((pieces) => [pieces, chunks]);
}

/** So many events to a chunk; the head comes with the first chunk, the end of the body with the last. */
function chunksOf(protocol: Protocol, events: number, usage = true): Buffer[] {
  const response = { id: 'prime-0123456789', model: 'model', createdUnixS: 1_700_000_000 };
  const deltas: Delta[] = [
    { role: 'assistant' },
    ...Array.from({ length: TEXT_EVENTS }, (_, i) => ({ text: ` word${'s'.repeat(i % 4)}` })),
    { finish: 'stop' },
    ...(usage ? [{ usage: { inTokens: 1, outTokens: TEXT_EVENTS } }] : []),
    { done: true },
  ];
  const said = deltas.map((delta) => `data: ${protocol.emit(delta, response)}\n\n`);
  const chunks: string[] = [];
  while (said.length > 0) {
    const chunk = said.splice(0, events).join('');
    chunks.push(`${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
  }
  chunks[0] = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${chunks[0]}`;
  chunks.push(`${chunks.pop()}0\r\n\r\n`);
  return chunks.map((chunk) => Buffer.from(chunk));
}
