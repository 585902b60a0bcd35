import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { protocols } from '../protocols/registry.ts';
import type { DatasetTask, ModelTask, SummarizerTask } from './api.ts';
import { listConfigs, type TaskKind } from './files/find-config.ts';
import { packageRoot } from './files/package-root.ts';
import { folderOf, resolveLine } from './folder.fixture.ts';
import { modelTypes } from './model-types.ts';
import type { modelTask, summarizerTask } from './schemas.ts';

const configs = (kind: TaskKind) =>
  listConfigs(kind, { cwd: '/', packageRoot: packageRoot(), configDir: 'no-such-folder', env: {} });
const names = (kind: TaskKind) => configs(kind).map((c) => c.name);

/** Languages, lengths and 11 depths, of each of which the reasoning tasks have four numbers of needles. */
const needlebenchTasks = Object.fromEntries(
  Object.entries({ '4k': 4, '8k': 8, '32k': 9, '128k': 8, '200k': 9, '256k': 3, '1000k': 9 }).flatMap(
    ([size, lengths]) => [
      [`needlebench_v2_single_${size}`, 2 * lengths * 11],
      [`needlebench_v2_multi_retrieval_${size}`, 2 * lengths],
      [`needlebench_v2_multi_reasoning_${size}`, 2 * lengths * 11 * 4],
      [`needlebench_v2_${size}`, 2 * lengths * (11 + 1 + 11 * 4)],
    ],
  ),
);

describe('packaged task configs', () => {
  it('are all there under the names of the document', () => {
    const places = (['models', 'datasets', 'summarizers'] as const).flatMap((kind) =>
      configs(kind).map((c) => `${basename(dirname(c.file))}/${c.name}`),
    );
    expect(places).toEqual(
      expect.arrayContaining([
        ...['stream_chat', 'general_chat', 'general_stream', 'general'].map((n) => `vllm_api/vllm_api_${n}`),
        'demo/demo_gsm8k_gen_4_shot_cot_chat_prompt',
        'demo/demo_gsm8k_gen_0_shot_cot_str_perf',
        ...['0', '4'].flatMap((n) => ['chat_prompt', 'str'].map((s) => `gsm8k/gsm8k_gen_${n}_shot_cot_${s}`)),
        'gsm8k/gsm8k_gen',
        'gsm8k/gsm8k_gen_0_shot_cot_str_perf',
        'gsm8k/gsm8k_gen_0_shot_noncot_chat_prompt',
        'synthetic/synthetic_gen',
        'custom/custom_qa_gen',
        'custom/custom_mcq_gen',
        'mooncake/mooncake_trace_gen',
        'SuperGLUE_BoolQ/SuperGLUE_BoolQ_gen_0_shot_str_perf',
        'ceval/ceval_gen_0_shot_str_perf',
        'humaneval/humaneval_gen_0_shot_perf',
        'aime2024/aime2024_gen_0_shot_str',
        'aime2025/aime2025_gen',
        ...['', '_0_shot_str', '_0_shot_cot_str', '_0_shot_noncot_str', '_5_shot_str'].map(
          (n) => `SuperGLUE_BoolQ/SuperGLUE_BoolQ_gen${n}`,
        ),
        ...['', '_0_shot_str', '_0_shot_cot_chat_prompt', '_0_shot_noncot_chat_prompt'].map(
          (n) => `ceval/ceval_gen${n}`,
        ),
        'humaneval/humaneval_gen_0_shot',
        'longbench/longbench',
        'longbench/longbench_qasper_gen',
        'longbenchv2/longbenchv2_gen',
        'needlebench_v2_4k/needlebench_v2_4k',
        'needlebench_v2_128k/needlebench_v2_single_128k',
        'atc/atc_0shot_nocot_2_power_en',
        'sharegpt/sharegpt_gen',
        'mtbench/mtbench_gen',
        'synthetic/synthetic_gen_string',
        'synthetic/synthetic_gen_tokenid',
        'perf/default_perf',
        'perf/stable_stage',
      ]),
    );
  });

  it('of every model agree with the original in name, dialect and stream', async () => {
    const { config, warnings } = await resolveLine(
      `--models ${names('models').join(' ')} --datasets gsm8k_gen`,
      folderOf({}),
    );
    expect(warnings).toEqual([]);
    expect(config.tasks.map(({ model: m }) => [m.abbr, m.protocol, m.stream])).toEqual([
      ['mindie-stream-api', 'mindie', true],
      ['tgi-api-general', 'tgi', false],
      ['tgi-stream-api-general', 'tgi', true],
      ['triton-api-general', 'triton', false],
      ['triton-stream-api-general', 'triton', true],
      ['vita-generate-chat', 'vita', false],
      ['vllm-api-function-call-chat', 'openai_chat', false],
      ['vllm-api-general', 'openai_completions', false],
      ['vllm-api-general-chat', 'openai_chat', false],
      ['vllm-api-general-stream', 'openai_completions', true],
      ['vllm-api-stream-chat', 'openai_chat', true],
      ['vllm-multiturn-api-chat-stream', 'openai_chat', true],
    ]);
  });

  it.each(names('datasets'))('%s resolves without a warning', async (name) => {
    const { config, warnings } = await resolveLine(
      `--models vllm_api_stream_chat --datasets ${name} --no-merge-ds`,
      folderOf({}),
    );
    expect(warnings).toEqual([]);
    const subsets: Record<string, number> = {
      ...Object.fromEntries(names('datasets').flatMap((n) => (n.startsWith('ceval_') ? [[n, 52]] : []))),
      cmmlu_gen_0_shot_cot_chat_prompt: 67,
      cmmlu_gen_5_shot_cot_chat_prompt: 67,
      longbench: 21,
      ...needlebenchTasks,
      needlebench_v2_multi_retrieval_compare_batch_8k: 40,
      atc_0shot_nocot_2_power_en: 9,
    };
    expect(config.tasks).toHaveLength(subsets[name] ?? 1);
  });

  it('explain every field in a comment, on its line or above', () => {
    const files = (['models', 'datasets', 'summarizers'] as const).flatMap((kind) => configs(kind));
    const bare = files.flatMap(({ file }) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines
        .filter((line, i) => {
          const isField = /^\s*\w+: /.test(line);
          const isExplained = line.includes(' // ') || /^\s*\/\//.test(lines[i - 1]);
          // `Params: {` and the like: their fields say what they are, and the text stands inside.
          return isField && !isExplained && !line.endsWith('{');
        })
        .map((line) => `${basename(file)}: ${line.trim()}`);
    });
    expect(bare).toEqual([]);
  });
});

