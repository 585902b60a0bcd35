/** Pace: what a rate, a cap on it and a ramp of clients do to when requests leave, and what the results say of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addConfig,
  editModel,
  readJson,
  run,
  type SimProcess,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';

const TINY = `
import { defineDatasets } from 'ais-bench';
const four = { Method: 'uniform', Params: { MinValue: 4, MaxValue: 4 } };
export const tiny_datasets = defineDatasets([
  { abbr: 'tiny', type: 'synthetic', Type: 'string', RequestCount: 30, StringConfig: { Input: four, Output: four } },
]);
`;

describe('traffic', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 20 });
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, max_out_len: 16 });
    addConfig(ws, 'datasets/tiny.ts', TINY);
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('holds requests back at batch_size without moving their due times, and says what that cost', async () => {
    editModel(ws, 'vllm_api_stream_chat', { request_rate: 200, batch_size: 1 });
    const r = await run('--models vllm_api_stream_chat --datasets tiny --mode perf', ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const performances = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
    const details = readFileSync(join(performances, 'tiny_details.jsonl'), 'utf8').trimEnd().split('\n');
    for (const line of details) {
      const { index, due_ms: dueMs, sent_ms: sentMs } = JSON.parse(line);
      expect(dueMs).toBe((index + 1) * 5);
      expect(sentMs).toBeGreaterThanOrEqual(dueMs);
    }
    expect(r.stdout).toMatch(/│ From Due Time +│ Stage/);
    expect(readFileSync(join(performances, 'tiny.csv'), 'utf8')).toMatch(/\nTTFT from due,total,[\d.]+ ms,/);
    expect(Object.keys(readJson(join(performances, 'tiny.json')))).toContain('Average TTFT from due');
  });

  it('adds the clients of a pressure run along a ramp', async () => {
    editModel(ws, 'vllm_api_stream_chat', {
      request_rate: 0,
      ramp_up_strategy: "'linear'",
      ramp_up_start_rps: 2,
      ramp_up_end_rps: 4,
      batch_size: 5,
    });
    const command = '--models vllm_api_stream_chat --datasets tiny --mode perf --pressure --pressure-time 2';
    const plan = await run(`${command} --workers 2 --dry-run`, ws.dir);
    expect(plan.stdout).toContain('5 clients, linear ramp from 4 to 8 added per second');
    const r = await run(`${command} --workers 1`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const results = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
    const summary = readJson<{ run: { slots_opened: number } }>(join(results, 'tiny_summary.json'));
    expect(summary.run.slots_opened).toBe(5);
    expect(r.stdout).toContain('tiny_rps_distribution_plot_with_actual_rps.html');
    // The first request of each client: gaps of 1 / rate, the first client with the run.
    const lines = readFileSync(join(results, 'tiny_details.jsonl'), 'utf8').trimEnd().split('\n');
    const due = lines.map((line) => JSON.parse(line).due_ms as number);
    let opens = 0;
    for (const rate of [2.5, 3, 3.5, 4]) {
      opens += 1000 / rate;
      expect(Math.min(...due.map((ms) => Math.abs(ms - opens)))).toBeLessThan(0.01);
    }
  });
});
