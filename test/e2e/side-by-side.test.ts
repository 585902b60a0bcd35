import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson, run, type SimProcess, startSim, type Workspace, workspace } from './harness.ts';

interface SummaryFile {
  run: { started_at: string; end_s: number; beside: string[] };
  outcomes: Record<string, number>;
}

/** Two models and two data sets; `bad` runs with one of them only, and its service refuses everything. */
const config = (good: number, bad: number) => `
const model = { type: 'VLLMCustomAPIChat', stream: true, batch_size: 1, max_out_len: 200 };
const dataset = { type: 'synthetic', Type: 'tokenid', RequestCount: 10, TokenIdConfig: { RequestSize: 20 } };
export const models = [
  { ...model, abbr: 'bad', host_port: ${bad} },
  { ...model, abbr: 'good', host_port: ${good}, summarizer_abbr: 'The good one' },
];
export const datasets = [{ ...dataset, abbr: 'x' }, { ...dataset, abbr: 'y' }];
export const model_dataset_combinations = [
  { models: [models[0]], datasets: [datasets[0]] },
  { models: [models[1]], datasets },
];
`;

describe('tasks side by side', () => {
  let sim: SimProcess;
  let refusing: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 10 });
    refusing = await startSim({ faults: [{ kind: 'http-error', rate: 1 }] });
    ws = workspace();
    writeFileSync(join(ws.dir, 'run.ts'), config(sim.port, refusing.port));
  });
  afterAll(async () => {
    await Promise.all([sim.stop(), refusing.stop()]);
    ws.remove();
  });

  it('overlap in time, say so, and a failing one harms no other', async () => {
    const r = await run('run.ts --mode perf --no-merge-ds --wait 0 --max-num-workers 3', ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(1);
    expect(r.stderr).toContain('parallel tasks share this client');
    expect(r.stderr).toContain('1 of 3 tasks failed: bad/x');
    const titles = [...r.stdout.matchAll(/Performance Results of task: (.+):/g)].map((m) => m[1]);
    expect(titles).toEqual(['The good one/x', 'The good one/y']);

    const results = join(ws.lastRun(), 'performances/good');
    const [x, y] = ['x', 'y'].map((data) => readJson<SummaryFile>(join(results, `${data}_summary.json`)));
    expect([x.outcomes.ok, y.outcomes.ok]).toEqual([10, 10]);
    const startMs = ({ run }: SummaryFile) => Date.parse(run.started_at);
    const endMs = (s: SummaryFile) => startMs(s) + s.run.end_s * 1000;
    expect(Math.max(startMs(x), startMs(y))).toBeLessThan(Math.min(endMs(x), endMs(y)));
    expect(x.run.beside).toContain('good/y');
    expect(y.run.beside).toContain('good/x');
    expect(r.stdout).toMatch(/Not measured alone: .*good\/y/);
    expect(r.stdout).toMatch(/client_host +(reservation|failed) .*other_tasks [12]/);
    for (const data of ['x', 'y']) {
      const log = readFileSync(join(ws.lastRun(), `logs/infer/good/${data}.out`), 'utf8');
      const named = [...log.matchAll(/Task \[(\S+)\]/g)].map((m) => m[1]);
      expect(named).toEqual(Array(2).fill(`good/${data}`));
    }
  });

  it('run one after the other by default, and keep their name above the tables', async () => {
    const r = await run('run.ts --mode perf --no-merge-ds --wait 0 --num-prompts 2', ws.dir);
    expect(r.stdout).not.toContain('Not measured alone');
    const again = await run('--mode perf_viz --reuse', ws.dir);
    expect(again.stdout).toContain('Performance Results of task: The good one/x:');
  });
});
