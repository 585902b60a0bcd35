import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { monotonicNs } from '../core/clock.ts';
import { UserError } from '../core/errors.ts';
import type { Plan, ScheduleSpec } from '../core/plan.ts';
import { OUTCOME, type RecordBatch } from '../core/records.ts';
import { type LoadOptions, startLoad } from './pool.ts';

// Real threads and loopback sockets: what is under test is that they start and end together.

let folder: string;
let workerUrl: URL;
let server: Server;
let url: string;
let listener: RequestListener;

const word = (i: number) =>
  `data: {"id":"r","choices":[{"index":0,"delta":{"content":" ${i}"},"finish_reason":null}]}\n\n`;
const answer = (words: number) =>
  `${Array.from({ length: words }, (_, i) => word(i)).join('')}data: [DONE]\n\n`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'load-pool-'));
  const outfile = join(folder, 'worker.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  workerUrl = pathToFileURL(outfile);
  server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function planOf(schedule: ScheduleSpec, more: Partial<Plan> = {}): Plan {
  const bytes = new SharedArrayBuffer(2);
  Buffer.from(bytes).write('{}');
  const offsets = new SharedArrayBuffer(16);
  new Float64Array(offsets)[1] = 2;
  return {
    seed: 1,
    target: {
      protocol: 'openai_chat',
      url,
      model: 'm',
      stream: true,
      maxOutTokens: 9,
      generation: {},
      apiKey: '',
    },
    path: 'v1/chat/completions',
    headers: {},
    schedule,
    bodies: { count: 1, bytes, offsets },
    warmups: 2,
    retries: 0,
    timeouts: { connectMs: 60_000, silenceMs: 60_000, stallMs: 60_000, totalMs: null },
    maxErrorPct: 100,
    graceMs: null,
    holdMs: 0,
    keepText: true,
    verify: false,
    ...more,
  };
}

function start(plan: Plan, options: Partial<LoadOptions> = {}) {
  const batches: RecordBatch[] = [];
  const run = startLoad(plan, { workers: 2, workerUrl, onBatch: (batch) => batches.push(batch), ...options });
  const column = (name: 'index' | 'due' | 'sent' | 'outcome' | 'worker') =>
    batches.flatMap((b) => [...b[name]]);
  return { run, batches, column };
}

const closed = { kind: 'closed', requests: 200, limit: 8 } as const;

describe('startLoad', () => {
  it('sends every request once, over all workers, on one time axis, on the connections of the warm-up', async () => {
    const before = Date.now() - 1;
    let connections = 0;
    const count = () => connections++;
    server.on('connection', count);
    listener = (request, response) => {
      request.resume();
      response.end(answer(5));
    };
    let started = 0;
    const { run, batches, column } = start(planOf(closed), { onStart: () => started++ });
    const { end, warmup, startedAtUnixMs } = await run.done;
    server.off('connection', count);
    expect(column('index').sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(new Set(column('worker')).size).toBe(2);
    expect(column('outcome').every((o) => o === OUTCOME.ok)).toBe(true);
    expect(Math.min(...column('sent'))).toBeGreaterThanOrEqual(0);
    expect(batches[0].notes[0].text).toBe(' 0 1 2 3 4');
    expect(warmup).toEqual({ total: 2, ok: 2, failed: 0, reasons: {} });
    expect(end).toMatchObject({ issued: 200, interrupted: false, slotsOpened: 8 });
    expect(end.health.map((h) => h.worker)).toEqual([0, 1]);
    expect(end.health.reduce((sum, h) => sum + h.events, 0)).toBe(1200);
    const watches = end.health.map((h) => h.watch!);
    const sum = (of: (w: (typeof watches)[0]) => number) => watches.reduce((all, w) => all + of(w), 0);
    expect(sum((w) => w.sendDelay.n)).toBe(200);
    expect(sum((w) => w.socketsOpened)).toBe(8);
    expect(sum((w) => w.outputs)).toBe(1000);
    expect(sum((w) => w.stampWait.n)).toBeGreaterThan(0);
    expect(run.live()).toMatchObject({
      phase: 'done',
      warmupDone: 2,
      posted: 200,
      received: 200,
      failed: 0,
      inFlight: 0,
      events: 1000,
    });
    expect([started, connections]).toEqual([1, 8]);
    expect(startedAtUnixMs).toBeGreaterThanOrEqual(before);
    expect(startedAtUnixMs).toBeLessThanOrEqual(Date.now());
    expect(run.epochNs).toBeLessThan(monotonicNs());
  });

  it('keeps the due times of an open loop', async () => {
    listener = (request, response) => {
      request.resume();
      response.end(answer(1));
    };
    const { run, column } = start(
      planOf({ kind: 'rate', requests: 40, limit: 40, requestsPerS: 400, burstiness: 0, seed: 1 }),
    );
    await run.done;
    expect(column('due').sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, i) => ((i + 1) / 400) * 1000),
    );
    const late = column('sent').map((sent, i) => sent - column('due')[i]);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  });

  it('stops: nothing new, what is in flight has its grace, then is cancelled', async () => {
    listener = (request, response) => {
      request.resume();
      response.write(word(1));
    };
    const { run, column } = start(planOf(closed, { warmups: 0, graceMs: 30 }));
    await vi.waitUntil(() => run.live().inFlight === 8, { timeout: 60_000, interval: 10 });
    run.stop();
    const { end } = await run.done;
    expect(end).toMatchObject({ interrupted: true, issued: 8 });
    expect(column('outcome')).toEqual(Array(8).fill(OUTCOME.cancelled));
  });

  it('stops before it has started', async () => {
    listener = () => {};
    const { run } = start(planOf(closed));
    run.stop();
    expect((await run.done).end).toMatchObject({ interrupted: true, issued: 0, health: [] });
  });

  it('is killed at once, whatever the grace', async () => {
    listener = (request) => request.resume();
    const { run } = start(planOf(closed, { warmups: 0, graceMs: 60_000 }));
    await vi.waitUntil(() => run.live().inFlight === 8, { timeout: 60_000, interval: 10 });
    run.kill();
    expect((await run.done).end.interrupted).toBe(true);
  });

  it('refuses to start when every warm-up failed, and says why', async () => {
    listener = (request, response) => {
      request.resume();
      response.statusCode = 404;
      response.end('no such model');
    };
    const { run, batches } = start(planOf(closed, { warmups: 3 }));
    const error = await run.done.then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(/All 3 warm-up requests failed[\s\S]*3 × HTTP 404/);
    expect(batches).toEqual([]);
  });

  it('passes on what the caller throws, and a crash of a worker', async () => {
    listener = (request, response) => {
      request.resume();
      response.end(answer(1));
    };
    const thrown = start(planOf(closed), {
      onBatch: () => {
        throw new Error('disk full');
      },
    });
    await expect(thrown.run.done).rejects.toThrow('disk full');
    const crashed = start(planOf(closed, { target: { ...planOf(closed).target, protocol: 'no_such' } }));
    await expect(crashed.run.done).rejects.toThrow(/undefined/);
  });

  it('that loses a thread tells of it, and keeps what the other threads have recorded', async () => {
    const file = join(folder, 'crash.mjs');
    writeFileSync(
      file,
      `import { parentPort, workerData } from 'node:worker_threads';
       const crash = () => { throw new Error('torn apart'); };
       parentPort.on('message', ({ type }) => {
         if (type === 'start' && workerData.worker === 0) setTimeout(crash, 300);
       });
       await import(${JSON.stringify(workerUrl.href)});`,
    );
    listener = (_, response) => response.end(answer(2));
    let rows = 0;
    const run = startLoad(planOf({ kind: 'closed', requests: 1_000_000, limit: 2 }), {
      workers: 2,
      workerUrl: pathToFileURL(file),
      onBatch: (batch) => {
        rows += batch.rows;
      },
    });
    await expect(run.done).rejects.toThrow(/a load thread has crashed: Error: torn apart/);
    expect(rows).toBeGreaterThan(0);
  });

  it('whose threads cannot be started says what limits them', async () => {
    const run = startLoad(planOf({ kind: 'closed', requests: 4, limit: 2 }), {
      workers: 2,
      // Refused by the constructor, as a thread is that the system does not give.
      workerUrl: 'no/address' as unknown as URL,
      onBatch: () => undefined,
    });
    await expect(run.done).rejects.toThrow(UserError);
  });
});
