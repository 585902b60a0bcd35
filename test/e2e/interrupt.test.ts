import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  editModel,
  linesSoFar,
  readJson,
  type SimProcess,
  start,
  startSim,
  until,
  type Workspace,
  workspace,
} from './harness.ts';

const COMMAND =
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer default_perf --mode perf --pressure --pressure-time 600';

interface SummaryFile {
  run: { interrupted: boolean };
  outcomes: Record<string, number>;
}

describe('Ctrl-C', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 4 });
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 10, max_out_len: 100 });
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  const results = () => join(ws.lastRun(), 'performances/vllm-api-stream-chat');

  it('once: lets requests in flight finish, summarizes, exits 0 and says so', async () => {
    const running = start(COMMAND, ws.dir);
    await until('six requests have ended', () => linesSoFar(results()).length >= 6);
    running.process.kill('SIGINT');
    const r = await running.done;
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(r.stdout).toContain('was interrupted');
    expect(r.stdout).toContain('│ Common Metric');
    const summary = readJson<SummaryFile>(join(results(), 'demo_gsm8k_summary.json'));
    expect(summary.run.interrupted).toBe(true);
    expect(summary.outcomes.ok).toBeGreaterThan(5);
    expect(summary.outcomes.cancelled).toBe(0);
  });

  it('twice: leaves at once, and what was collected can still be summarized', async () => {
    // Requests that would keep a run that waits for them: it must not.
    const stalls = [3, 4, 5];
    const slow = await startSim({
      speed: 4,
      faults: [{ kind: 'stall', indices: stalls, forMs: 600_000, atToken: 2 }],
    });
    editModel(ws, 'vllm_api_stream_chat', { host_port: slow.port });
    const before = ws.runs().length;
    const running = start(COMMAND, ws.dir);
    await until('the run has a folder', () => ws.runs().length > before);
    await until('six requests have ended', () => linesSoFar(results()).length >= 6);
    const standing = async () =>
      (await slow.truth()).requests.filter(({ faults, outcome }) => faults.length > 0 && outcome === 'open');
    expect((await standing()).map(({ number }) => number)).toEqual(stalls);
    running.process.kill('SIGINT');
    await until('it says that it waits', () => running.screen().includes('Interrupted: no new requests'));
    running.process.kill('SIGINT');
    const r = await running.done;
    await slow.stop();
    expect(r.code, r.stdout + r.stderr).toBe(130);
    expect(r.stdout).not.toContain('Common Metric');
    const viz = await start(
      COMMAND.replace('--mode perf --pressure --pressure-time 600', '--mode perf_viz --reuse'),
      ws.dir,
    ).done;
    expect(viz.code, viz.stdout + viz.stderr).toBe(0);
    expect(viz.stdout).toContain('│ Common Metric');
  });
});

describe('Ctrl-C before the measurement began', () => {
  let ws: Workspace;
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    ws.remove();
  });

  const loading = (response: ServerResponse) => response.writeHead(503).end('{"detail":"Loading"}');
  it.each<[string, (r: ServerResponse) => void, (r: ServerResponse) => void, RegExp]>([
    ['a service that is loading', loading, loading, /Waiting for the service at/],
    [
      'a warm-up that waits',
      (r) => r.end('{"data":[{"id":"m"}]}'),
      loading,
      /Waiting for the service, up to/,
    ],
    ['a warm-up in flight', (r) => r.end('{"data":[{"id":"m"}]}'), () => {}, /POST/],
  ])('%s: ends at once, and leaves no run', async (_, list, answer, state) => {
    let heard = '';
    server = createServer((request, response) => {
      request.resume();
      heard += request.method;
      (request.method === 'GET' ? list : answer)(response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: (server.address() as AddressInfo).port });
    const running = start(COMMAND, ws.dir);
    await until('it waits', () => state.test(running.screen() + heard));
    const before = running.screen().length;
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.done;
    expect(code, stdout + stderr).toBe(130);
    expect(stderr).toMatch(/Interrupted before the measurement began; no measured request was sent\.\n$/);
    expect((stdout + stderr).length - before).toBeLessThan(200);
    expect(ws.runs()).toEqual([]);
  });
});
