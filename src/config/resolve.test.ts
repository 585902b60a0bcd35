import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, mistakesOf, resolveLine } from './folder.fixture.ts';

const demo = 'demo_gsm8k_gen_4_shot_cot_chat_prompt';
const task = (fields: string) =>
  `import { defineModels } from 'ais-bench';
   export const models = defineModels([{ type: 'VLLMCustomAPIChat', abbr: 'm', stream: true, ${fields} }]);`;

/** The one model that a task config with these fields comes to. */
async function modelOf(fields: string, env = {}, flags = '') {
  const cwd = folderOf({ 'm.ts': task(fields), 'tok/tokenizer.json': '{}', 'ca.pem': '' });
  const { config, warnings } = await resolveLine(`--models ./m.ts --datasets ${demo} ${flags}`, cwd, env);
  return { model: config.tasks[0].model, warnings, cwd };
}

/** The mistakes in a model task with these fields, less the part that is the same in all. */
async function modelMistakes(fields: string): Promise<string[]> {
  const cwd = folderOf({ 'm.ts': task(fields) });
  const lines = await mistakesOf(() => resolveLine(`--models ./m.ts --datasets ${demo}`, cwd));
  return lines.map((line) => line.replace('m.ts: models[0]', ''));
}

describe('commands of the document', () => {
  it('the quick start', async () => {
    const { config, warnings } = await resolveLine(
      `--models vllm_api_general_chat --datasets ${demo} --summarizer stable_stage --mode perf`,
      folderOf({}),
    );
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      mode: 'perf',
      tasks: [
        {
          model: {
            abbr: 'vllm-api-general-chat',
            protocol: 'openai_chat',
            stream: false,
            url: 'http://localhost:8080/',
            requestsPerS: 0,
            retries: 2,
            maxOutTokens: 512,
            batchSize: 3,
            generation: {
              temperature: 0.5,
              top_k: 10,
              top_p: 0.95,
              seed: null,
              repetition_penalty: 1.03,
              ignore_eos: true,
            },
          },
          dataset: {
            abbr: 'demo_gsm8k',
            type: 'demo_gsm8k',
            options: { prompt: '4_shot_cot_chat' },
            testRange: '[0:8]',
          },
        },
      ],
      summarizer: {
        name: 'stable_stage',
        window: 'stable_stage',
        rule: 'document',
        definitions: 'product',
        profile: 'default',
        statsList: ['Average', 'Min', 'Max', 'Median', 'P75', 'P90', 'P99'],
      },
      workDir: 'outputs/default',
      reuse: null,
      pressure: null,
      warmups: null,
      workers: 0,
      requestTimeoutMs: null,
      logLevel: 'INFO',
    });
  });

  it('the stress test, and its default time', async () => {
    const line = `--models vllm_api_stream_chat --datasets ${demo} --summarizer stable_stage --mode perf --pressure`;
    const timed = await resolveLine(`${line} --pressure-time 30`, folderOf({}));
    expect(timed.config).toMatchObject({
      pressure: { durationMs: 30_000 },
      tasks: [{ model: { stream: true } }],
    });
    expect((await resolveLine(line, folderOf({}))).config.pressure).toEqual({ durationMs: 15_000 });
  });

  it('the recalculation, with tasks or for every recorded one', async () => {
    const line = '--summarizer default_perf --mode perf_viz --reuse 20250628_151326';
    const named = await resolveLine(`--models vllm_api_stream_chat --datasets ${demo} ${line}`, folderOf({}));
    expect(named.config).toMatchObject({
      mode: 'perf_viz',
      reuse: '20250628_151326',
      summarizer: { window: 'total' },
    });
    expect(named.config.tasks).toHaveLength(1);
    expect((await resolveLine(line, folderOf({}))).config.tasks).toEqual([]);
    expect(await mistakesOf(() => resolveLine(`--models vllm_api_general ${line}`, folderOf({})))).toEqual([
      'command line: --datasets: expected at least one dataset task, e.g. demo_gsm8k_gen_4_shot_cot_chat_prompt (or --custom-dataset-path), or neither models nor datasets for every recorded task, got nothing',
    ]);
  });
});

