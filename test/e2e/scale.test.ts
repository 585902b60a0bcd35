import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf --pressure';

interface SummaryFile {
  outcomes: Record<string, number>;
  concurrency: { highest: number };
}

/** The largest resident set a process has had, in MB, read while it lives (Linux). */
function peakMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

async function pressure(ws: Workspace, args: string) {
  const running = start(`${COMMAND} ${args}`, ws.dir);
  let peak = 0;
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, peakMegabytes(running.process.pid!));
    } catch {
      // The process has ended between two looks.
    }
  }, 200);
  const r = await running.done;
  clearInterval(timer);
  const summary = readJson<SummaryFile>(
    join(ws.lastRun(), 'performances/vllm-api-stream-chat/demo_gsm8k_summary.json'),
  );
  return { r, peak, summary };
}

describe('scale on one small machine, the simulated service included', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({
      law: {
        maxRunning: 4096,
        kvCacheTokens: 100_000_000,
        stepBaseMs: 40,
        stepPerSequenceMs: 0.01,
        prefillPerTokenMs: 0.0002,
        prefillTokensPerStep: 100_000,
      },
    });
    ws = workspace();
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('holds 2,000 concurrent streams', async () => {
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 2000, max_out_len: 200 });
    const { r, summary } = await pressure(ws, '--pressure-time 20');
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(summary.concurrency.highest).toBe(2000);
    const failed = Object.entries(summary.outcomes).filter(([name, n]) => name !== 'ok' && n > 0);
    expect(failed).toEqual([]);
  });

  it('stays under 400 MB in a 60 s pressure run at 500 streams', async () => {
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 500, max_out_len: 200 });
    const { r, peak, summary } = await pressure(ws, '--pressure-time 60');
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(summary.concurrency.highest).toBe(500);
    console.log(`peak resident set of the client: ${peak.toFixed(0)} MB, ${summary.outcomes.ok} requests`);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(400);
  });
});
