/** Runs the hot path before the run, so that the first responses are not sent and read by cold code. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { monotonicNs, type RunClock } from '../core/clock.ts';
import type { Plan } from '../core/plan.ts';
import type { Delta, Protocol } from '../core/protocol.ts';
import { createSchedule } from '../schedules/registry.ts';
import type { Alarm } from './alarm.ts';
import type { Client } from './client.ts';
import { createLoop } from './loop.ts';
import { createNextTurn } from './next-turn.ts';
import type { RawBatch } from './recorder.ts';
import { createCursors, createWork } from './work.ts';
import { createWorkerClient, type WorkerClientParts } from './worker-client.ts';

/**
 * Enough for V8 to compile the hot functions. Twice, as code that was compiled for the first set of closures is of no
 * use to the second, which is the run's.
 */
const ROUNDS = 2;
const REQUESTS = 750;
const CONNECTIONS = 16;
const BATCH_ROWS = 64;
const TEXT_EVENTS = 16;
/** Slow enough that the pacer has to ring, as it does in a run. */
const PACED_RPS = 5000;
/** Turns of the event loop are watched so often. */
const ARM_MS = 5;
const LIMITS = { connectMs: 1000, silenceMs: 1000, totalMs: 1000 };
const share = { index: 0, count: 1 };

export interface Priming {
  plan: Plan;
  /** Those of the run: what they hold of the priming must be cleared. */
  parts: WorkerClientParts & { clock: RunClock };
  alarmOf(epochNs: bigint): Alarm;
  /** Takes what was recorded, so that the receiving thread is warm, too. */
  onBatch(raw: RawBatch): void;
}

/**
 * Asks a stand-in of the service, in this very thread, over real sockets. At 10,000 sends a second the first
 * 200 ms of a run were up to 14 ms late without it, and where both threads share a core the first batch cost up
 * to 30 ms. Returns its clients, closed, which have to live as long as
 * the compiled code is to be used.
 */
export async function prime(priming: Priming): Promise<Client[]> {
  const { turns, protocol } = priming.parts;
  const server = await standIn(answersOf(protocol));
  // Without it the run starts cold, which is no reason not to start.
  if (server === null) return [];
  const watching = setInterval(turns.arm, ARM_MS);
  const plan = planAt((server.address() as AddressInfo).port, priming.plan);
  const clients: Client[] = [];
  for (let round = 0; round < ROUNDS; round++) clients.push(await primeOnce(plan, priming));
  clearInterval(watching);
  turns.sockets = 0;
  server.close();
  return clients;
}

async function primeOnce(plan: Plan, { parts, alarmOf, onBatch }: Priming): Promise<Client> {
  const { clock, recorder, protocol } = parts;
  const client = createWorkerClient(plan, parts);
  await client.openAhead(CONNECTIONS);
  const epochNs = monotonicNs();
  clock.startAt(epochNs);
  const end = createLoop({
    schedule: createSchedule(plan.schedule),
    share,
    work: createWork(share, REQUESTS, createCursors(1)),
    clock,
    alarm: alarmOf(epochNs),
    sender: client,
    retries: 0,
    nextTurn: createNextTurn(plan, protocol),
    graceMs: () => 0,
    hold: undefined,
    onEnd() {
      if (recorder.rows >= BATCH_ROWS) onBatch(recorder.take()!);
    },
    soon: setImmediate,
  });
  await end.run();
  client.close();
  recorder.take();
  return client;
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
function standIn(answers: readonly Buffer[][]): Promise<Server | null> {
  let answered = 0;
  const server = createServer({ noDelay: true }, (socket) => {
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

/** The same answer in several ways: event by event, as paced services send it, some at once, torn ones. */
function answersOf(protocol: Protocol): Buffer[][] {
  const chunks = chunksOf(protocol);
  const whole = Buffer.concat(chunks);
  const torn = Array.from({ length: 4 }, (_, i) => {
    const cut = Math.floor((whole.length * (1 + i)) / 5);
    return [whole.subarray(0, cut), whole.subarray(cut)];
  });
  return torn.flatMap((pieces) => [pieces, chunks]);
}

/** The head with the first event, then each event as a chunk; the end of the body comes with the last. */
function chunksOf(protocol: Protocol): Buffer[] {
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
  chunks[0] = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${chunks[0]}`;
  chunks.push(`${chunks.pop()}0\r\n\r\n`);
  return chunks.map((chunk) => Buffer.from(chunk));
}
