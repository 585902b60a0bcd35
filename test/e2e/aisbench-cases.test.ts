/** What AISBench's users run, with configs in its Python form: every command ends as they expect, with the files and lines that their scripts look for. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, type SimProcess, start, startSim, until, type Workspace, workspace } from './harness.ts';

interface Case {
  situation: string;
  /** Below the working directory. */
  files?: Record<string, string>;
  command: string;
  /** Below the run folder. */
  leaves: string[];
  leavesNot?: string[];
  shows?: (string | RegExp)[];
  showsNot?: string[];
  /** Output tokens of the requests in the order of sending, from the `_details.jsonl` that `leaves` names first. */
  outputTokens?: number[];
}

const OUT = 4;
const PORT = '<port>';

/** A model task as such files hold it, and the lines that a script appends to it. */
function service(abbr: string, type: string, fields = ''): string {
  return `from ais_bench.benchmark.models import ${type}
from ais_bench.benchmark.utils.postprocess.model_postprocessors import extract_non_reasoning_content

models = [
    dict(
        attr="service",
        type=${type},
        abbr='${abbr}',
        path="",
        model="",
        request_rate=0,
        retry=2,
        host_ip="localhost",
        host_port=8080,
        max_out_len=${OUT},
        batch_size=4,
        trust_remote_code=False,
        generation_kwargs=dict(temperature=0.5, top_k=10, top_p=0.95, seed=None, repetition_penalty=1.03),
        pred_postprocessor=dict(type=extract_non_reasoning_content),
        ${fields}
    )
]

models[0]['host_ip'] = '127.0.0.1'
models[0]['host_port'] = ${PORT}
models[0]['path'] = ''
`;
}

const chat = (fields = '') => service('vllm-api-stream-chat', 'VLLMCustomAPIChat', `stream=True, ${fields}`);

const INFERENCE = `from ais_bench.benchmark.openicl.icl_prompt_template import PromptTemplate
from ais_bench.benchmark.openicl.icl_retriever import ZeroRetriever
from ais_bench.benchmark.openicl.icl_inferencer import GenInferencer
`;

/** A data-set task as such files hold it. */
function data(
  name: string,
  type: string,
  { fields = '', columns = "['question']", template = "'{question}'" },
) {
  return `from ais_bench.benchmark.datasets import ${type}, MATHEvaluator
${INFERENCE}
${name}_datasets = [
    dict(
        abbr='${name}',
        type=${type},
        ${fields}
        reader_cfg=dict(input_columns=${columns}, output_column='answer'),
        infer_cfg=dict(
            prompt_template=dict(type=PromptTemplate, template=${template}),
            retriever=dict(type=ZeroRetriever),
            inferencer=dict(type=GenInferencer)),
        eval_cfg=dict(evaluator=dict(type=MATHEvaluator)))
]
`;
}

const taken = (from: string, names: string, changes = '') =>
  `from mmengine.config import read_base\n\nwith read_base():\n    from ${from} import ${names}\n\n${changes}\n`;

const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);

const GSM8K = taken(
  '.gsm8k_gen_0_shot_cot_str',
  'gsm8k_datasets',
  "gsm8k_datasets[0]['reader_cfg']['test_range'] = '[0:6]'",
);
const SYNTHETIC = `synthetic_config = {
    "Type": "string", "RequestCount": 5, "TrustRemoteCode": False,
    "StringConfig": {
        "Input": {"Method": "uniform", "Params": {"MinValue": 5, "MaxValue": 9}},
        "Output": {"Method": "percentage", "Params": {"PercentageDistribution": [[2, 1]]}}},
    "TokenIdConfig": {"RequestSize": 12}}
`;
const synthetic = (changes = '', output = '"Method": "uniform", "Params": {"MinValue": 3, "MaxValue": 3}') =>
  `${SYNTHETIC.replace('"Method": "percentage", "Params": {"PercentageDistribution": [[2, 1]]}', output)}${changes}
${data('synthetic', 'SyntheticDataset', { fields: 'config=synthetic_config,' })}`;