describe('tasks', () => {
  it('runs every model with every data set, in the order given', async () => {
    const { config } = await resolveLine(
      '--models vllm_api_stream_chat vllm_api_general --datasets gsm8k_gen synthetic_gen_string',
      folderOf({}),
    );
    expect(config.tasks.map((t) => [t.model.abbr, t.dataset.abbr])).toEqual([
      ['vllm-api-stream-chat', 'gsm8k'],
      ['vllm-api-stream-chat', 'synthetic'],
      ['vllm-api-general', 'gsm8k'],
      ['vllm-api-general', 'synthetic'],
    ]);
  });

  it('come from one config file too, with its work dir', async () => {
    const cwd = folderOf({
      'run.ts': `export const models = [{ type: 'VLLMCustomAPI', abbr: 'm', stream: true, batch_size: 7 }];
        export const gsm8k_datasets = [{ abbr: 'g', type: 'gsm8k', path: 'data', reader_cfg: { test_range: '[0:5]' } }];
        export const summarizer = { window: 'stable_stage', rule: 'upstream-3.1', profile: 'mlperf', stats_list: ['P05', 'P99'] };
        export const work_dir = 'out/here';`,
    });
    const { config } = await resolveLine('run.ts', cwd);
    expect(config).toMatchObject({
      tasks: [
        {
          model: { protocol: 'openai_completions', batchSize: 7 },
          dataset: { abbr: 'g', options: { path: 'data', prompt: expect.any(String) }, testRange: '[0:5]' },
        },
      ],
      summarizer: { name: 'run', rule: 'upstream-3.1', profile: 'mlperf', statsList: ['P5', 'P99'] },
      workDir: 'out/here',
    });
    expect((await resolveLine('run.ts -w there --summarizer default_perf', cwd)).config).toMatchObject({
      summarizer: { name: 'default_perf' },
      workDir: 'there',
    });
  });

  it('take a custom file in place of --datasets', async () => {
    const cwd = folderOf({ 'my.rows.jsonl': '{"question":"?"}' });
    const line = '--models vllm_api_stream_chat --custom-dataset-path my.rows.jsonl';
    const { config } = await resolveLine(line, cwd);
    expect(config.tasks[0].dataset).toMatchObject({
      abbr: 'my',
      type: 'custom',
      options: { path: join(cwd, 'my.rows.jsonl') },
    });
    const { config: other, warnings } = await resolveLine(`${line} --datasets ${demo}`, cwd);
    expect(other.tasks.map((t) => t.dataset.type)).toEqual(['demo_gsm8k']);
    expect(warnings).toEqual(['--custom-dataset-path has no effect because datasets are named already']);
  });
});

