/** Data sets against the simulated service: every request arrives, with the tokens and the shared prefixes it should have. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TruthRequest } from '../../src/sim/truth.ts';
import { readRun } from '../../src/store/store.ts';
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

const MODEL = 'vllm_api_general_stream';
const BLOCK = 16;
/** Rows of a trace: time, tokens, hash ids. */
const TRACE: [number, number, number[]][] = [
  [0, 1100, [0, 1, 2]],
  [0, 700, [0, 3]],
  [120, 1500, [0, 1, 4]],
  [200, 512, [5]],
  [200, 1024, [5, 6]],
  [350, 1025, [5, 6, 7]],
];

const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
const times = (count: number, value: number) => Array.from({ length: count }, () => value);

interface Case {
  name: string;
  /** Fields of the data-set task, as source text. */
  task: string;
  promptTokens: number[];
  outputTokens: number[];
  /** Prompt tokens that the cache has, where they are known. */
  cached?: number;
}

const cases: Case[] = [
  {
    name: 'synthetic_string',
    task: `type: 'synthetic', Type: 'string', RequestCount: 30, StringConfig: {
      Input: { Method: 'uniform', Params: { MinValue: 200, MaxValue: 200 } },
      Output: { Method: 'uniform', Params: { MinValue: 3, MaxValue: 3 } } }`,
    promptTokens: times(30, 200),
    outputTokens: times(30, 3),
    cached: 0,
  },
  {
    name: 'synthetic_tokenid',
    task: `type: 'synthetic', Type: 'tokenid', RequestCount: 30, TokenIdConfig: { RequestSize: 300, PrefixLen: 160 }`,
    promptTokens: times(30, 300),
    outputTokens: times(30, 4),
    cached: 29 * 160,
  },
  {
    name: 'synthetic_hit_rate',
    task: `type: 'synthetic', Type: 'tokenid', RequestCount: 40, TokenIdConfig: { RequestSize: 400 }, PrefixCacheHitRate: 0.6`,
    promptTokens: times(40, 400),
    outputTokens: times(40, 4),
    cached: 0.6 * 40 * 400,
  },
  {
    name: 'mooncake',
    task: `type: 'mooncake_trace', path: 'trace.jsonl'`,
    promptTokens: TRACE.map(([, tokens]) => tokens),
    outputTokens: times(TRACE.length, 5),
    // Row by row: nothing, block 0, blocks 0 and 1, nothing, block 5, blocks 5 and 6.
    cached: 512 + 1024 + 512 + 1024,
  },
  {
    name: 'custom_jsonl',
    task: `type: 'custom', path: 'rows.jsonl', prompt: 'bare'`,
    promptTokens: [1, 2, 3, 4],
    outputTokens: [7, 7, 8, 8],
  },
  {
    name: 'custom_csv',
    task: `type: 'custom', path: 'rows.csv', prompt: 'bare', test_range: '[1:]'`,
    promptTokens: [2, 3],
    outputTokens: [6, 7],
  },
  {
    name: 'boolq_bare',
    task: `type: 'boolq', path: 'boolq', template: '{passage} {question}'`,
    promptTokens: [3, 5],
    outputTokens: [4, 4],
  },
  {
    // Each example: passage, question, answer.
    name: 'boolq_2_shot',
    task: `type: 'boolq', path: 'boolq/val.jsonl', template: '</E>{passage} {question} {label}', examples: [0, 1]`,
    promptTokens: [4 + 6 + 3, 4 + 6 + 5],
    outputTokens: [4, 4],
  },
  {
    name: 'ceval_1_shot',
    task: `type: 'ceval', path: 'ceval', name: 'law', template: '</E>{question} {A} {B} {answer}', examples: [1]`,
    promptTokens: [4 + 4],
    outputTokens: [4],
  },
  {
    name: 'humaneval',
    task: `type: 'humaneval', path: 'humaneval.jsonl'`,
    promptTokens: [2],
    outputTokens: [4],
  },
  {
    name: 'aime2024',
    task: `type: 'aime2024', path: 'aime.jsonl', template: '{question}'`,
    promptTokens: [4],
    outputTokens: [4],
  },
  {
    name: 'longbench',
    task: `type: 'longbench', path: 'longbench', name: 'qasper', template: '{context} {input}'`,
    promptTokens: [502],
    outputTokens: [4],
  },
  {
    name: 'longbenchv2',
    task: `type: 'longbenchv2', path: 'data.json', template: '{context} {question} {choice_D}'`,
    promptTokens: [303],
    outputTokens: [4],
  },
  {
    // 60 tokens: a needle of two words between line breaks, and 56 words; the question is one more word.
    name: 'needlebench',
    task: `type: 'needlebench_origin', path: 'needles', file_list: ['sea.jsonl'], language: 'English', length: 60,
      depth: 0, num_repeats_per_file: 2, template: '{context} {question}'`,
    promptTokens: [2 + 56 + 1, 2 + 56 + 1],
    outputTokens: [4, 4],
  },
];

