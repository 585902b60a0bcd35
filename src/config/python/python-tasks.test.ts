import { describe, expect, it } from 'vitest';
import { folderOf, mistakesOf, resolveLine } from '../folder.fixture.ts';

const model = `from ais_bench.benchmark.models import VLLMCustomAPIChat
models = [dict(attr='service', type=VLLMCustomAPIChat, abbr='m', path='', model='m', stream=True)]
`;
const line = '--models ./m.py --datasets ./d.py --summarizer ./s.py';
const summarizer = "summarizer = dict(attr='performance', type='DefaultPerfSummarizer')\n";
const dataset = "datasets = [dict(abbr='d', type='GSM8KDataset', path='x', prompt='bare')]\n";

function resolved(files: Record<string, string>, flags = line, env = {}) {
  const cwd = folderOf({ 'm.py': model, 'd.py': dataset, 's.py': summarizer, ...files });
  return resolveLine(`${flags} --no-merge-ds`, cwd, env);
}
const mistakes = (files: Record<string, string>, flags = line) => mistakesOf(() => resolved(files, flags));

describe('a model task of a Python config', () => {
  it.each([
    ['TGICustomAPI', 'tgi', false],
    ['TGICustomAPIStream', 'tgi', true],
    ['TritonCustomAPI', 'triton', false],
    ['TritonCustomAPIStream', 'triton', true],
    ['MindieStreamApi', 'mindie', true],
    ['VITAGenerateAPI', 'vita', false],
  ])('%s speaks %s', async (name, protocol, stream) => {
    const source = `from ais_bench.benchmark.models import ${name}
models = [dict(attr='service', type=${name}, abbr='m', model_name='x')]`;
    const { config } = await resolved({ 'm.py': source });
    const model = protocol === 'triton' ? 'x' : '';
    expect(config.tasks[0].model).toMatchObject({ protocol, stream, model });
  });

  it('refuses what is no value, what is unknown and what is wrong, at its place', async () => {
    const source = `from ais_bench.benchmark.models import VLLMCustomAPIChat, Other
models = [
    dict(type=VLLMCustomAPIChat, abbr='a', stream=True, generation_kwargs=dict(stop=[Other])),
    dict(type=Other, abbr='b', stream=True, batch_sise=3),
    dict(type=VLLMCustomAPIChat, abbr='c', stream=1),
]`;
    expect(await mistakes({ 'm.py': source })).toEqual([
      'm.py: models[0].generation_kwargs.stop[0]: expected a value, got the name ais_bench.benchmark.models.Other of Python code, which is never run',
      expect.stringMatching(/^m\.py: models\[1\]\.type: expected one of .*, got "Other"$/),
      'm.py: models[1].batch_sise: unknown key (did you mean "batch_size"?)',
      'm.py: models[2].stream: expected true or false, got 1',
    ]);
  });

  it('takes class names as texts, dotted ones too', async () => {
    const source = model.replace('type=VLLMCustomAPIChat', "type='ais_bench.benchmark.models.VLLMCustomAPI'");
    const { config } = await resolved({ 'm.py': source });
    expect(config.tasks[0].model.protocol).toBe('openai_completions');
  });

  it('is not changed by another file that changes the same base', async () => {
    const files = {
      'base.py': model,
      'a.py': `with read_base():\n    from .base import models\nmodels[0]['batch_size'] = 7\nmodels[0]['abbr'] = 'a'`,
      'b.py': `with read_base():\n    from .a import models as m\n    from .base import models`,
    };
    const { config } = await resolved(files, line.replace('./m.py', './a.py ./b.py'));
    expect(config.tasks.map((t) => [t.model.abbr, t.model.batchSize])).toEqual([
      ['a', 7],
      ['m', 1],
    ]);
  });

  it('names the base in which a mistake is, its line, and a base or a name that is not there', async () => {
    const base = { 'sub/base.py': 'x = 1\nmodels = [nope]\n', 'ok.py': model };
    const withBase = (text: string) => ({
      ...base,
      'm.py': `from mmengine.config import read_base\nwith read_base():\n    ${text}\n`,
    });
    expect(await mistakes(withBase('from .sub.base import models'))).toEqual([
      'sub/base.py:2: no value is known for the name nope [models = [nope]]',
    ]);
    expect(await mistakes(withBase('from .sub.bse import models'))).toEqual([
      expect.stringMatching(
        /^m\.py:3: there is no base config \.sub\.bse: looked for .*\/sub\/bse\.py or \.ts \[from \.sub/,
      ),
    ]);
    expect(await mistakes(withBase('from .ok import modles'))).toEqual([
      'm.py:3: the base config has no modles; it has VLLMCustomAPIChat, models [from .ok import modles]',
    ]);
    expect(await mistakes(withBase('from . import ok'))).toEqual([
      'm.py:3: "from . import …" is not read; write "from .file import name" [from . import ok]',
    ]);
    expect(
      await mistakes({
        ...withBase('from .ts_base import models'),
        'ts_base.ts': 'export const models = [;',
      }),
    ).toEqual([expect.stringMatching(/^ts_base\.ts:1:\d+: syntax error: /)]);
  });

  it('finds bases beside the data, below a folder around the file, and packaged ones by name', async () => {
    const config = `with read_base():
    from ais_bench.datasets.synthetic.synthetic_config import synthetic_config
datasets = [dict(abbr='d', type='SyntheticDataset', config=synthetic_config)]`;
    const data =
      "synthetic_config = {'Type': 'tokenid', 'RequestCount': 3, 'TokenIdConfig': {'RequestSize': 2}}";
    const folder = 'ais_bench/datasets/synthetic/synthetic_config.py';
    const beside = await resolved({ 'd.py': config, [folder]: data });
    expect(beside.config.tasks[0].dataset.options).toMatchObject({ RequestCount: 3 });
    const cacheDir = folderOf({ [folder]: data });
    const cached = await resolved({ 'd.py': config }, line, { AIS_BENCH_DATASETS_CACHE: cacheDir });
    expect(cached.config.tasks[0].dataset.options).toMatchObject({ RequestCount: 3 });
    const moved = 'ais_bench.benchmark.configs.models.elsewhere.vllm_api_general_stream';
    const byName = await resolved({ 'm.py': `with read_base():\n    from ${moved} import models` });
    expect(byName.config.tasks[0].model.abbr).toBe('vllm-api-general-stream');
  });
});

describe('a packaged config that a Python file takes and changes', () => {
  const gsm8k = 'gsm8k_gen_0_shot_cot_str';
  const taken = (from: string, names: string, changes: string) =>
    `from mmengine.config import read_base\nwith read_base():\n    from ${from} import ${names}\n${changes}\n`;
  const optionsOf = async (files: Record<string, string>, command = line) => {
    const { config } = await resolved(files, command);
    return config.tasks.map(({ dataset }) => dataset);
  };

  it("is found beside the file as if all configs lay in one folder, a copy of the user's first", async () => {
    const command = `--models vllm_api_general_stream --datasets mine`;
    const mine = (change: string) => ({
      'configs/datasets/gsm8k/mine.py': taken(`.${gsm8k}`, 'gsm8k_datasets as theirs', change),
    });
    const change = "gsm8k_datasets = theirs\ngsm8k_datasets[0]['abbr'] = 'short'";
    expect(await optionsOf(mine(change), command)).toMatchObject([
      { abbr: 'short', type: 'gsm8k', options: { prompt: '0_shot_cot_str' } },
    ]);
    const up = taken('..demo.demo_gsm8k_gen_4_shot_cot_chat_prompt', 'demo_datasets', '');
    const above = await optionsOf({ 'configs/datasets/gsm8k/mine.py': up }, command);
    expect(above).toMatchObject([{ type: 'demo_gsm8k' }]);
    const own = `gsm8k_datasets = [dict(abbr='own', type='gsm8k', path='x', prompt='bare')]`;
    const copied = await optionsOf(
      { ...mine('datasets = theirs'), [`configs/datasets/gsm8k/${gsm8k}.py`]: own },
      command,
    );
    expect(copied).toMatchObject([{ abbr: 'own' }]);
  });

  it('takes the range of rows where the original has it', async () => {
    const from = `ais_bench.benchmark.configs.datasets.gsm8k.${gsm8k}`;
    for (const change of [
      "gsm8k_datasets[0]['reader_cfg']['test_range'] = '[0:3]'",
      "gsm8k_datasets[0]['reader_cfg'] = dict(input_columns=['question'], output_column='answer', test_range='[0:3]')",
      "gsm8k_datasets[0]['test_range'] = '[0:3]'",
    ]) {
      expect(await optionsOf({ 'd.py': taken(from, 'gsm8k_datasets', change) })).toMatchObject([
        { testRange: '[0:3]' },
      ]);
    }
    expect(await optionsOf({ 'd.py': taken(from, 'gsm8k_datasets', '') })).toMatchObject([{ testRange: '' }]);
  });

  it('takes lengths of synthetic data where the original has them', async () => {
    const from = 'ais_bench.benchmark.configs.datasets.synthetic.synthetic_gen_string';
    const config = "synthetic_datasets[0]['config']";
    const options = async (...changes: string[]) =>
      (await optionsOf({ 'd.py': taken(from, 'synthetic_datasets', changes.join('\n')) }))[0].options;
    expect(await options(`${config}['RequestCount'] = 3`)).toMatchObject({ RequestCount: 3, Type: 'string' });
    const params = { MinValue: 2, MaxValue: 2 };
    const uniform = "{'Method': 'uniform', 'Params': {'MinValue': 2, 'MaxValue': 2}}";
    expect(await options(`${config}['StringConfig']['Output'] = ${uniform}`)).toMatchObject({
      StringConfig: { Output: { Method: 'uniform', Params: params }, Input: { Method: 'uniform' } },
    });
    const tokens = await options(
      `${config}['Type'] = 'tokenid'`,
      `${config}['TokenIdConfig']['RequestSize'] = 9`,
    );
    expect(tokens).toMatchObject({ Type: 'tokenid', TokenIdConfig: { RequestSize: 9 } });
  });

  it('is copied in loops, each copy with lengths and a service of its own', async () => {
    const configs = 'ais_bench.benchmark.configs';
    const text = `import copy
from mmengine.config import read_base
with read_base():
    from ${configs}.summarizers.example import summarizer
    from ${configs}.datasets.synthetic.synthetic_gen_string import synthetic_datasets as base
    from ${configs}.models.vllm_api.vllm_api_stream_chat import models as service
models, datasets = [], []
for i, (slots, shortest) in enumerate(zip([1, 2], [3, 5])):
    model = copy.deepcopy(service[0])
    model['abbr'] = f'slots{slots}'
    model['batch_size'] = slots
    models.append(model)
    rows = dict(base[0])
    rows['abbr'] = f'rows-{i}'
    rows['config'] = {'Type': 'string', 'RequestCount': 7, 'TrustRemoteCode': False, 'StringConfig': {
        'Input': {'Method': 'uniform', 'Params': {'MinValue': shortest, 'MaxValue': shortest + i}},
        'Output': {'Method': 'zipf', 'Params': {'Alpha': 2, 'MinValue': 1, 'MaxValue': 4}}}}
    datasets.append(rows)
model_dataset_combinations = [dict(models=[models[i]], datasets=[datasets[i]]) for i in range(len(models))]
`;
    const { config } = await resolved({ 'run.py': text }, 'run.py');
    const found = config.tasks.map(({ model: { batchSize }, dataset: { abbr, options } }) => {
      const { RequestCount: count, StringConfig: lengths } = options as {
        RequestCount: number;
        StringConfig: Record<string, { Method: string; Params: Record<string, number> }>;
      };
      return [batchSize, abbr, count, lengths.Input.Params, lengths.Output.Method];
    });
    expect(found).toEqual([
      [1, 'rows-0', 7, { MinValue: 3, MaxValue: 3 }, 'zipf'],
      [2, 'rows-1', 7, { MinValue: 5, MaxValue: 6 }, 'zipf'],
    ]);
    expect(config.summarizer.window).toBe('total');
  });

  it('takes the statistics of a summarizer where the original has them', async () => {
    const from = 'ais_bench.benchmark.configs.summarizers.perf.stable_stage';
    const change = "summarizer['calculator']['stats_list'] = ['Average', 'P95']";
    const files = { 's.py': taken(from, 'summarizer', change) };
    const { config } = await resolved(files);
    expect(config.summarizer).toMatchObject({ window: 'stable_stage', statsList: ['Average', 'P95'] });
  });
});

describe('data sets of a Python config', () => {
  const needle = (
    more: string,
  ) => `dict(abbr=f'n{depth}', type='NeedleBenchOriginDataset', path='x', length=4000, depth=depth,
    tokenizer_model='gpt-4', file_list=['a.jsonl'], num_repeats_per_file=3, length_buffer=500, language='English',
    needle_file_name='needles.jsonl', ${more})`;
  const infer = `dict(prompt_template=dict(template=dict(round=[
    dict(role='HUMAN', prompt='{prompt}'), dict(role='BOT', prompt='{answer}\\n')])))`;
  const lists = `reader = dict(input_columns=['prompt'], output_column='answer')
en_datasets = []
for depth in [0, 50]:
    globals()['en_datasets'].append(${needle(`reader_cfg=reader, infer_cfg=${infer}`)})
`;

  it('of NeedleBench are made in loops, and gathered once more under another name', async () => {
    const all = "all_datasets = sum((v for k, v in locals().items() if k.endswith('_datasets')), [])";
    const { config } = await resolved({ 'd.py': `${lists}${all}` });
    expect(config.tasks.map(({ dataset }) => [dataset.abbr, dataset.type])).toEqual([
      ['n0', 'needlebench_origin'],
      ['n50', 'needlebench_origin'],
    ]);
    expect(config.tasks[1].dataset.options).toMatchObject({
      depth: 50,
      num_repeats_per_file: 3,
      template: [{ role: 'HUMAN', prompt: '{prompt}' }],
    });
  });

  it('that differ under one name are a mistake all the same', async () => {
    expect(
      await mistakes({ 'd.py': `${lists}depth = 0\nb_datasets = [${needle('quesiton_position="Start"')}]` }),
    ).toEqual([expect.stringMatching(/^d\.py: b_datasets\[0\]\.abbr: expected a unique name, got "n0"/)]);
  });
});

describe('a data-set task of a Python config', () => {
  const gsm8k = (fields: string) => `datasets = [dict(abbr='d', type='GSM8KDataset', path='x', ${fields})]`;
  const infer = (fields: string) => gsm8k(`infer_cfg=dict(${fields})`);
  const turns = (list: string) => infer(`prompt_template=dict(template=dict(round=[${list}]))`);
  it.each([
    [
      "datasets = [dict(abbr='d', type='RaceDataset', infer_cfg=3)]",
      '.type: expected one of GSM8KDataset, SyntheticDataset, CustomDataset, MooncakeTraceDataset, MMCustomDataset, TEXTVQADataset, BoolQDatasetV2, CEvalDataset, CMMLUDataset, HumanevalDataset, Aime2024Dataset, Aime2025Dataset, Aime2026Dataset, LongBenchv2Dataset, NeedleBenchOriginDataset, NeedleBenchParallelDataset, NeedleBenchMultiDataset, NeedleBenchATCDataset, ShareGPTDataset, MTBenchDataset, LongBench…Dataset, got RaceDataset: other datasets are not supported',
    ],
    [gsm8k('k=1, n=4'), '.n: expected 1, got 4: `num_return_sequences` sends a row several times'],
    [
      "datasets = [dict(abbr='d')]",
      '.type: expected one of GSM8KDataset, SyntheticDataset, CustomDataset, MooncakeTraceDataset, MMCustomDataset, TEXTVQADataset, BoolQDatasetV2, CEvalDataset, CMMLUDataset, HumanevalDataset, Aime2024Dataset, Aime2025Dataset, Aime2026Dataset, LongBenchv2Dataset, NeedleBenchOriginDataset, NeedleBenchParallelDataset, NeedleBenchMultiDataset, NeedleBenchATCDataset, ShareGPTDataset, MTBenchDataset, LongBench…Dataset, got nothing: other datasets are not supported',
    ],
    [
      gsm8k('reader_cfg=dict(test_range=1.5)'),
      '.test_range: expected a slice like "[0:100]" or "[::2]", or the number of rows to pick at random, got 1.5',
    ],
    [
      gsm8k("reader_cfg=dict(test_range='0:5')"),
      '.test_range: expected a slice like "[0:100]" or "[::2]", or the number of rows to pick at random, got "0:5"',
    ],
    [gsm8k('pth=1'), '.pth: unknown key (did you mean "path"?)'],
    [
      infer("retriever=dict(type='FixKRetriever', fix_id_list=[0])"),
      '.infer_cfg.retriever: expected ZeroRetriever, got FixKRetriever: rows of this dataset cannot be examples; write them into the prompt template',
    ],
    [
      infer("retriever=dict(type='TopkRetriever')"),
      '.infer_cfg.retriever: expected ZeroRetriever or FixKRetriever, got TopkRetriever: examples are not searched for here; name their rows or write them into the prompt template',
    ],
    [
      infer("inferencer=dict(type='a.MultiTurnGenInferencer')"),
      '.infer_cfg.inferencer: expected GenInferencer, got MultiTurnGenInferencer, which is not supported yet',
    ],
    [
      infer("prompt_template=dict(template={'A': 'x'})"),
      '.infer_cfg.prompt_template.template: expected a string, or a dict with "round": a list of turns; got an object',
    ],
    [
      turns("dict(role='HUMAN', prompt=[dict(type='image')])"),
      '.infer_cfg.prompt_template.template.round[0].prompt: expected a string, got a list of 1: other content is not supported yet',
    ],
    [
      turns("'text'"),
      '.infer_cfg.prompt_template.template.round[0]: expected a dict of role and prompt, got "text"',
    ],
    [
      turns("dict(role='HUMAN', prompt='', tools=[])"),
      '.infer_cfg.prompt_template.template.round[0].tools: is not supported in a turn',
    ],
  ])('%s', async (source, expected) => {
    expect(await mistakes({ 'd.py': source })).toEqual([`d.py: datasets[0]${expected}`]);
  });

  it('takes the examples of a FixKRetriever, with their answers, and cuts the answer from the question', async () => {
    const few = (template: string) => `datasets = [dict(abbr='d', type='CEvalDataset', path='x', name='law',
      reader_cfg=dict(input_columns=['question'], output_column='answer'), infer_cfg=dict(
        ice_template=dict(type='PromptTemplate', ice_token='</E>', template=${template}),
        retriever=dict(type='FixKRetriever', fix_id_list=[0, 2])))]`;
    const chat =
      "dict(begin='</E>', round=[dict(role='HUMAN', prompt='{question}'), dict(role='BOT', prompt='{answer}')])";
    const human = { role: 'HUMAN', prompt: '{question}' };
    const examples = [0, 2];
    expect((await resolved({ 'd.py': few(chat) })).config.tasks[0].dataset.options).toMatchObject({
      examples,
      template: [{ role: 'HUMAN', prompt: '</E>' }, human],
      example_template: [{ role: 'HUMAN', prompt: '</E>' }, human, { role: 'BOT', prompt: '{answer}' }],
    });
    const text = await resolved({ 'd.py': few("'</E>{question} {answer}'") });
    expect(text.config.tasks[0].dataset.options).toMatchObject({
      examples,
      template: '</E>{question} ',
      example_template: '</E>{question} {answer}',
      example_token: '</E>',
    });
  });

  it('sends the bare question when there is no template, and says so', async () => {
    const { config, warnings } = await resolved({ 'd.py': gsm8k('') });
    expect(config.tasks[0].dataset.options).toEqual({ path: 'x', prompt: 'bare' });
    expect(warnings).toEqual([
      expect.stringMatching(/^datasets\[0\] of .*d\.py: there is no prompt template/),
    ]);
  });
});

describe('a summarizer of a Python config', () => {
  const calculator = (fields: string) => `summarizer = dict(attr='performance', calculator=dict(${fields}))`;
  it.each([
    [
      calculator("type='Other'"),
      'calculator.type: expected one of DefaultPerfMetricCalculator, StablePerfMetricCalculator, got Other',
    ],
    [
      calculator("type='StablePerfMetricCalculator', stats_list='P99'"),
      'calculator.stats_list: expected a list of statistics, got "P99"',
    ],
    ["summarizer = dict(attr='performance', calculator=3)", 'calculator: expected a dict, got 3'],
  ])('%s', async (source, expected) => {
    expect(await mistakes({ 's.py': source })).toEqual([`s.py: summarizer.${expected}`]);
  });
});

describe('constants of a Python file', () => {
  it('that moved to flags and tasks are refused with their new place', async () => {
    const file = 'PRESSURE_TIME = 3600\nCONNECTION_ADD_RATE = 5\nWORKERS_NUM = 1\nhelper = [1]\n';
    expect(await mistakes({ 'configs/global_consts.py': file })).toEqual([
      'configs/global_consts.py: PRESSURE_TIME: is no longer supported; remove it and give --pressure-time (3600)',
      'configs/global_consts.py: CONNECTION_ADD_RATE: is no longer supported; remove it and set request_rate in the model task (5)',
    ]);
  });
});