describe('a model task', () => {
  it('is filled with defaults', async () => {
    const { model, warnings, cwd } = await modelOf('');
    expect(warnings).toEqual([]);
    expect(model).toEqual({
      abbr: 'm',
      protocol: 'openai_chat',
      stream: true,
      path: '',
      model: '',
      url: 'http://localhost:8080/',
      requestsPerS: 0,
      traffic: { burstiness: 0, ramp: null },
      useTimestamp: false,
      retries: 2,
      apiKey: '',
      maxOutTokens: 512,
      batchSize: 1,
      generation: {},
      caFile: '',
      insecureSkipVerify: false,
      file: join(cwd, 'm.ts'),
    });
  });

  it('has its ramp, its files and its address resolved', async () => {
    const { model, cwd } = await modelOf(
      `traffic_cfg: { burstiness: 0.5, ramp_up_strategy: 'linear', ramp_up_start_rps: 0, ramp_up_end_rps: 20 },
       path: 'tok', ca_file: 'ca.pem', url: 'gpu.example.org/llm', enable_ssl: true, generation_kwargs: { a: undefined, b: null }`,
    );
    expect(model).toMatchObject({
      traffic: { burstiness: 0.5, ramp: { strategy: 'linear', startRps: 0, endRps: 20 } },
      path: join(cwd, 'tok'),
      caFile: join(cwd, 'ca.pem'),
      url: 'https://gpu.example.org/llm/',
      generation: { b: null },
    });
  });

  it('takes its key from the environment when it has none', async () => {
    const env = { AIS_BENCH_API_KEY: 'a', OPENAI_API_KEY: 'b' };
    expect((await modelOf(`api_key: 'own'`, env)).model.apiKey).toBe('own');
    expect((await modelOf('', env)).model.apiKey).toBe('a');
    expect((await modelOf('', { OPENAI_API_KEY: 'b' })).model.apiKey).toBe('b');
  });

  it.each([
    [
      `type: 'VLLMCustomAPIChatStream', stream: false`,
      /^m: type VLLMCustomAPIChatStream is deprecated and means stream: true/,
    ],
    ['stream: undefined', /^m: stream is not set and defaults to false/],
    [`url: 'http://h/v1'`, /^m: url ends with v1,/],
    ['traffic_cfg: { ramp_up_start_rps: 1 }', /^m: ramp_up_start_rps and ramp_up_end_rps have no effect/],
    ['generation_kwargs: { max_tokens: 3 }', /^m: max_tokens in generation_kwargs has no effect/],
    ['use_timestamp: true, request_rate: 2', /^m: request_rate has no effect with use_timestamp$/],
    [`pred_postprocessor: {}, verbose: true`, /accepted but ignored: verbose, pred_postprocessor$/],
  ])('warns of %s', async (fields, expected) => {
    const { warnings } = await modelOf(fields);
    expect(warnings).toEqual([expect.stringMatching(expected)]);
  });

  it('warns of a ramp of slots where requests come by the clock', async () => {
    const { warnings } = await modelOf('request_rate: 2', {}, '--ramp staggered');
    expect(warnings).toEqual(['m: --ramp has no effect on requests that follow a schedule']);
    const recalculated = await modelOf('request_rate: 2', {}, '--ramp staggered --mode perf_viz');
    expect(recalculated.warnings).toEqual([]);
  });

  it('streams under a deprecated name whatever it says', async () => {
    expect((await modelOf(`type: 'VLLMCustomAPIChatStream', stream: false`)).model.stream).toBe(true);
  });

  it.each([
    ['batch_sise: 3', '.batch_sise: unknown key (did you mean "batch_size"?)'],
    ['batch_size: 0', '.batch_size: expected a whole number from 1 to 100000, got 0'],
    ['batch_size: 2.5', '.batch_size: expected a whole number from 1 to 100000, got 2.5'],
    ['retry: 1001', '.retry: expected a whole number from 0 to 1000, got 1001'],
    [`retry: 'two'`, '.retry: expected a whole number from 0 to 1000, got "two"'],
    ['host_port: 65536', '.host_port: expected a whole number from 1 to 65535, got 65536'],
    [
      `host_ip: 'http://localhost'`,
      '.host_ip: expected a host name or an IP address (use `url` for a full address), got "http://localhost"',
    ],
    ['request_rate: 0.0005', '.request_rate: expected requests per second: 0, or 0.001 to 64000, got 0.0005'],
    ['request_rate: -1', '.request_rate: expected requests per second: 0, or 0.001 to 64000, got -1'],
    [`stream: 'yes'`, '.stream: expected true or false, got "yes"'],
    [`attr: 'local'`, '.attr: expected "service": only inference services can be tested, got "local"'],
    [
      `type: 'VLLMCustomAPIChta'`,
      '.type: expected one of "VLLMCustomAPIChat", "VLLMCustomAPIChatStream", "VllmMultiturnAPIChatStream", "VLLMFunctionCallAPIChat", "VLLMCustomAPI", "VLLMCustomAPIStream", "TGICustomAPI", "TGICustomAPIStream", "TritonCustomAPI", "TritonCustomAPIStream", "MindieStreamApi", "VITAGenerateAPI", got "VLLMCustomAPIChta" (did you mean "VLLMCustomAPIChat"?)',
    ],
    [`abbr: ' '`, '.abbr: expected a short name that is not empty, got ""'],
    ['api_key: 12345678', '.api_key: expected a string, got ***'],
    [
      `url: 'ftp://me:pass@h/x'`,
      '.url: expected an http or https address like "http://localhost:8080/", got "ftp://***@h/x"',
    ],
    [
      `path: '/no/where'`,
      `.path: expected the folder of the model's tokenizer, or an empty string, but "/no/where" does not exist`,
    ],
    [`ca_file: 'x.pem'`, '.ca_file: expected a PEM file, or an empty string, but "x.pem" does not exist'],
    [
      `traffic_cfg: { burstiness: -1 }`,
      '.traffic_cfg.burstiness: expected a number of at least 0 (0: constant gaps, 1: Poisson), got -1',
    ],
    [`traffic_cfg: { burstines: 1 }`, '.traffic_cfg.burstines: unknown key (did you mean "burstiness"?)'],
    [
      `traffic_cfg: { ramp_up_strategy: 'linaer', ramp_up_start_rps: 1, ramp_up_end_rps: 2 }`,
      '.traffic_cfg.ramp_up_strategy: expected "linear", "exponential" or null, got "linaer" (did you mean "linear"?)',
    ],
    [
      `traffic_cfg: { ramp_up_strategy: 'linear', ramp_up_start_rps: 20, ramp_up_end_rps: 10 }`,
      '.traffic_cfg.ramp_up_end_rps: expected at least ramp_up_start_rps (20), got 10',
    ],
    [
      `traffic_cfg: { ramp_up_strategy: 'linear', ramp_up_end_rps: 10 }`,
      '.traffic_cfg.ramp_up_start_rps: expected requests per second because a ramp needs both ends, got nothing',
    ],
    [
      `traffic_cfg: { ramp_up_strategy: 'linear', ramp_up_start_rps: 0, ramp_up_end_rps: 0 }`,
      '.traffic_cfg.ramp_up_end_rps: expected at least 0.001 requests per second, got 0',
    ],
    [`generation_kwargs: [1]`, '.generation_kwargs: expected an object of body fields, got a list of 1'],
    [`generation_kwargs: { a: [{ b: NaN }] }`, '.generation_kwargs.a[0].b: expected a JSON value, got NaN'],
  ])('refuses %s', async (fields, expected) => {
    expect(await modelMistakes(fields)).toEqual([expected]);
  });

  it('never shows a key, wherever else it stands', async () => {
    const lines = await modelMistakes(`api_key: 'sk-very-secret', host_ip: 'sk-very-secret!', model: 5`);
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain('very-secret');
  });
});