const shared: Record<string, string> = {
  'configs/models/vllm_api/chat.py': chat(),
  'configs/models/vllm_api/text.py': service('vllm-api-general-stream', 'VLLMCustomAPIStream'),
  'configs/models/vllm_api/plain.py': service('vllm-api-general-chat', 'VLLMCustomAPIChat', 'stream=False'),
  'configs/datasets/gsm8k/gsm8k.py': GSM8K,
  'configs/datasets/synthetic/strings.py': synthetic(),
  'ais_bench/datasets/gsm8k/test.jsonl': lines(
    numbered(20).map((i) => ({ question: `How much is ${i} + 1?`, answer: `#### ${i + 1}` })),
  ),
};

/** The files of a streamed task's result. */
const results = (model: string, dataset: string) =>
  ['_details.jsonl', '.json', '.csv', '_plot.html', '_details.h5', '_summary.json'].map(
    (ending) => `performances/${model}/${dataset}${ending}`,
  );
const CHAT = 'vllm-api-stream-chat';
const REQUEST_ROWS = ['E2EL', 'TTFT', 'TPOT', 'ITL', 'InputTokens', 'OutputTokens', 'OutputTokenThroughput'];
const COMMON_ROWS = [
  'Benchmark Duration',
  'Total Requests',
  'Failed Requests',
  'Success Requests',
  'Concurrency',
  'Max Concurrency',
  'Request Throughput',
  'Total Input Tokens',
  'Prefill Token Throughput',
  'Total generated tokens',
  'Input Token Throughput',
  'Output Token Throughput',
  'Total Token Throughput',
];
/** As scripts look for a line of a table with grep. */
const cell = (name: string, stage: string, value = '') =>
  new RegExp(`${name}\\s*│\\s*${stage}\\s*│\\s*${value}`);

