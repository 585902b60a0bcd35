import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation, ToolFigures } from '../../src/core/explanation.ts';
import {
  addConfig,
  editModel,
  readJson,
  run,
  type SimProcess,
  startSim,
  syntheticStrings,
  type Workspace,
  workspace,
} from './harness.ts';

describe('explain', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim();
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 4, max_out_len: 16 });
    const lengths = {
      Input: { Method: 'uniform', Params: { MinValue: 10, MaxValue: 40 } },
      Output: { Method: 'uniform', Params: { MinValue: 4, MaxValue: 16 } },
    };
    addConfig(ws, 'datasets/tiny.ts', syntheticStrings('tiny', 24, lengths));
    const sent = await run('--models vllm_api_stream_chat --datasets tiny --mode perf', ws.dir);
    expect(sent.code, sent.stderr).toBe(0);
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('prints the tools side by side, and why they differ', async () => {
    const { code, stdout } = await run('explain', ws.dir);
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ TTFT mean \(ms\) +│/);
    for (const tool of [
      'ais_bench',
      'AISBench',
      'vLLM bench',
      'SGLang',
      'GuideLLM',
      'AIPerf',
      'EvalScope',
      'inference-perf',
    ])
      expect(stdout).toContain(`│ ${tool} `);
    // The simulated service sends a role chunk first and a usage chunk last, as vLLM does.
    expect(stdout).toMatch(
      /role chunk: TTFT ends at the first event of any kind: .* earlier in \d+ of 24 requests/,
    );
    expect(stdout).toMatch(/usage chunk: E2EL ends at the last event, .* later in \d+ of 24 requests/);
  });

  it('agrees with the tables of the run under both definitions', async () => {
    const { code, stdout } = await run(['explain', ws.lastRun(), '--json'], ws.dir);
    expect(code).toBe(0);
    const { tasks } = JSON.parse(stdout) as { tasks: Explanation[] };
    const figures = Object.fromEntries(tasks[0].tools.map((t) => [t.tool, t.figures as ToolFigures]));
    const summary = readJson<{ common: Record<string, { value: number }> }>(
      `${ws.lastRun()}/performances/vllm-api-stream-chat/tiny_summary.json`,
    );
    expect(figures.ais_bench.durationS).toBeCloseTo(summary.common['Benchmark Duration'].value, 9);
    expect(figures.ais_bench.outputTokensPerS).toBeCloseTo(
      summary.common['Output Token Throughput'].value,
      9,
    );
    expect(figures.AISBench.requests).toBe(24);
  });

  it('says what is wrong with a run that is not there', async () => {
    expect(await run('explain 20200101_000000', ws.dir)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/no run "20200101_000000" in .*outputs\/default/),
    });
    expect(await run('explain configs', ws.dir)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no recorded run in .*configs/),
    });
  });
});
