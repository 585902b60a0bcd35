/** Every service that can be named in a config, asked by the command and answered by the simulated one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOutput, KIND } from '../../src/core/records.ts';
import type { TruthRequest } from '../../src/sim/truth.ts';
import { readRun } from '../../src/store/store.ts';
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

interface ServiceCase {
  service: string;
  folder: string;
  /** The packaged config of each way of answering, and the path its requests go to. */
  streaming: { config: string; path: string };
  text: { config: string; path: string };
  /** Whose token counts the service tells. */
  tells: { input: boolean; output: boolean };
  /** No event of its streams says that it is the last one. */
  silentEnd?: true;
}

const services: ServiceCase[] = [
  {
    service: 'vLLM chat',
    folder: 'vllm_api',
    streaming: { config: 'vllm_api_stream_chat', path: 'v1/chat/completions' },
    text: { config: 'vllm_api_general_chat', path: 'v1/chat/completions' },
    tells: { input: true, output: true },
  },
  {
    service: 'vLLM completions',
    folder: 'vllm_api',
    streaming: { config: 'vllm_api_general_stream', path: 'v1/completions' },
    text: { config: 'vllm_api_general', path: 'v1/completions' },
    tells: { input: true, output: true },
  },
  {
    service: 'TGI',
    folder: 'tgi_api',
    streaming: { config: 'tgi_stream_api_general', path: 'generate_stream' },
    text: { config: 'tgi_api_general', path: 'generate' },
    tells: { input: true, output: true },
  },
  {
    service: 'Triton',
    folder: 'triton_api',
    streaming: { config: 'triton_stream_api_general', path: 'v2/models/sim-model/generate_stream' },
    text: { config: 'triton_api_general', path: 'v2/models/sim-model/generate' },
    tells: { input: false, output: false },
    silentEnd: true,
  },
  {
    service: 'MindIE',
    folder: 'mindie_api',
    streaming: { config: 'mindie_stream_api_general', path: 'infer' },
    text: { config: 'mindie_stream_api_general', path: 'infer' },
    tells: { input: false, output: true },
  },
  {
    service: 'VITA',
    folder: 'vita_api',
    streaming: { config: 'vita_generate_chat', path: 'generate' },
    text: { config: 'vita_generate_chat', path: 'generate' },
    tells: { input: false, output: false },
    silentEnd: true,
  },
];

/** In the order in which a run takes them, so that the service's record can be told apart. */
const DATA = [
  { name: 'gsm8k', config: 'demo_gsm8k_gen_4_shot_cot_chat_prompt', abbr: 'demo_gsm8k', rows: 8 },
  { name: 'synthetic', config: 'tiny', abbr: 'tiny', rows: 12 },
  { name: 'custom', config: 'sums', abbr: 'sums', rows: 6 },
];
const TINY = syntheticStrings('tiny', 12, {
  Input: { Method: 'uniform', Params: { MinValue: 5, MaxValue: 60 } },
  Output: { Method: 'uniform', Params: { MinValue: 2, MaxValue: 20 } },
});
const SUMS = `
import { defineDatasets } from 'ais-bench';
export const datasets = defineDatasets([{ abbr: 'sums', type: 'custom', path: 'sums.jsonl' }]);
`;

interface SummaryFile {
  outcomes: Record<string, number>;
  common: Record<string, { value: number }>;
  per_request: Record<string, { n: number }>;
}

/** A working directory with the small data sets. */
function withData(): Workspace {
  const ws = workspace();
  addConfig(ws, 'datasets/tiny.ts', TINY);
  addConfig(ws, 'datasets/sums.ts', SUMS);
  const rows = Array.from({ length: 6 }, (_, i) => ({ question: `${i} + ${i}?`, max_tokens: i + 2 }));
  writeFileSync(join(ws.dir, 'sums.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  return ws;
}

const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);

/** How many output events each request of a task has, by its place in the data set. */
async function outputEvents(folder: string, abbr: string): Promise<number[]> {
  const counts: number[] = [];
  for (const batch of (await readRun(folder, abbr)).batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const kinds = batch.eventKind.subarray(batch.eventStart[row], batch.eventStart[row + 1]);
      counts[batch.index[row]] = kinds.filter(isOutput).length;
    }
  }
  return counts;
}