describe('one run over every data set', () => {
  let sim: SimProcess;
  let ws: Workspace;
  let requests: TruthRequest[];
  let metrics: string;
  beforeAll(async () => {
    sim = await startSim({ speed: 50, wordTokens: true, prefixBlockTokens: BLOCK });
    ws = workspace();
    writeData(ws);
    for (const { name, task } of cases) addDataset(ws, name, task);
    // One at a time, so that the service's record is in the order of the rows.
    editModel(ws, MODEL, { abbr: "'it'", host_port: sim.port, max_out_len: 4, batch_size: 1 });
    const names = cases.map((c) => c.name).join(' ');
    const r = await run(
      `--models ${MODEL} --datasets ${names} --mode perf --num-warmups 0 --no-merge-ds`,
      ws.dir,
    );
    expect(r.code, r.stdout + r.stderr).toBe(0);
    ({ requests } = await sim.truth());
    metrics = await sim.metrics();
  });
  afterAll(async () => {
    await sim?.stop();
    ws?.remove();
  });

  it.each(cases)('$name: requests, tokens and cache hits', ({ name, promptTokens, outputTokens, cached }) => {
    const before = cases.slice(
      0,
      cases.findIndex((c) => c.name === name),
    );
    const from = sum(before.map((c) => c.promptTokens.length));
    const heard = requests.slice(from, from + promptTokens.length);
    expect(heard.map((t) => t.promptTokens)).toEqual(promptTokens);
    expect(heard.map((t) => t.outputTokens)).toEqual(outputTokens);
    if (cached !== undefined) expect(sum(heard.map((t) => t.cachedTokens))).toBe(cached);
    const { outcomes, common } = readJson<SummaryFile>(
      join(ws.lastRun(), `performances/it/${name}_summary.json`),
    );
    expect(outcomes.ok).toBe(promptTokens.length);
    expect(common['Total Input Tokens'].value).toBe(sum(promptTokens));
    expect(common['Total generated tokens'].value).toBe(sum(outputTokens));
  });

  it('the metrics of the service say the same', () => {
    const figure = (name: string) => Number(new RegExp(`^vllm:${name}{.*} (\\d+)$`, 'm').exec(metrics)?.[1]);
    expect(figure('prefix_cache_hits_total')).toBe(sum(requests.map((t) => t.cachedTokens)));
    expect(figure('prefix_cache_queries_total')).toBe(sum(requests.map((t) => t.promptTokens)));
  });
});

