import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const DEMO = 'demo_gsm8k_gen_4_shot_cot_chat_prompt';
const TINY = syntheticStrings('tiny', 30, {
  Input: { Method: 'gaussian', Params: { Mean: 40, Var: 100, MinValue: 10, MaxValue: 90 } },
  Output: { Method: 'zipf', Params: { Alpha: 1.5, MinValue: 2, MaxValue: 20 } },
});

interface SummaryFile {
  run: { workers: number; slots_opened: number; planned_requests: number | null };
  outcomes: Record<string, number>;
  common: Record<string, { value: number }>;
}

describe('tasks', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 20 });
    ws = workspace();
    for (const name of ['vllm_api_stream_chat', 'vllm_api_general_stream']) {
      editModel(ws, name, { host_port: sim.port, max_out_len: 16 });
    }
    addConfig(ws, 'datasets/tiny.ts', TINY);
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });
  const summaryOf = (model: string, data: string) =>
    readJson<SummaryFile>(join(ws.lastRun(), `performances/${model}/${data}_summary.json`));

  it('several models and data sets run one after the other, all tables at the end', async () => {
    const r = await run(
      `--models vllm_api_stream_chat vllm_api_general_stream --datasets ${DEMO} tiny --summarizer default_perf --mode perf`,
      ws.dir,
    );
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const titles = [...r.stdout.matchAll(/Performance Results of task: (\S+):/g)].map((m) => m[1]);
    expect(titles).toEqual([
      'vllm-api-stream-chat/demo_gsm8k',
      'vllm-api-stream-chat/tiny',
      'vllm-api-general-stream/demo_gsm8k',
      'vllm-api-general-stream/tiny',
    ]);
    expect(r.stdout.indexOf(titles[0])).toBeGreaterThan(-1);
    expect(r.stdout.lastIndexOf('has finished')).toBeLessThan(
      r.stdout.indexOf('Performance Results of task'),
    );
    expect(summaryOf('vllm-api-general-stream', 'tiny').outcomes.ok).toBe(30);
    expect(summaryOf('vllm-api-stream-chat', 'demo_gsm8k').outcomes.ok).toBe(8);
  });

  it('recalculates every recorded task, one of them with another stats_list', async () => {
    const summarizer = 'summarizers/perf/mine.ts';
    addConfig(
      ws,
      summarizer,
      "import { defineSummarizer } from 'ais-bench';\nexport const summarizer = defineSummarizer({ window: 'total', stats_list: ['Median', 'P5', 'P99'] });\n",
    );
    const r = await run('--summarizer mine --mode perf_viz --reuse', ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect([...r.stdout.matchAll(/Performance Results of task/g)].length).toBe(4);
    const csv = readFileSync(join(ws.lastRun(), 'performances/vllm-api-stream-chat/tiny.csv'), 'utf8');
    expect(csv.split('\n')[0]).toBe('Performance Parameters,Stage,Median,P5,P99,N');
  });

  it('a service that does not answer costs only its own tasks, and the end says which', async () => {
    editModel(ws, 'vllm_api_general_stream', { host_port: 1 });
    const r = await run(
      '--models vllm_api_general_stream vllm_api_stream_chat --datasets tiny --summarizer default_perf --mode perf',
      ws.dir,
    );
    editModel(ws, 'vllm_api_general_stream', { host_port: sim.port });
    expect(r.code, r.stdout + r.stderr).toBe(1);
    expect(summaryOf('vllm-api-stream-chat', 'tiny').outcomes.ok).toBe(30);
    expect(r.stdout + r.stderr).toMatch(
      /Task \[vllm-api-general-stream\/tiny\] cannot start: No service answers/,
    );
    expect(r.stdout + r.stderr).toContain('1 of 2 tasks failed: vllm-api-general-stream/tiny');
  });

  it('takes a data file from the command line, and a work dir', async () => {
    const rows = Array.from(
      { length: 12 },
      (_, i) => `{"question": "How much is ${i} + ${i}?", "max_tokens": ${i + 2}}`,
    );
    writeFileSync(join(ws.dir, 'sums.jsonl'), `${rows.join('\n')}\n`);
    const r = await run(
      '--models vllm_api_stream_chat --custom-dataset-path sums.jsonl --mode perf -w elsewhere --num-prompts 10',
      ws.dir,
    );
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const folder = /Current exp folder: (\S+)/.exec(r.stdout)![1];
    expect(folder).toContain(join(ws.dir, 'elsewhere'));
    const summary = readJson<SummaryFile>(
      join(folder, 'performances/vllm-api-stream-chat/sums_summary.json'),
    );
    expect(summary.outcomes.ok).toBe(10);
    // 2 + 3 + … + 11: every request got the length its row asks for.
    expect(summary.common['Total generated tokens'].value).toBe(65);
  });

  it('shares a rate and a pressure run over worker threads', async () => {
    editModel(ws, 'vllm_api_stream_chat', { request_rate: 40, batch_size: 8 });
    const paced = await run('--models vllm_api_stream_chat --datasets tiny --mode perf --workers 2', ws.dir);
    expect(paced.code, paced.stdout + paced.stderr).toBe(0);
    expect(summaryOf('vllm-api-stream-chat', 'tiny')).toMatchObject({
      run: { workers: 2 },
      outcomes: { ok: 30 },
    });
    const pages = ['', '_with_actual_rps'].map((ending) =>
      join(ws.lastRun(), 'performances/vllm-api-stream-chat', `tiny_rps_distribution_plot${ending}.html`),
    );
    const written = pages.map((page) => readFileSync(page, 'utf8'));
    for (const page of pages) rmSync(page);
    expect((await run('--mode perf_viz --reuse', ws.dir)).code).toBe(0);
    expect(pages.map((page) => readFileSync(page, 'utf8'))).toEqual(written);
    const pressed = await run(
      '--models vllm_api_stream_chat --datasets tiny --summarizer stable_stage --mode perf --pressure --pressure-time 3',
      ws.dir,
      { WORKERS_NUM: '2' },
    );
    expect(pressed.code, pressed.stdout + pressed.stderr).toBe(0);
    expect(summaryOf('vllm-api-stream-chat', 'tiny').run).toMatchObject({
      workers: 2,
      slots_opened: 8,
      planned_requests: null,
    });
  });

  it('exits 1 for a run that is too short to be steady, when that is required', async () => {
    editModel(ws, 'vllm_api_stream_chat', { request_rate: 0, batch_size: 4 });
    const command = '--models vllm_api_stream_chat --datasets tiny --summarizer stable_stage --mode';
    expect((await run(`${command} perf`, ws.dir)).code).toBe(0);
    const r = await run(`${command} perf_viz --reuse --require steady`, ws.dir);
    expect(r.code).toBe(1);
    expect(r.stderr).toMatch(/--require steady: throughput is (not steady|steady with reservations)/);
  });

  it('says why there is no steady stage, exits 1, and still writes the total figures', async () => {
    editModel(ws, 'vllm_api_stream_chat', { request_rate: 0, batch_size: 100 });
    const r = await run(
      '--models vllm_api_stream_chat --datasets tiny --summarizer stable_stage --mode perf',
      ws.dir,
    );
    expect(r.code).toBe(1);
    expect(r.stderr).toMatch(
      /No steady stage was found: the maximum concurrency of 100 was never reached; the highest was \d+ at/,
    );
    expect(summaryOf('vllm-api-stream-chat', 'tiny').common['Total Requests'].value).toBe(30);
  });
});