describe('a data-set task', () => {
  it.each([
    [
      `{ abbr: 'd', type: 'gsm8' }`,
      'datasets[0].type: expected one of "gsm8k", "demo_gsm8k", "synthetic", "custom", "local_rows", "mm_custom", "textvqa", "mooncake_trace", "boolq", "ceval", "cmmlu", "humaneval", "aime2024", "aime2025", "aime2026", "longbench", "longbenchv2", "needlebench_origin", "needlebench_parallel", "needlebench_multi", "needlebench_atc", "sharegpt", "mtbench", got "gsm8" (did you mean "gsm8k"?)',
    ],
    [
      `{ abbr: 'd', type: 'gsm8k', test_rage: '' }`,
      'datasets[0].test_rage: unknown key (did you mean "test_range"?)',
    ],
    [`{ abbr: 'd', type: 'gsm8k', promt: '' }`, 'datasets[0].promt: unknown key (did you mean "prompt"?)'],
    [`{ type: 'gsm8k' }`, 'datasets[0].abbr: expected a string, got nothing'],
    [
      `{ abbr: 'd', type: 'gsm8k', test_range: '0:5' }`,
      'datasets[0].test_range: expected a slice like "[0:100]" or "[::2]", or the number of rows to pick at random, got "0:5"',
    ],
    [`{ abbr: 'd', type: 'custom' }`, 'datasets[0].path: expected a string, got nothing'],
    ['7', 'datasets[0]: expected an object, got 7'],
  ])('%s is refused', async (text, expected) => {
    const cwd = folderOf({ 'd.ts': `export const datasets = [${text}];` });
    const lines = await mistakesOf(() => resolveLine('--models vllm_api_stream_chat --datasets ./d.ts', cwd));
    expect(lines).toEqual([`d.ts: ${expected}`]);
  });
});