describe('a trace with use_timestamp', () => {
  it.each([
    [1, ''],
    [4, '[::-1]'],
  ])('is sent %i times as fast as recorded, test_range "%s"', async (factor, range) => {
    const sim = await startSim({ speed: 50, wordTokens: true });
    const ws = workspace();
    writeData(ws);
    addDataset(
      ws,
      'trace',
      `type: 'mooncake_trace', path: 'trace.jsonl', speed_factor: ${factor}, test_range: '${range}'`,
    );
    editModel(ws, MODEL, { abbr: "'it'", host_port: sim.port, batch_size: 100, use_timestamp: true });
    const r = await run(`--models ${MODEL} --datasets trace --mode perf --num-warmups 0`, ws.dir);
    const { requests } = await sim.truth();
    await sim.stop();
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const due: number[] = [];
    for (const batch of (await readRun(join(ws.lastRun(), 'performances/it'), 'trace')).batches()) {
      for (let row = 0; row < batch.rows; row++) {
        due[batch.index[row]] = batch.due[row];
        expect(batch.sent[row]).toBeGreaterThanOrEqual(batch.due[row]);
      }
    }
    ws.remove();
    expect(due).toEqual(TRACE.map(([ms]) => ms / factor));
    const byTokens = (a: number, b: number) => a - b;
    expect(requests.map((t) => t.promptTokens).sort(byTokens)).toEqual(
      TRACE.map(([, tokens]) => tokens).sort(byTokens),
    );
  });
});

describe('images in chat messages', () => {
  const png = 'data:image/png;base64,iVBORw0KGgo=';
  const tasks = {
    mm: `type: 'mm_custom', path: 'mm.jsonl', mm_type: 'base64'`,
    parts: `type: 'custom', path: 'parts.jsonl'`,
  };
  const row = (...paths: string[]) => ({ type: 'image', path: paths, question: 'what is it' });
  const write = (ws: Workspace) => {
    const lines = (rows: object[]) => rows.map((r) => JSON.stringify(r)).join('\n');
    writeFileSync(join(ws.dir, 'a.png'), 'not really');
    writeFileSync(join(ws.dir, 'mm.jsonl'), lines([row('a.png'), row('a.png', 'http://127.0.0.1/b.png')]));
    const content = [
      { type: 'text', text: 'one two' },
      { type: 'image_url', image_url: { url: png, detail: 'low' } },
    ];
    writeFileSync(join(ws.dir, 'parts.jsonl'), lines([{ messages: [{ role: 'user', content }] }]));
    for (const [name, task] of Object.entries(tasks)) addDataset(ws, name, task);
  };

  it('arrive and count as many tokens as the service says; a service for text alone is not asked', async () => {
    const sim = await startSim({ speed: 50, wordTokens: true, imageTokens: 100 });
    const ws = workspace();
    write(ws);
    const chat = 'vllm_api_stream_chat';
    editModel(ws, chat, { abbr: "'it'", host_port: sim.port, max_out_len: 4, batch_size: 1 });
    editModel(ws, MODEL, { host_port: sim.port });
    const sent = await run(`--models ${chat} --datasets mm parts --mode perf --num-warmups 0`, ws.dir);
    const summary = join(ws.lastRun(), 'performances/it/mm_summary.json');
    const inTokens = sent.code === 0 ? readJson<SummaryFile>(summary).common['Total Input Tokens'].value : -1;
    const refused = await run(`--models ${MODEL} --datasets mm --mode perf --num-warmups 0`, ws.dir);
    const { requests } = await sim.truth();
    await sim.stop();
    ws.remove();
    expect(sent.code, sent.stdout + sent.stderr).toBe(0);
    expect(requests.map((t) => t.promptTokens)).toEqual([103, 203, 102]);
    expect(inTokens).toBe(306);
    expect(refused.code).toBe(2);
    expect(refused.stdout + refused.stderr).toContain('row 1 of the dataset has images, video, or sound');
  });
});