const cases: Case[] = [
  {
    situation: 'streamed chat, with --debug and all lines of both tables',
    command: '--models chat --datasets gsm8k --mode perf --debug',
    leaves: results(CHAT, 'gsm8k'),
    leavesNot: ['logs/infer'],
    shows: [...REQUEST_ROWS, ...COMMON_ROWS, cell('Total Requests', 'total', '6 ')],
    outputTokens: numbered(6).map(() => OUT),
  },
  {
    situation: 'configs in a folder of their own',
    files: {
      'elsewhere/models/vllm_api/there.py': chat(),
      'elsewhere/datasets/gsm8k/there.py': GSM8K,
    },
    command: '--models there --datasets there --mode perf --config-dir elsewhere/',
    leaves: [...results(CHAT, 'gsm8k'), `logs/infer/${CHAT}/gsm8k.out`],
  },
  {
    situation: 'chat that does not stream',
    command: '--models plain --datasets gsm8k --mode perf',
    leaves: results('vllm-api-general-chat', 'gsm8k'),
    shows: ['E2EL', cell('Success Requests', 'total', '6')],
    showsNot: ['│ TTFT'],
  },
  {
    situation: 'streamed text with the steady stage',
    // Five requests a slot: where four of six end in one instant, no stage is left.
    files: { 'configs/datasets/gsm8k/twenty.py': GSM8K.replace('[0:6]', '[0:20]') },
    command: '--models text --datasets twenty --summarizer stable_stage --mode perf',
    leaves: results('vllm-api-general-stream', 'gsm8k'),
    shows: [
      cell('E2EL', 'stable'),
      cell('Benchmark Duration', 'stable'),
      cell('Max Concurrency', 'stable', '4'),
    ],
  },
  {
    situation: 'a stress test of merged subjects with many workers',
    files: {
      'ais_bench/datasets/ceval/formal_ceval/val/law_val.csv': 'id,question,A,B,C,D,answer\n0,q,a,b,c,d,A\n',
      'ais_bench/datasets/ceval/formal_ceval/val/logic_val.csv':
        'id,question,A,B,C,D,answer\n0,q,a,b,c,d,B\n',
      'configs/datasets/ceval/subjects.py': `from ais_bench.benchmark.datasets import CEvalDataset, CEvalEvaluator
${INFERENCE}
ceval_datasets = []
for _name in ['law', 'logic']:
    ceval_datasets.append(
        dict(
            abbr=f'ceval-{_name}',
            type=CEvalDataset,
            path='ais_bench/datasets/ceval/formal_ceval',
            name=_name,
            reader_cfg=dict(input_columns=['question', 'A', 'B', 'C', 'D'], output_column='answer', test_split='val'),
            infer_cfg=dict(
                prompt_template=dict(type=PromptTemplate, template='{question} {A} {B} {C} {D}'),
                retriever=dict(type=ZeroRetriever),
                inferencer=dict(type=GenInferencer)),
            eval_cfg=dict(evaluator=dict(type=CEvalEvaluator))))
`,
    },
    command:
      '--models chat --datasets subjects --mode perf --pressure --pressure-time 2 --max-num-workers 52',
    leaves: [...results(CHAT, 'cevaldataset'), `logs/infer/${CHAT}/cevaldataset.out`],
    leavesNot: [`performances/${CHAT}/ceval-law.csv`],
  },
  {
    situation: 'a stress test with the steady stage, clients added one by one',
    files: { 'configs/models/vllm_api/press.py': chat().replace('request_rate=0', 'request_rate=10') },
    command:
      '--models press --datasets strings --summarizer stable_stage --mode perf --pressure --pressure-time 2',
    leaves: results(CHAT, 'synthetic'),
    shows: [cell('E2EL', 'stable'), cell('Max Concurrency', 'stable', '4')],
  },
  {
    situation: 'rows of the user with a description of their output lengths',
    files: {
      'rows/mine.jsonl': lines(numbered(5).map((i) => ({ question: `row ${i}`, answer: 'x' }))),
      'rows/lengths.json': JSON.stringify({
        output_config: {
          method: 'percentage',
          params: {
            percentage_distribute: [
              [2, 0.4],
              [4, 0.4],
              [6, 0.2],
            ],
          },
        },
      }),
    },
    command:
      '--models chat --custom-dataset-path rows/mine.jsonl --custom-dataset-meta-path rows/lengths.json --mode perf',
    leaves: results(CHAT, 'mine'),
    outputTokens: [2, 2, 4, 4, 6],
  },
  {
    situation: 'a description beside the rows, and fewer requests than rows',
    files: {
      'rows/table.csv': 'question,answer\none,1\ntwo,2\nthree,3\nfour,4\n',
      'rows/table.csv.meta.json': JSON.stringify({
        output_config: { method: 'uniform', params: { min_value: 3, max_value: 3 } },
      }),
    },
    command: '--models chat --custom-dataset-path rows/table.csv --mode perf --num-prompts 3',
    leaves: results(CHAT, 'table'),
    outputTokens: [3, 3, 3],
  },
  {
    situation: 'recorded conversations, from a packaged config that is changed',
    files: {
      'ais_bench/datasets/sharegpt/few.json': JSON.stringify(
        numbered(5).map((i) => ({
          id: `c${i}`,
          conversations: ['human', 'gpt', 'human', 'gpt'].map((from) => ({ from, value: `${from} ${i}` })),
        })),
      ),
      'configs/datasets/sharegpt/talks.py': taken(
        '.sharegpt_gen',
        'sharegpt_datasets',
        "sharegpt_datasets[0]['path'] = 'ais_bench/datasets/sharegpt/few.json'\nsharegpt_datasets[0]['reader_cfg']['test_range'] = '[0:3]'",
      ),
    },
    command: '--models chat --datasets talks --mode perf --debug',
    leaves: results(CHAT, 'sharegpt'),
    outputTokens: numbered(6).map(() => OUT),
  },
  {
    situation: 'questions with a follow-up',
    files: {
      'ais_bench/datasets/mtbench/question.jsonl': lines(
        numbered(4).map((i) => ({ question_id: i, prompt: [`first ${i}`, `second ${i}`], reference: [] })),
      ),
      'configs/datasets/mtbench/pairs.py': taken(
        'ais_bench.benchmark.configs.datasets.mtbench.mtbench_gen',
        'mtbench_datasets',
        "mtbench_datasets[0]['reader_cfg']['test_range'] = '[0:2]'",
      ),
    },
    command: '--models chat --datasets pairs --mode perf',
    leaves: results(CHAT, 'mtbench'),
    outputTokens: numbered(4).map(() => OUT),
  },
  {
    situation: 'generated texts',
    command: '--models text --datasets strings --mode perf',
    leaves: results('vllm-api-general-stream', 'synthetic'),
    outputTokens: [3, 3, 3, 3, 3],
  },
  {
    situation: 'generated texts of one length in tokens',
    files: { 'configs/datasets/synthetic/tokens.py': synthetic("synthetic_config['Type'] = 'tokenid'") },
    command: '--models text --datasets tokens --mode perf',
    leaves: results('vllm-api-general-stream', 'synthetic'),
    shows: [cell('InputTokens', 'total', '12')],
  },
  {
    situation: 'data sets of one type, merged',
    files: {
      'rows/a.jsonl': lines([{ question: 'a' }, { question: 'b' }]),
      'rows/b.jsonl': lines([{ question: 'c' }]),
      'configs/datasets/custom/both.py': ['a', 'b']
        .map((name) => data(name, 'CustomDataset', { fields: `path='rows/${name}.jsonl',` }))
        .join('\n'),
    },
    command: '--models chat --datasets both --mode perf --merge-ds',
    leaves: results(CHAT, 'customdataset'),
    leavesNot: [`performances/${CHAT}/a.csv`],
    outputTokens: numbered(3).map(() => OUT),
  },
  {
    situation: 'several services with several data sets',
    command: '--models chat text --datasets gsm8k strings --mode perf --max-num-workers 2',
    leaves: [CHAT, 'vllm-api-general-stream'].flatMap((model) => [
      ...results(model, 'gsm8k'),
      ...results(model, 'synthetic'),
    ]),
    shows: [
      `Performance Results of task: ${CHAT}/gsm8k`,
      'Performance Results of task: vllm-api-general-stream/synthetic',
    ],
  },
  {
    situation: 'a request rate that ramps up',
    files: {
      'configs/models/vllm_api/ramp.py': chat(
        'traffic_cfg=dict(burstiness=0.5, ramp_up_strategy="linear", ramp_up_start_rps=10, ramp_up_end_rps=40),',
      ).replace('request_rate=0', 'request_rate=20'),
    },
    command: '--models ramp --datasets gsm8k --mode perf',
    leaves: [
      ...results(CHAT, 'gsm8k'),
      `performances/${CHAT}/gsm8k_rps_distribution_plot.html`,
      `performances/${CHAT}/gsm8k_rps_distribution_plot_with_actual_rps.html`,
    ],
  },
  {
    situation: 'a trace at its time stamps',
    files: {
      'configs/models/vllm_api/stamped.py': chat('use_timestamp=True,'),
      'rows/trace.jsonl': lines(
        numbered(4).map((i) => ({
          timestamp: i * 50,
          input_length: 20,
          output_length: i + 2,
          hash_ids: [i],
        })),
      ),
      'configs/datasets/mooncake/trace.py': data('mooncake_trace', 'MooncakeTraceDataset', {
        fields: "path='rows/trace.jsonl', random_seed=7, fixed_schedule_auto_offset=True,",
        columns: "['prompt', 'timestamp', 'max_out_len']",
        template: "'{prompt}'",
      }),
    },
    command: '--models stamped --datasets trace --mode perf',
    leaves: results(CHAT, 'mooncake_trace'),
    outputTokens: [2, 3, 4, 5],
  },
  {
    situation: 'one file that takes everything and names its output folder',
    files: {
      'everything.py': taken(
        'ais_bench.benchmark.configs.models.vllm_api.vllm_api_stream_chat',
        'models as theirs\n    from ais_bench.benchmark.configs.datasets.gsm8k.gsm8k_gen_0_shot_noncot_chat_prompt import gsm8k_datasets\n    from ais_bench.benchmark.configs.summarizers.perf.stable_stage import summarizer',
        `models = [*theirs]
datasets = [*gsm8k_datasets,]
datasets[0]['reader_cfg']['test_range'] = '[0:8]'
datasets[0]['abbr'] = 'gsm8k'
models[0]['host_ip'] = '127.0.0.1'
models[0]['host_port'] = ${PORT}
models[0]['max_out_len'] = 5
models[0]['batch_size'] = 2
models[0]['generation_kwargs']['ignore_eos'] = True
summarizer['calculator']['stats_list'] = ['Average', 'P95']
work_dir = 'outputs/default'`,
      ),
    },
    command: 'everything.py --mode perf',
    leaves: results(CHAT, 'gsm8k'),
    shows: [/│ Performance Parameters\s*│ Stage\s*│ Average\s*│ P95/, cell('Max Concurrency', 'stable', '2')],
    outputTokens: numbered(8).map(() => 5),
  },
  {
    situation: '800 requests at a time',
    files: {
      'configs/models/vllm_api/many.py': chat().replace('batch_size=4', 'batch_size=800'),
      'configs/datasets/synthetic/many.py': synthetic("synthetic_config['RequestCount'] = 1000"),
    },
    command: '--models many --datasets many --mode perf --debug --num-warmups 1',
    leaves: results(CHAT, 'synthetic'),
    shows: [
      /Max Concurrency[ \t]*│[ \t]*total[ \t]*│[ \t]*800[ \t]*│/,
      cell('Success Requests', 'total', '1000'),
    ],
  },
  {
    situation: 'a file of problems in a folder, by its name',
    files: {
      'ais_bench/datasets/math/problems.jsonl': lines(
        numbered(4).map((i) => ({ problem: `find ${i}`, solution: 'so', answer: String(i) })),
      ),
      'configs/datasets/math/problems.py': data('problems', 'CustomDataset', {
        fields: "path='ais_bench/datasets/math', file_name='problems.jsonl',",
        columns: "['problem']",
        template: "dict(round=[dict(role='HUMAN', prompt='{problem}\\nBox it: \\\\boxed{}.')])",
      }),
    },
    command: '--models chat --datasets problems --mode perf',
    leaves: results(CHAT, 'problems'),
    outputTokens: numbered(4).map(() => OUT),
  },
  ...(
    [
      ['tgi-stream', 'TGICustomAPIStream', ''],
      ['triton-stream', 'TritonCustomAPIStream', 'model_name="any",'],
      ['mindie-stream', 'MindieStreamApi', ''],
    ] as const
  ).map(
    ([abbr, type, fields]): Case => ({
      situation: `a service of another kind: ${type}`,
      files: { [`configs/models/other/${abbr}.py`]: service(abbr, type, fields) },
      command: `--models ${abbr} --datasets gsm8k --mode perf`,
      leaves: results(abbr, 'gsm8k'),
      shows: ['TTFT', cell('Success Requests', 'total', '6')],
    }),
  ),
];

