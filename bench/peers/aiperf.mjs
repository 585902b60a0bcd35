// aiperf: how it is told the workload, and read.
import { join } from 'node:path';
import { findFile, PROMPT_TOKENS, readJson, readJsonLines, script, TOKENIZER } from './tool-files.mjs';

export const aiperf = {
  key: 'aiperf',
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
    const r = readJson(findFile(join(dir, 'out'), (n) => n === 'profile_export_aiperf.json'));
    return {
      ttftMeanMs: r.time_to_first_token?.avg,
      ttftP99Ms: r.time_to_first_token?.p99,
      itlMeanMs: r.inter_token_latency?.avg,
      tokensPerS: r.output_token_throughput?.avg,
    };
  },
  requestTimes(dir) {
    return readJsonLines(findFile(join(dir, 'out'), (n) => n === 'profile_export.jsonl')).map(
      ({ metadata, metrics }) => [metadata.request_start_ns / 1e9, metrics.time_to_first_token.value],
    );
  },
};
