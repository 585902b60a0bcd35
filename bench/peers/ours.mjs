// The tool of this repository, as a user runs it: its command line, its own report.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin } from '../build.mjs';
import { findFile, readJson, readJsonLines } from './tool-files.mjs';

const variant = (key, name, flags) => ({
  key,
  name,
  packages: null,
  /** How many times the requests of a saturation run it gets, so that all run for a similar time. */
  speed: 10,
  command({ port, dir, load }) {
    const rows = Array.from({ length: load.requests }, (_, i) =>
      JSON.stringify({ question: `#R${String(i).padStart(8, '0')} ${load.prompt}` }),
    );
    const data = join(dir, 'rows.jsonl');
    writeFileSync(data, `${rows.join('\n')}\n`);
    const model = {
      attr: 'service',
      type: 'VLLMCustomAPIChat',
      abbr: 'bench',
      path: '',
      model: 'bench',
      stream: true,
      request_rate: 0,
      retry: 0,
      api_key: '',
      host_ip: '127.0.0.1',
      host_port: port,
      max_out_len: load.maxTokens,
      batch_size: load.connections,
      generation_kwargs: { ignore_eos: true },
    };
    const dataset = { abbr: 'bench', type: 'custom', path: data, prompt: 'bare' };
    const config = join(dir, 'task.ts');
    writeFileSync(
      config,
      `export const models = [${JSON.stringify(model)}];\nexport const datasets = [${JSON.stringify(dataset)}];\n`,
    );
    const words = ['--mode', 'perf', '--work-dir', join(dir, 'out'), '--num-warmups', '0', '--workers', '1'];
    return { command: [process.execPath, bin, config, ...words, ...flags] };
  },
  report(dir) {
    const { per_request, common } = readJson(findFile(join(dir, 'out'), (n) => n === 'bench_summary.json'));
    return {
      ttftMeanMs: per_request.TTFT.Average * 1000,
      ttftP99Ms: per_request.TTFT.P99 * 1000,
      itlMeanMs: per_request.ITL?.Average * 1000,
      tokensPerS: figureOf(common['Output Token Throughput']),
    };
  },
  /** The reference service writes the first token together with the head, so that its first byte is that token's. */
  requestTimes(dir) {
    return readJsonLines(findFile(join(dir, 'out'), (n) => n === 'bench_details.jsonl')).map((r) => [
      r.sent_ms / 1000,
      r.first_byte_ms - r.sent_ms,
    ]);
  },
});

const figureOf = (metric) => metric?.value ?? Object.values(metric ?? {}).find(Number.isFinite);

export const ours = variant('this', 'ais_bench (this)', []);
export const oursWithoutText = variant('this-no-text', 'ais_bench (this), --no-keep-text', [
  '--no-keep-text',
]);
