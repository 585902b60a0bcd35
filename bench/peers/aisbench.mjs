// ais-bench-benchmark, the Python original: how it is told the workload, and read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFile, OFFLINE, readJson, script, TOKENIZER, timesInSqlite } from './tool-files.mjs';

/** `retry` is how often it tries at all: with 0 it sends nothing. */
const CONFIG = (port, load, rows) => `
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
  key: 'aisbench',
  name: 'AISBench (original)',
  // It asks for NumPy 1, which newer ones no longer load with.
  packages: ['ais-bench-benchmark', 'pyarrow<21'],
  speed: 1,
  command({ python, port, dir, load }) {
    const rows = join(dir, 'rows.jsonl');
    const row = JSON.stringify({ question: load.prompt, answer: '' });
    writeFileSync(rows, `${Array(load.requests).fill(row).join('\n')}\n`);
    const config = join(dir, 'task.py');
    writeFileSync(config, CONFIG(port, load, rows));
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
    const common = readJson(findFile(join(dir, 'out'), (n) => n === 'bench.json'));
    const names = csv[0].split(',');
    const cell = (metric, stat) =>
      Number.parseFloat(csv.find((line) => line.startsWith(metric))?.split(',')[names.indexOf(stat)] ?? '');
    return {
      ttftMeanMs: cell('TTFT', 'Average'),
      ttftP99Ms: cell('TTFT', 'P99'),
      itlMeanMs: cell('ITL', 'Average'),
      tokensPerS: Number.parseFloat(Object.values(common['Output Token Throughput'] ?? {})[0]),
    };
  },
  requestTimes(dir, python) {
    return timesInSqlite(
      python,
      'aisbench',
      findFile(join(dir, 'out'), (n) => n.endsWith('.db')),
    );
  },
};
