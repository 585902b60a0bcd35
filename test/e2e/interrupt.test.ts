import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  editModel,
  readJson,
  type SimProcess,
  start,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';

const COMMAND =
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer default_perf --mode perf --pressure --pressure-time 60';

interface SummaryFile {
  run: { interrupted: boolean };
  outcomes: Record<string, number>;
}

describe('Ctrl-C', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 2 });
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 10, max_out_len: 100 });
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('once: lets requests in flight finish, summarizes, exits 0 and says so', async () => {
    const running = start(COMMAND, ws.dir);
    while (!running.stdout().includes('starts:')) await sleep(50);
    await sleep(2500);
    running.process.kill('SIGINT');
    const r = await running.done;
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(r.stdout).toContain('was interrupted');
    expect(r.stdout).toContain('│ Common Metric');
    const summary = readJson<SummaryFile>(
      join(ws.lastRun(), 'performances/vllm-api-stream-chat/demo_gsm8k_summary.json'),
    );
    expect(summary.run.interrupted).toBe(true);
    expect(summary.outcomes.ok).toBeGreaterThan(5);
    expect(summary.outcomes.cancelled).toBe(0);
  });

  it('twice: leaves at once, and what was collected can still be summarized', async () => {
    const running = start(COMMAND, ws.dir);
    while (!running.stdout().includes('starts:')) await sleep(50);
    await sleep(2500);
    running.process.kill('SIGINT');
    await sleep(100);
    const at = Date.now();
    running.process.kill('SIGINT');
    const r = await running.done;
    // Of a run of 60 s; an idle machine needs some 100 ms.
    expect(Date.now() - at).toBeLessThan(3000);
    expect(r.code).toBe(130);
    const viz = await start(
      COMMAND.replace('--mode perf --pressure --pressure-time 60', '--mode perf_viz --reuse'),
      ws.dir,
    ).done;
    expect(viz.code, viz.stdout + viz.stderr).toBe(0);
    expect(viz.stdout).toContain('│ Common Metric');
  });
});
