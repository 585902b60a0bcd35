// evalscope perf: how it is told the workload, and read.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFile, OFFLINE, readJson, script, timesInSqlite } from './tool-files.mjs';

export const evalscope = {
  key: 'evalscope',
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
    const summary = readJson(findFile(join(dir, 'out'), (n) => n === 'benchmark_summary.json'));
    const rows = readJson(findFile(join(dir, 'out'), (n) => n === 'benchmark_percentile.json'));
    return {
      ttftMeanMs: summary['Avg TTFT (ms)'],
      ttftP99Ms: rows.find((row) => row.Percentiles === '99%')?.['TTFT (ms)'],
      itlMeanMs: summary['Avg ITL (ms)'],
      tokensPerS: summary['Output Throughput (tok/s)'],
    };
  },
  requestTimes(dir, python) {
    return timesInSqlite(
      python,
      'evalscope',
      findFile(join(dir, 'out'), (n) => n === 'benchmark_data.db'),
    );
  },
};