describe("commands of AISBench's users", () => {
  let sim: SimProcess;
  let ws: Workspace;
  const put = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(ws.dir, name)), { recursive: true });
      writeFileSync(join(ws.dir, name), text.replaceAll(PORT, String(sim.port)));
    }
  };
  /** As their scripts find the run folder. */
  const folderIn = (output: string) => /Current exp folder: (\S+)/.exec(output)?.[1] ?? '(none)';

  beforeAll(async () => {
    sim = await startSim({ speed: 20, wordTokens: true });
    ws = workspace();
    put(shared);
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it.each(cases)('$situation', async (c) => {
    put(c.files ?? {});
    const ended = await run(c.command, ws.dir);
    const screen = ended.stdout + ended.stderr;
    expect(ended.code, screen).toBe(0);
    const folder = folderIn(screen);
    for (const file of c.leaves) expect(existsSync(join(folder, file)), `${file}\n${screen}`).toBe(true);
    for (const file of c.leavesNot ?? []) expect(existsSync(join(folder, file)), file).toBe(false);
    for (const text of c.shows ?? []) expect(screen).toMatch(text);
    for (const text of c.showsNot ?? []) expect(screen).not.toContain(text);
    if (c.outputTokens) {
      const rows = readFileSync(join(folder, c.leaves[0]), 'utf8').trim().split('\n');
      const tokens = rows.map((row) => (JSON.parse(row) as { output_tokens: number }).output_tokens);
      expect(tokens.sort((a, b) => a - b)).toEqual(c.outputTokens);
    }
  });

  it('a recorded run is shown again by its stamp, with other statistics, also when it merged otherwise', async () => {
    put({
      'rows/a.jsonl': lines([{ question: 'a' }, { question: 'b' }]),
      'rows/b.jsonl': lines([{ question: 'c' }]),
      'configs/datasets/custom/two.py': ['a', 'b']
        .map((name) => data(name, 'CustomDataset', { fields: `path='rows/${name}.jsonl',` }))
        .join('\n'),
      'configs/summarizers/perf/p95.py': `from ais_bench.benchmark.summarizers import DefaultPerfSummarizer
from ais_bench.benchmark.calculators import DefaultPerfMetricCalculator
summarizer = dict(
    attr="performance",
    type=DefaultPerfSummarizer,
    calculator=dict(type=DefaultPerfMetricCalculator, stats_list=["Average", "Median", "P95"]))
`,
    });
    const named = '--models chat --datasets two';
    const shown = async (stamp: string, flags: string) =>
      run(`${named} --summarizer p95 --mode perf_viz --pressure --debug --reuse ${stamp} ${flags}`, ws.dir);
    const stampOf = (output: string) => folderIn(output).split('/').at(-1)!;

    const apart = await run(`${named} --mode perf --no-merge-ds --num-warmups 0`, ws.dir);
    const merged = await run(`${named} --mode perf --num-warmups 0`, ws.dir);
    const titles = (output: string) =>
      [...output.matchAll(/Performance Results of task: (\S+):/g)].map(([, title]) => title);
    const first = await shown(stampOf(apart.stdout), '');
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(titles(first.stdout)).toEqual([`${CHAT}/a`, `${CHAT}/b`]);
    expect(first.stdout).toMatch(/│ Stage\s*│ Average\s*│ Median\s*│ P95/);
    const second = await shown(stampOf(merged.stdout), '--no-merge-ds');
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(titles(second.stdout)).toEqual([`${CHAT}/customdataset`]);
  });

  it('a run that is stopped ends well and shows what it has', async () => {
    const slow = chat('traffic_cfg=dict(burstiness=0),').replace('request_rate=0', 'request_rate=5');
    put({
      'configs/models/vllm_api/slow.py': slow,
      'configs/datasets/synthetic/long.py': synthetic("synthetic_config['RequestCount'] = 5000"),
    });
    const running = start('--models slow --datasets long --mode perf --debug', ws.dir);
    await until('a request has ended', () => /Received [1-9]/.test(running.screen()));
    running.process.kill('SIGINT');
    const ended = await running.done;
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(cell('Total Requests', 'total'));
    for (const file of results(CHAT, 'synthetic')) {
      expect(existsSync(join(folderIn(ended.stdout), file)), file).toBe(true);
    }
  });

  it('a wrong port is told before anything is written', async () => {
    put({ 'configs/models/vllm_api/nowhere.py': chat().replace(PORT, '9') });
    const before = ws.runs().length;
    const ended = await run('--models nowhere --datasets gsm8k --mode perf', ws.dir);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('No service answers at http://127.0.0.1:9');
    expect(ws.runs().length).toBe(before);
  });
});
