import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editModel, readJson, run, type SimProcess, startSim, type Workspace, workspace } from './harness.ts';

const DEMO = '--datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage';

describe("the document's commands", () => {
  let sim: SimProcess;
  let ws: Workspace;

  beforeAll(async () => {
    sim = await startSim({ speed: 20 });
    ws = workspace();
    for (const name of ['vllm_api_stream_chat', 'vllm_api_general_chat']) {
      editModel(ws, name, { host_port: sim.port, max_out_len: 32 });
    }
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('searches configs and prints absolute paths', async () => {
    const r = await run(`--models vllm_api_stream_chat ${DEMO} --mode perf --pressure --search`, ws.dir);
    expect(r.code).toBe(0);
    expect(r.stdout).toContain('INFO - Searching configs...');
    expect(r.stdout).toMatch(/│ --models {5}│ vllm_api_stream_chat {18}│ \/\S+\/vllm_api_stream_chat\.ts +│/);
    expect(r.stdout).toContain(join(ws.dir, 'configs/models/vllm_api/vllm_api_stream_chat.ts'));
    expect(r.stdout).toMatch(
      /│ --summarizer │ stable_stage .*\/configs\/summarizers\/perf\/stable_stage\.ts/,
    );
    expect(ws.runs()).toEqual([]);
  });

  it('runs the quick start and leaves the documented files', async () => {
    const r = await run(`--models vllm_api_stream_chat ${DEMO} --mode perf --debug`, ws.dir);
    expect(r.stderr).toBe('');
    expect(r.code).toBe(0);
    const folder = /Current exp folder: (\S+)/.exec(r.stdout)?.[1] ?? '';
    expect(folder).toMatch(/outputs\/default\/\d{8}_\d{6}$/);
    expect(r.stdout).toContain('│ Performance Parameters   │ Stage   │ Average');
    expect(r.stdout).toContain('│ Common Metric            │ Stage   │ Value');
    const results = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
    const files = ['.csv', '.json', '_details.h5', '_details.jsonl', '_plot.html', '_summary.json'];
    expect(readdirSync(results).sort()).toEqual(files.map((f) => `demo_gsm8k${f}`).sort());
    expect(readFileSync(join(results, 'demo_gsm8k.csv'), 'utf8')).toMatch(
      /^Performance Parameters,Stage,Average,Min,Max,Median,P75,P90,P99,N\nE2EL,stable,[\d.]+ ms,/,
    );
    expect(existsSync(join(ws.lastRun(), 'logs'))).toBe(false);
  });

  it('runs the command that names vllm_api_general_chat, which does not stream', async () => {
    const r = await run(`--models vllm_api_general_chat ${DEMO} --mode perf`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(r.stdout).toContain('│ E2EL');
    expect(r.stdout).not.toContain('│ TTFT');
    expect(existsSync(join(ws.lastRun(), 'logs/infer/vllm-api-general-chat/demo_gsm8k.out'))).toBe(true);
  });

  it('runs the stress test', async () => {
    const r = await run(
      `--models vllm_api_stream_chat ${DEMO} --mode perf --pressure --pressure-time 3`,
      ws.dir,
    );
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const summary = readJson<{ window: { start_s: number; end_s: number }; run: { end_s: number } }>(
      join(ws.lastRun(), 'performances/vllm-api-stream-chat/demo_gsm8k_summary.json'),
    );
    const { start_s, end_s } = summary.window;
    expect(start_s).toBeGreaterThanOrEqual(0);
    expect(end_s).toBeGreaterThan(2.5);
    expect(end_s).toBeLessThanOrEqual(summary.run.end_s);
  });

  it('recalculates a conventional run as a steady one, twice to the same bytes', async () => {
    const command = `--models vllm_api_stream_chat ${DEMO}`;
    const sent = await run(`${command.replace('stable_stage', 'default_perf')} --mode perf`, ws.dir);
    expect(sent.code, sent.stdout + sent.stderr).toBe(0);
    const results = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
    const before = ws.runs().length;
    const read = () =>
      ['.csv', '.json', '_plot.html', '_summary.json'].map((f) =>
        readFileSync(join(results, `demo_gsm8k${f}`), 'utf8'),
      );
    const total = read();
    const first = await run(`${command} --mode perf_viz --reuse`, ws.dir);
    expect(first.code, first.stdout + first.stderr).toBe(0);
    const stable = read();
    const again = await run(`${command} --mode perf_viz --reuse`, ws.dir);
    expect(again.code).toBe(0);
    expect(read()).toEqual(stable);
    expect(stable[0]).not.toEqual(total[0]);
    expect(ws.runs().length).toBe(before);
  });

  it('says that accuracy is another product', async () => {
    const r = await run(
      '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --mode all',
      ws.dir,
    );
    expect(r.code).toBe(2);
    expect(r.stderr).toMatch(/accuracy/i);
  });

  it('reports every mistake of every file at once and writes nothing', async () => {
    const bad = workspace();
    editModel(bad, 'vllm_api_stream_chat', { batch_size: 0, host_port: 99999 });
    const r = await run(`--models vllm_api_stream_chat ${DEMO} --mode perf`, bad.dir);
    expect(r.code).toBe(2);
    expect(r.stderr).toContain('batch_size');
    expect(r.stderr).toContain('host_port');
    expect(bad.runs()).toEqual([]);
    bad.remove();
  });

  it('says that no service answers, before it writes anything', async () => {
    const alone = workspace();
    editModel(alone, 'vllm_api_stream_chat', { host_port: 9 });
    const r = await run(`--models vllm_api_stream_chat ${DEMO} --mode perf`, alone.dir);
    expect(r.code).toBe(1);
    expect(r.stderr).toContain('No service answers at http://localhost:9');
    expect(alone.runs()).toEqual([]);
    alone.remove();
  });
});