describe('mistakes', () => {
  it('of all files and of the environment are reported together', async () => {
    const cwd = folderOf({
      'a.ts': 'export const models = [{ batch_size: 0, host_ip: 3 }];',
      'b.ts': 'export const modles = [];',
      'c.ts': 'export const datasets = [\n  { abbr: "x" type: 1 },\n];',
      's.ts': `export const summarizer = { window: 'stable', stats_list: ['Averge'] };`,
      'configs/global_consts.ts': 'export const WORKERS_NMU = 2;\nexport const REQUEST_TIME_OUT = -1;',
    });
    const line = '--models ./a.ts ./b.ts nope --datasets ./c.ts --summarizer ./s.ts --config-dir configs';
    expect(
      await mistakesOf(() => resolveLine(line, cwd, { WORKERS_NUM: 'many', LOG_LEVEL: 'debgu' })),
    ).toEqual([
      expect.stringMatching(/^command line: --models: no task config named "nope" in /),
      'b.ts: expected the file to export models, a list of tasks (did you mean "modles"?)',
      'c.ts:2:14: syntax error: Unexpected token, expected ","',
      'configs/global_consts.ts: REQUEST_TIME_OUT: expected seconds, or null for no limit, from 0 to 86400, got -1',
      'configs/global_consts.ts: WORKERS_NMU: unknown key (did you mean "WORKERS_NUM"?)',
      'environment: WORKERS_NUM: expected a whole number of worker threads (0: automatic) from 0 to 1024, got "many"',
      'environment: LOG_LEVEL: expected one of "DEBUG", "INFO", "WARNING", "ERROR", got "debgu" (did you mean "DEBUG"?)',
      expect.stringMatching(/^a\.ts: models\[0\]\.type: expected one of .*, got nothing$/),
      'a.ts: models[0].abbr: expected a string, got nothing',
      'a.ts: models[0].host_ip: expected a string, got 3',
      'a.ts: models[0].batch_size: expected a whole number from 1 to 100000, got 0',
      's.ts: summarizer.window: expected one of "total", "stable_stage", got "stable" (did you mean "stable_stage"?)',
      's.ts: summarizer.stats_list[0]: expected Average, Min, Max, Median or P1 … P99, got "Averge" (did you mean "Average"?)',
    ]);
  });

  it.each([
    [
      '',
      [
        '--models: expected at least one model task, e.g. vllm_api_stream_chat, got nothing',
        /^command line: --datasets: expected at least one dataset task/,
      ],
    ],
    [
      '--models vllm_api_general --datasets gsm8k_gen --config-dir nix',
      ['--config-dir: expected a folder, got "nix"'],
    ],
    [
      '--models vllm_api_general --custom-dataset-path nix.csv',
      ['--custom-dataset-path: expected a .jsonl or .csv file, but "nix.csv" does not exist'],
    ],
    ['run.py', ['config: no such file: "run.py" (name tasks with --models and --datasets)']],
  ])('on the command line: %s', async (line, expected) => {
    const found = await mistakesOf(() => resolveLine(`${line} --debug`, folderOf({})));
    expect(found).toEqual(
      expected.map((e) => (typeof e === 'string' ? `command line: ${e}` : expect.stringMatching(e))),
    );
  });

  it.each([
    [
      'models',
      'export const models = [];\nexport const datasets = [{ type: "gsm8k", abbr: "g", path: "d" }];',
    ],
    [
      'datasets',
      "export const models = [{ type: 'VLLMCustomAPI', abbr: 'm' }];\nexport const datasets = [];",
    ],
  ])('are found in lists without a task: %s', async (kind, text) => {
    const cwd = folderOf({ 'run.ts': text });
    expect(await mistakesOf(() => resolveLine('run.ts', cwd))).toEqual([
      `run.ts: ${kind}: expected at least one task, got an empty list`,
    ]);
    expect((await resolveLine('run.ts --mode perf_viz', cwd)).config.tasks).toEqual([]);
  });

  it('are found in two tasks of one name', async () => {
    const line = '--models vllm_api_general --datasets gsm8k_gen gsm8k_gen_0_shot_cot_str';
    expect(await mistakesOf(() => resolveLine(line, folderOf({})))).toEqual([
      expect.stringMatching(
        /0_shot_cot_str\.ts: datasets\[0\]\.abbr: expected a unique name, got "gsm8k", which datasets\[0\] of .*gsm8k_gen\.ts also uses/,
      ),
    ]);
  });
});

