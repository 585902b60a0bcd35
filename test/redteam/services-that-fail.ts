/** Services that come and go: dead from the start, dead in the middle, slow, loading, too busy. */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Outcome } from '../../src/core/records.ts';
import { run } from '../e2e/harness.ts';
import { type Area, makeTries, partOf } from './area.ts';
import { type SmallRun, smallRun } from './small-run.ts';
import {
  chunk,
  FINISH,
  failing,
  head,
  LAST_CHUNK,
  ROLE,
  STREAM_HEAD,
  startRawService,
  stream,
  WHOLE_STREAM,
  WORDS,
} from './wire.ts';

const AT_A_TIME = 2;
const ROWS = 30;

interface Scenario {
  name: string;
  /** Answers request number `number`, from 0, of a service that `stop` ends. */
  answer(socket: Socket, number: number, stop: () => void): void;
  retry?: number;
  timeoutS?: number;
  /** What is wrong with the last attempts' outcomes; '' when nothing is. */
  judge(counts: Partial<Record<Outcome, number>>, code: number | null): string;
}

const fine = stream(WHOLE_STREAM);
const closing = Buffer.concat([Buffer.from(STREAM_HEAD), chunk(WHOLE_STREAM), Buffer.from(LAST_CHUNK)]);
const soon = (most: number, then: () => void) => setTimeout(then, Math.random() * most);

/** Exactly these outcomes. */
const exactly =
  (expected: Partial<Record<Outcome, number>>): Scenario['judge'] =>
  (counts, code) => {
    const same = JSON.stringify(sorted(counts)) === JSON.stringify(sorted(expected));
    const wanted = (expected.ok ?? 0) > 0 ? 0 : 1;
    if (!same) return `recorded ${JSON.stringify(counts)}, not ${JSON.stringify(expected)}`;
    return code === wanted ? '' : `exit code ${code}, not ${wanted}`;
  };
const sorted = (counts: object) => Object.entries(counts).sort();
const allOk = exactly({ ok: ROWS });
const unavailable = failing(503, '{"error":{"message":"Loading model","code":503}}');

const scenarios: readonly Scenario[] = [
  { name: 'closes after every stream', answer: (socket) => void socket.end(closing), judge: allOk },
  {
    name: 'closes a moment after every stream',
    answer: (socket) => {
      socket.write(closing);
      soon(5, () => socket.end());
    },
    judge: allOk,
  },
  {
    name: 'resets a moment after every stream',
    answer: (socket) => {
      socket.write(closing);
      soon(5, () => socket.resetAndDestroy());
    },
    judge: allOk,
  },
  {
    name: 'ends every stream by closing',
    answer: (socket) =>
      void socket.end(
        head('200 OK', { 'content-type': 'text/event-stream', connection: 'close' }) + WHOLE_STREAM,
      ),
    judge: allOk,
  },
  {
    name: 'swallows every third request',
    answer: (socket, number) => (number % 3 === 2 ? void socket.resetAndDestroy() : fine(socket)),
    judge: ({ ok = 0, network = 0 }) =>
      ok + network === ROWS && network >= 1 ? '' : `recorded ${ok} ok and ${network} failed in the network`,
  },
  {
    name: 'answers 503 to the first five',
    retry: 3,
    answer: (socket, number) => (number < 5 ? unavailable(socket) : fine(socket)),
    judge: allOk,
  },
  {
    name: 'asks to be left alone for a while',
    retry: 2,
    answer: (socket, number) =>
      number < 3
        ? failing(429, '{"error":{"message":"slow down"}}', { 'retry-after': '1' })(socket)
        : fine(socket),
    judge: allOk,
  },
  { name: 'answers 503 for ever', retry: 1, answer: unavailable, judge: exactly({ http: ROWS }) },
  {
    name: 'answers 401 for ever',
    retry: 3,
    answer: failing(401, '{"error":{"message":"no"}}'),
    judge: exactly({ http: ROWS }),
  },
  { name: 'resets every request', answer: (socket) => void socket.resetAndDestroy(), judge: onlyFailed },
  {
    name: 'dies in the middle',
    answer: (socket, number, stop) => {
      if (number < ROWS / 2) fine(socket);
      else stop();
    },
    judge: ({ ok = 0, network = 0 }) =>
      ok >= 10 && network >= 1 ? '' : `recorded ${ok} ok and ${network} failed in the network`,
  },
  {
    name: 'dies in the middle of a stream',
    answer: (socket, number, stop) => {
      if (number < ROWS / 2) fine(socket);
      else socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(ROLE + WORDS)]), stop);
    },
    judge: ({ ok = 0, network = 0, protocol = 0 }) =>
      ok >= 10 && network + protocol >= 1 ? '' : `recorded ${ok} ok and ${network + protocol} failed`,
  },
  { name: 'accepts and never answers', timeoutS: 2, answer: () => {}, judge: exactly({ timeout: ROWS }) },
  {
    name: 'answers after the deadline',
    timeoutS: 2,
    answer: (socket) => {
      const timer = setTimeout(() => fine(socket), 3_000);
      socket.on('close', () => clearTimeout(timer));
    },
    judge: exactly({ timeout: ROWS }),
  },
  {
    name: 'stops in the middle of every second stream',
    timeoutS: 5,
    answer: (socket, number) =>
      number % 2 === 1
        ? void socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(ROLE + WORDS)]))
        : fine(socket),
    judge: exactly({ ok: ROWS / 2, timeout: ROWS / 2 }),
  },
  {
    name: 'leaves out the end mark',
    answer: stream(ROLE + WORDS + FINISH),
    judge: allOk,
  },
];

function onlyFailed({ ok = 0, network = 0 }: Partial<Record<Outcome, number>>, code: number | null): string {
  return ok === 0 && network > 0 && code === 1
    ? ''
    : `recorded ${ok} ok and ${network} failed, exit code ${code}`;
}

export const servicesThatFail: Area = {
  name: 'services that come and go',
  about:
    'services that die, restart, close, swallow, stall, load or are too busy: the run ends by itself, and each request is recorded as what became of it',
  run: ({ share }) =>
    makeTries(
      partOf(scenarios, share).map((scenario) => ({ name: scenario.name, attempt: () => play(scenario) })),
      AT_A_TIME,
    ),
};

async function play(scenario: Scenario): Promise<string> {
  let number = 0;
  const service = await startRawService((socket) =>
    scenario.answer(socket, number++, () => void service.stop()),
  );
  const small = smallRun({
    port: service.port,
    rows: ROWS,
    model: { batch_size: 6, retry: scenario.retry ?? 0 },
  });
  try {
    const env = scenario.timeoutS === undefined ? undefined : { REQUEST_TIME_OUT: String(scenario.timeoutS) };
    const { code, stdout, stderr } = await run(small.args, small.dir, env);
    const wrong = scenario.judge(lastOutcomes(small), code);
    return wrong === '' ? '' : `${wrong}\n${stdout.slice(-600)}${stderr.slice(0, 1_200)}`;
  } finally {
    await service.stop();
    small.remove();
  }
}

/** What became of each request in the end. */
function lastOutcomes(small: SmallRun): Partial<Record<Outcome, number>> {
  const file = join(small.runs()[0], 'performances/m/set_details.jsonl');
  const last = new Map<number, { attempt: number; outcome: Outcome }>();
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const { index, attempt, outcome } = JSON.parse(line) as {
      index: number;
      attempt: number;
      outcome: Outcome;
    };
    if (attempt >= (last.get(index)?.attempt ?? 0)) last.set(index, { attempt, outcome });
  }
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of last.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