it('data sets of one type run as one task', async () => {
  const sim = await startSim({ speed: 50, wordTokens: true });
  const ws = workspace();
  writeData(ws);
  for (const { name, task } of cases) addDataset(ws, name, task);
  editModel(ws, MODEL, { abbr: "'it'", host_port: sim.port, max_out_len: 4, batch_size: 1 });
  const names = 'custom_jsonl mooncake custom_csv';
  const r = await run(
    `--models ${MODEL} --datasets ${names} --mode perf --num-warmups 0 --num-prompts 3`,
    ws.dir,
  );
  const { requests } = await sim.truth();
  await sim.stop();
  expect(r.code, r.stdout + r.stderr).toBe(0);
  // Three rows of each, and the second has only two.
  expect(requests.map((t) => t.promptTokens)).toEqual([1, 2, 3, 2, 3, 1100, 700, 1500]);
  const details = readFileSync(join(ws.lastRun(), 'performances/it/customdataset_details.jsonl'), 'utf8');
  ws.remove();
  const rows = details.trim().split('\n');
  const ids = rows.map((row) => JSON.parse(row) as { id: number; row_id: string });
  expect(ids.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
  expect(r.stdout + r.stderr).toContain(
    '2 datasets of one type run as one task, customdataset (--no-merge-ds keeps them apart): custom_jsonl, custom_csv',
  );
  expect(ids.map((row) => row.row_id)).toEqual([
    'custom_jsonl/1',
    'custom_jsonl/2',
    'custom_jsonl/3',
    'custom_csv/3',
    'custom_csv/4',
  ]);
});

interface SummaryFile {
  outcomes: Record<string, number>;
  common: Record<string, { value: number }>;
}

function addDataset(ws: Workspace, name: string, task: string): void {
  const text = `import { defineDatasets } from 'ais-bench';
export const datasets = defineDatasets([{ abbr: '${name}', ${task} }]);\n`;
  addConfig(ws, `datasets/${name}.ts`, text);
}

function writeData(ws: Workspace): void {
  const lines = (rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n');
  const trace = TRACE.map(([timestamp, input_length, hash_ids]) => ({
    timestamp,
    input_length,
    output_length: 5,
    hash_ids,
  }));
  writeFileSync(join(ws.dir, 'trace.jsonl'), lines(trace));
  const questions = ['one', 'one two', 'one two three', 'one two three four'];
  const output_config = {
    method: 'percentage',
    params: {
      percentage_distribute: [
        [7, 0.5],
        [8, 0.5],
      ],
    },
  };
  writeFileSync(
    join(ws.dir, 'rows.jsonl'),
    lines(questions.map((question) => ({ question, max_tokens: 2 }))),
  );
  writeFileSync(join(ws.dir, 'rows.jsonl.meta.json'), JSON.stringify({ output_config }));
  const csv = questions.slice(0, 3).map((question, i) => `"${question}",${5 + i}`);
  writeFileSync(join(ws.dir, 'rows.csv'), ['question,max_tokens', ...csv].join('\n'));
  writeLocalRows(ws);
}

/** One small set of every layout, with words that are easy to count. */
function writeLocalRows({ dir }: Workspace): void {
  for (const folder of ['boolq', 'ceval/val', 'ceval/dev', 'longbench/data', 'needles'])
    mkdirSync(join(dir, folder), { recursive: true });
  const write = (file: string, ...lines: (string | object)[]) =>
    writeFileSync(
      join(dir, file),
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    );
  const words = (count: number) =>
    times(count, 0)
      .map(() => 'word')
      .join(' ');
  write(
    'boolq/val.jsonl',
    { question: 'is it', passage: 'yes', label: true },
    { question: 'is it', passage: 'not at all', label: false },
  );
  write('needles/sea.jsonl', {
    text: times(200, 0)
      .map(() => 'sea')
      .join(' '),
  });
  write('needles/needles.jsonl', {
    language: 'English',
    needle: 'red boat',
    retrieval_question: 'what',
    arg2: 'boat',
  });
  const header = 'id,question,A,B,C,D,answer,explanation';
  write('ceval/val/law_val.csv', header, '0,who now,a,b,c,d,A,');
  write('ceval/dev/law_dev.csv', header, '0,no,no,no,no,no,B,', '1,when,x,y,z,w,C,');
  write('humaneval.jsonl', { task_id: 'HumanEval/0', prompt: 'def f():', canonical_solution: 'return 1' });
  write('aime.jsonl', { origin_prompt: 'What is it worth?', gold_answer: 7 });
  write('longbench/data/qasper.jsonl', {
    input: 'what now',
    context: words(500),
    answers: ['a'],
    length: 500,
  });
  const choices = { choice_A: 'a', choice_B: 'b', choice_C: 'c', choice_D: 'd' };
  write('data.json', [{ context: words(300), question: 'which one', ...choices, answer: 'D' }]);
}
