// guidellm: how it is told the workload, and read.
import { join } from 'node:path';
import { OFFLINE, PROMPT_TOKENS, readJson, script, TOKENIZER } from './tool-files.mjs';

export const guidellm = {
  key: 'guidellm',
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
    const [benchmark] = readJson(join(dir, 'benchmarks.json')).benchmarks;
    const of = (name) => benchmark.metrics[name].successful;
    return {
      ttftMeanMs: of('time_to_first_token_ms').mean,
      ttftP99Ms: of('time_to_first_token_ms').percentiles.p99,
      itlMeanMs: of('inter_token_latency_ms').mean,
      tokensPerS: of('output_tokens_per_second').mean,
    };
  },
  requestTimes(dir) {
    const [benchmark] = readJson(join(dir, 'benchmarks.json')).benchmarks;
    return benchmark.requests.successful.map((r) => [r.request_start_time, r.time_to_first_token_ms]);
  },
};
