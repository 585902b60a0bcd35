import { cpSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/core/explanation.ts';
import { addConfig, addFiles, root, run, type Workspace, workspace } from './harness.ts';

const fixtures = join(root, 'test/fixtures/imports');

describe('import', () => {
  let ws: Workspace;
  beforeAll(() => {
    ws = workspace();
    addFiles(ws, join(fixtures, 'aisbench'), 'theirs/20260901_120000');
    addFiles(ws, join(fixtures, 'vllm-detailed.json'), 'vllm-detailed.json');
    for (const window of ['total', 'stable_stage']) {
      const task = { attr: 'performance', window, rule: 'upstream', definitions: 'upstream' };
      addConfig(
        ws,
        `summarizers/upstream_${window}.ts`,
        `export const summarizer = ${JSON.stringify(window === 'total' ? { ...task, rule: undefined } : task)};`,
      );
    }
  });
  afterAll(() => ws.remove());
  const cells = (file: string) => readFileSync(join(ws.lastRun(), file), 'utf8');

  it('makes a run of an AISBench folder, which gives AISBench’s own numbers to the last digit', async () => {
    const imported = await run('import theirs/20260901_120000', ws.dir);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toMatch(/Imported vllm-api-stream-chat\/demo: 6 requests, 0 failed/);
    const stem = 'performances/vllm-api-stream-chat/demo';

    const total = await run('--summarizer upstream_total --mode perf_viz --reuse', ws.dir);
    expect(total.code, total.stderr).toBe(0);
    expect(cells(`${stem}.csv`)).toContain(
      'E2EL,total,475.0 ms,300.0 ms,800.0 ms,425.0 ms,537.5 ms,675.0 ms,787.5 ms,6',
    );
    expect(cells(`${stem}.csv`)).toContain(
      'TPOT,total,144.4 ms,0.0 ms,200.0 ms,158.3 ms,191.7 ms,200.0 ms,200.0 ms,5',
    );

    const steady = await run('--summarizer upstream_stable_stage --mode perf_viz --reuse', ws.dir);
    expect(steady.code, steady.stderr).toBe(0);
    expect(cells(`${stem}.csv`)).toContain(
      'E2EL,stable,333.3 ms,300.0 ms,350.0 ms,350.0 ms,350.0 ms,350.0 ms,350.0 ms,3',
    );
    expect(steady.stdout).toContain('13.3333 token/s');
    expect(steady.stdout).toContain('Not in the log of AISBench: What an event contained');
  });

  it('makes a run of a detailed result of vLLM bench, which explain computes again', async () => {
    expect(await run('import vllm-detailed.json', ws.dir)).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await run('explain --json', ws.dir);
    expect(code).toBe(0);
    const [task] = (JSON.parse(stdout) as { tasks: Explanation[] }).tasks;
    expect(task.notes[0]).toMatch(/^Not in the log of vLLM bench: What an event contained/);
    // Of the file's lists: (0.5 + 0.25) / 2 s, 3 and 2 tokens, 1 s and 0.375 s.
    expect(task.tools.find(({ tool }) => tool === 'vLLM bench')?.figures).toMatchObject({
      latencies: { TTFT: { mean: 0.375 }, TPOT: { mean: (0.25 + 0.125) / 2 }, E2EL: { mean: 0.6875 } },
      requests: 2,
      durationS: 1.375,
    });
    const viz = await run('--mode perf_viz --reuse', ws.dir);
    expect(viz.code, viz.stderr).toBe(0);
    expect(viz.stdout).toMatch(/1 of 3 requests of the run failed \(network 1\)/);
  });

  it('writes nothing when the log is broken', async () => {
    const before = ws.runs();
    cpSync(join(ws.dir, 'theirs'), join(ws.dir, 'cut'), { recursive: true });
    truncateSync(
      join(ws.dir, 'cut/20260901_120000/performances/vllm-api-stream-chat/db_data/0123abcd.db'),
      5000,
    );
    const { code, stdout, stderr } = await run('import cut/20260901_120000 --work-dir elsewhere', ws.dir);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: Cannot import .*0123abcd\.db: /);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
    expect(existsSync(join(ws.dir, 'elsewhere'))).toBe(false);
    expect(ws.runs()).toEqual(before);
    expect(await run('import nothing.json', ws.dir)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no such file/),
    });
  });
});