describe('settings for all tasks', () => {
  const line = `--models vllm_api_stream_chat --datasets ${demo}`;

  it('come from flags, then the environment, then the file, then the package', async () => {
    const cwd = folderOf({
      'configs/global_consts.ts': `export const WORKERS_NUM = 2;
        export const REQUEST_TIME_OUT = 1.5;
        export const LOG_LEVEL = 'warning';
        export const MAX_CHUNK_SIZE = 4096;`,
    });
    const fromFile = await resolveLine(line, cwd);
    expect(fromFile.config).toMatchObject({ workers: 2, requestTimeoutMs: 1500, logLevel: 'WARNING' });
    expect(fromFile.warnings).toEqual([expect.stringMatching(/^MAX_CHUNK_SIZE is ignored/)]);
    const env = { WORKERS_NUM: '3', REQUEST_TIME_OUT: 'None', LOG_LEVEL: 'trace' };
    const fromEnv = await resolveLine(line, cwd, env);
    expect(fromEnv.config).toMatchObject({ workers: 3, requestTimeoutMs: null, logLevel: 'DEBUG' });
    expect((await resolveLine(`${line} --workers 4`, cwd, env)).config.workers).toBe(4);
  });

  it('warn of what has no effect', async () => {
    const warned = async (flags: string) => (await resolveLine(`${line} ${flags}`, folderOf({}))).warnings;
    expect(await warned('--pressure-time 5')).toEqual(['--pressure-time has no effect without --pressure']);
    expect(await warned('--max-num-workers 4')).toEqual([]);
    expect(await warned('--max-num-workers 4 --debug')).toEqual([
      expect.stringMatching(/^--max-num-workers has no effect/),
    ]);
    expect(await warned('--ramp staggered')).toEqual([]);
    expect(await warned('--ramp staggered --num-warmups 2')).toEqual([
      expect.stringMatching(/^vllm-api-stream-chat: 2 warm-up request\(s\) do not fill 3 slots/),
    ]);
    expect(await warned('--ramp staggered:4 --num-warmups 2')).toEqual([]);
    expect(await warned('--pressure')).toEqual([
      'vllm-api-stream-chat: request_rate is 0, so all 3 clients of the stress test start at once. Set it to add them gradually',
    ]);
  });

  it('carry the other flags over', async () => {
    const flags =
      '--num-prompts 9 --num-warmups 0 --grace 2 --seed 4 --verify --no-keep-text --dry-run --debug';
    expect((await resolveLine(`${line} ${flags}`, folderOf({}))).config).toMatchObject({
      numPrompts: 9,
      warmups: 0,
      graceMs: 2000,
      seed: 4,
      verify: true,
      specDecode: false,
      requireSteady: false,
      untilPrecise: null,
      rampMs: null,
      holdMs: null,
      keepText: false,
      dryRun: true,
      debug: true,
    });
  });
});