describe.each(services)('$service', ({ folder, streaming, text, tells, silentEnd }) => {
  describe.each([
    { way: 'streaming', stream: true, ...streaming },
    { way: 'text', stream: false, ...text },
  ])('$way', ({ stream, config, path }) => {
    let ws: Workspace;
    let results: string;
    let truth: TruthRequest[];
    beforeAll(async () => {
      const sim = await startSim({ speed: 20 });
      ws = withData();
      editModel(ws, config, { abbr: "'it'", host_port: sim.port, max_out_len: 16, stream }, folder);
      const data = DATA.map((d) => d.config).join(' ');
      const r = await run(`--models ${config} --datasets ${data} --mode perf --num-warmups 0`, ws.dir);
      truth = (await sim.truth()).requests;
      await sim.stop();
      expect(r.code, r.stdout + r.stderr).toBe(0);
      results = join(ws.lastRun(), 'performances/it');
    });
    afterAll(() => ws?.remove());

    it.each(DATA)('$name: every request and token counts', async ({ abbr, rows }) => {
      const before = sum(
        DATA.slice(
          0,
          DATA.findIndex((d) => d.abbr === abbr),
        ).map((d) => d.rows),
      );
      const heard = truth.slice(before, before + rows);
      expect(heard.map((t) => [t.path, t.stream, t.outcome])).toEqual(
        Array.from({ length: rows }, () => [path, stream, 'ok']),
      );
      const { outcomes, common, per_request } = readJson<SummaryFile>(join(results, `${abbr}_summary.json`));
      expect(outcomes.ok).toBe(rows);
      expect(common['Total Requests'].value).toBe(rows);
      // Where the service tells nothing, the tokenizer counts: each of its words is one token.
      expect(common['Total generated tokens'].value).toBe(sum(heard.map((t) => t.outputTokens)));
      if (tells.input) expect(common['Total Input Tokens'].value).toBe(sum(heard.map((t) => t.promptTokens)));
      else expect(common['Total Input Tokens'].value).toBeGreaterThan(rows);
      expect(per_request.E2EL.n).toBe(rows);
      if (stream) expect(per_request.TTFT.n).toBe(rows);
      else for (const name of ['TTFT', 'TPOT', 'ITL']) expect(per_request).not.toHaveProperty(name);
      const events = await outputEvents(results, abbr);
      const spoken = stream ? sum(heard.map((t) => t.outputTokens)) : rows;
      expect(sum(events)).toBe(spoken);
    });
  });

  it('tells failures from odd but whole answers', async () => {
    const { config } = streaming;
    const kinds = ['http-error', 'error-event', 'malformed-json', 'reset-mid-stream', 'cut'];
    const odd = ['crlf', 'no-space', 'split', 'batch', 'tokens-per-event', 'heartbeat', 'no-usage'];
    const faults = [...kinds, ...odd].map((kind, i) => {
      const inside = ['error-event', 'malformed-json', 'reset-mid-stream', 'cut'].includes(kind);
      return { kind, indices: [i], ...(inside && { atToken: 1 }), ...(i === 0 && { status: 400 }) };
    });
    const sim = await startSim({ speed: 20, faults });
    const ws = withData();
    const edits = {
      abbr: "'it'",
      host_port: sim.port,
      max_out_len: 16,
      stream: true,
      retry: 0,
      batch_size: 1,
    };
    editModel(ws, config, edits, folder);
    const r = await run(`--models ${config} --datasets tiny --mode perf --num-warmups 0`, ws.dir);
    const { requests } = await sim.truth();
    await sim.stop();
    const { outcomes, common } = readJson<SummaryFile>(
      join(ws.lastRun(), 'performances/it/tiny_summary.json'),
    );
    ws.remove();
    expect(r.stdout + r.stderr).toContain('tiny');
    const whole = requests.filter((t) => t.outcome === 'ok');
    expect(requests.map((t) => t.outcome)).toEqual([...kinds.map(() => 'failed'), ...odd.map(() => 'ok')]);
    // An answer that ends in the middle, but in an orderly way, looks whole where nothing says it is.
    const unseen = silentEnd ? requests.filter((t) => t.faults.includes('cut')) : [];
    expect(outcomes.ok).toBe(odd.length + unseen.length);
    expect(common['Total generated tokens'].value).toBe(
      sum([...whole, ...unseen].map((t) => t.outputTokens)),
    );
  });
});

describe('chat with tools', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 20 });
    ws = withData();
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('counts what a tool call is made of', async () => {
    const edits = { abbr: "'it'", host_port: sim.port, max_out_len: 16, tool_choice: "'required'" };
    editModel(ws, 'vllm_api_function_call_chat', edits);
    for (const stream of [false, true]) {
      editModel(ws, 'vllm_api_function_call_chat', { stream });
      const from = (await sim.truth()).requests.length;
      const r = await run(
        '--models vllm_api_function_call_chat --datasets tiny --mode perf --num-warmups 0',
        ws.dir,
      );
      expect(r.code, r.stdout + r.stderr).toBe(0);
      const truth = (await sim.truth()).requests.slice(from);
      expect(truth.map((t) => t.finishReason)).toEqual(Array.from({ length: 12 }, () => 'tool_calls'));
      const results = join(ws.lastRun(), 'performances/it');
      const { common } = readJson<SummaryFile>(join(results, 'tiny_summary.json'));
      expect(common['Total generated tokens'].value).toBe(sum(truth.map((t) => t.outputTokens)));
      const kinds = new Set<number>();
      for (const batch of (await readRun(results, 'tiny')).batches()) {
        for (const kind of batch.eventKind) if (isOutput(kind)) kinds.add(kind);
      }
      expect([...kinds]).toEqual([KIND.tool]);
    }
  });

  it('asks every row as often as num_return_sequences says', async () => {
    // One more line of generation_kwargs, behind a line that is there.
    editModel(
      ws,
      'tgi_api_general',
      { abbr: "'it'", host_port: sim.port, max_out_len: 8, seed: '7, num_return_sequences: 3' },
      'tgi_api',
    );
    const from = (await sim.truth()).requests.length;
    const r = await run('--models tgi_api_general --datasets sums --mode perf --num-warmups 0', ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const prompts = (await sim.truth()).requests.slice(from).map((t) => t.promptTokens);
    expect(prompts).toHaveLength(18);
    const { common } = readJson<SummaryFile>(join(ws.lastRun(), 'performances/it/sums_summary.json'));
    expect(common['Total Requests'].value).toBe(18);
  });
});
