import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  addConfig,
  editModel,
  readJson,
  type SimProcess,
  start,
  startSim,
  syntheticStrings,
  type Workspace,
  workspace,
} from './harness.ts';

const COMMAND =
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer default_perf --mode perf --pressure';

interface SummaryFile {
  outcomes: Record<string, number>;
  concurrency: { highest: number };
}

/** The largest resident set a process has had, in MB, read while it lives (Linux). */
function peakMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

const pressure = (ws: Workspace, args: string) => watched(ws, `${COMMAND} ${args}`, 'demo_gsm8k');

async function watched(ws: Workspace, command: string, data: string) {
  const running = start(command, ws.dir);
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
    join(ws.lastRun(), `performances/vllm-api-stream-chat/${data}_summary.json`),
  );
  return { r, peak, summary };
}

const law = {
  maxRunning: 4096,
  kvCacheTokens: 100_000_000,
  stepPerSequenceMs: 0,
  prefillPerTokenMs: 0.0002,
  prefillTokensPerStep: 100_000,
};

describe('scale on one small machine, the simulated service included', () => {
  let ws: Workspace;
  let sim: SimProcess;
  beforeAll(() => {
    ws = workspace();
  });
  afterEach(() => sim?.stop());
  afterAll(() => ws.remove());

  it('holds 2,000 concurrent streams', async () => {
    // An answer takes 20 s, so that all streams are open before the first one ends; few tokens, which any machine keeps up with.
    sim = await startSim({ law: { ...law, stepBaseMs: 500 } });
    const filling = { batch_size: 2000, request_rate: 400, max_out_len: 40 };
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, ...filling });
    const { r, summary } = await pressure(ws, '--pressure-time 12 --hold 0');
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(summary.concurrency.highest).toBe(2000);
    const failed = Object.entries(summary.outcomes).filter(([name, n]) => name !== 'ok' && n > 0);
    expect(failed).toEqual([]);
  });

  it('stays under 400 MB while 500 streams bring 600,000 tokens', async () => {
    sim = await startSim({ law: { ...law, stepBaseMs: 20 } });
    editModel(ws, 'vllm_api_stream_chat', {
      host_port: sim.port,
      batch_size: 500,
      request_rate: 0,
      max_out_len: 200,
    });
    const short = { Method: 'uniform', Params: { MinValue: 20, MaxValue: 20 } };
    const long = { Method: 'uniform', Params: { MinValue: 200, MaxValue: 200 } };
    addConfig(ws, 'datasets/many.ts', syntheticStrings('many', 3000, { Input: short, Output: long }));
    const { r, peak, summary } = await watched(
      ws,
      '--models vllm_api_stream_chat --datasets many --summarizer default_perf --mode perf',
      'many',
    );
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(summary.outcomes.ok).toBe(3000);
    console.log(`peak resident set of the client: ${peak.toFixed(0)} MB, ${summary.outcomes.ok} requests`);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(400);
  });
});