describe('the typed helpers', () => {
  it('have the fields of the schemas', () => {
    expectTypeOf<keyof ModelTask>().toEqualTypeOf<keyof z.input<typeof modelTask>>();
    expectTypeOf<ModelTask>().toExtend<z.input<typeof modelTask>>();
    expectTypeOf<keyof SummarizerTask>().toEqualTypeOf<keyof z.input<typeof summarizerTask>>();
    expectTypeOf<SummarizerTask>().toExtend<Omit<z.input<typeof summarizerTask>, 'stats_list'>>();
  });

  it('ask a data-set task for what its type needs, and take what its schema takes', () => {
    const write = (task: DatasetTask) => task.type;
    // @ts-expect-error: a file has to be named
    write({ abbr: 'x', type: 'mm_custom' });
    // @ts-expect-error: so has a subset
    write({ abbr: 'x', type: 'ceval' });
    // @ts-expect-error: and the kind of synthetic data
    write({ abbr: 'x', type: 'synthetic', RequestCount: 3 });
    // @ts-expect-error: no option of this type
    write({ abbr: 'x', type: 'boolq', RequestCount: 3 });
    const Input = { Method: 'uniform', Params: { MinValue: 1, MaxValue: 2 } } as const;
    const StringConfig = { Input, Output: Input };
    expect([
      write({ abbr: 'x', type: 'synthetic', Type: 'String', RequestCount: 3, StringConfig }),
      write({ abbr: 'x', type: 'ceval', name: 'law' }),
      write({ abbr: 'x', type: 'boolq' }),
      write({ abbr: 'x', type: 'mm_custom', path: 'rows.jsonl', test_range: 0.5 }),
    ]).toHaveLength(4);
  });

  it('name a model type for every protocol', () => {
    const named = new Set<string>(Object.values(modelTypes).map((t) => t.protocol));
    expect(Object.keys(protocols).filter((p) => !named.has(p))).toEqual([]);
  });

  it('are documented, field by field', () => {
    const bare = ['api.generated.ts', 'dataset-task.ts', 'needlebench-tasks.ts'].flatMap((file) => {
      const text = readFileSync(join(packageRoot(), 'src/config', file), 'utf8');
      const lines = text.split('\nconst ')[0].split('\n');
      return lines.filter((line, i) => /^ {2,4}\w+\??: /.test(line) && !/\*\/$/.test(lines[i - 1]));
    });
    expect(bare).toEqual([]);
  });
});
