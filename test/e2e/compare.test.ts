import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/core/comparison.ts';
import {
  addConfig,
  editModel,
  run,
  startSim,
  syntheticStrings,
  type Workspace,
  workspace,
} from './harness.ts';

const between = (MinValue: number, MaxValue: number) => ({
  Method: 'uniform',
  Params: { MinValue, MaxValue },
});

/** One short run against a service of this speed, in a work dir of its own. */
async function measure(ws: Workspace, speed: number, workDir: string, prompts: number): Promise<void> {
  const sim = await startSim({ speed });
  editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 4, max_out_len: 24 });
  const args = `--models vllm_api_stream_chat --datasets tiny --mode perf --num-prompts ${prompts}`;
  const sent = await run(`${args} --work-dir ${workDir}`, ws.dir).finally(() => sim.stop());
  expect(sent.code, sent.stderr).toBe(0);
}

describe('compare', () => {
  let ws: Workspace;
  beforeAll(async () => {
    ws = workspace();
    const lengths = { Input: between(20, 20), Output: between(16, 24) };
    addConfig(ws, 'datasets/tiny.ts', syntheticStrings('tiny', 80, lengths));
    // Slow enough that a busy machine keeps up with both.
    await measure(ws, 2, 'outputs/base', 80);
    await measure(ws, 0.5, 'outputs/slow', 79);
  });
  afterAll(() => ws.remove());

  // Whether a busy machine holds still is not ours to say here.
  const compare = (args: string) => run(`compare ${args} --allow rows,unsteady`, ws.dir);

  it('finds that a service became slower, and fails the gate', async () => {
    const { code, stdout } = await compare('outputs/base outputs/slow --gate throughput:20');
    expect(stdout).toMatch(/│ Output tok\/s +│ [\d.]+ +│ [\d.]+ +│ -\d+\.\d % \(.*\) +│ worse +│/);
    expect(stdout).toMatch(/Output tok\/s no worse than 20 %: regression\nGate: regression\.\n$/);
    expect(code).toBe(1);
  });

  it('passes one that became faster, and prints JSON', async () => {
    const { code, stdout } = await compare('outputs/slow outputs/base --gate throughput:20 --json');
    expect(code).toBe(0);
    const { tasks } = JSON.parse(stdout) as { tasks: Comparison[] };
    expect(tasks[0]).toMatchObject({ basis: 'single runs', gate: 'ok' });
    expect(tasks[0].figures[0]).toMatchObject({ name: 'Output Token Throughput', finding: 'better' });
  });

  it('finds nothing between a run and itself', async () => {
    const { code, stdout } = await compare('outputs/base latest --work-dir outputs/base --gate 5');
    expect(stdout).toMatch(/│ Output tok\/s +│ ([\d.]+) +│ \1 +│ 0\.0 % /);
    expect(stdout).not.toMatch(/worse +│|better +│/);
    expect(code).toBe(0);
  });

  it('refuses what cannot be compared, and says why', async () => {
    expect(await run('compare outputs/base outputs/slow', ws.dir)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /measured different things: rows is 80 in outputs\/base\/\d+_\d+, 79 in outputs\/slow\/\d+_\d+\.\n.*--allow rows\./,
      ),
    });
    expect(await run('compare outputs/base configs --gate throghput:3', ws.dir)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "throughput"?'),
    });
  });
});
