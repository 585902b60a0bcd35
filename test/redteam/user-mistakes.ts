/** Mistakes that people make in configs, flags and data: told before anything is sent, with place, value, and what to do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../e2e/harness.ts';
import { type Area, makeTries, partOf } from './area.ts';
import { smallConfig } from './small-run.ts';

const AT_A_TIME = 3;

interface Mistake {
  name: string;
  flags?: string[];
  /** Over the keys of a config that is right. */
  model?: Record<string, unknown>;
  dataset?: Record<string, unknown>;
  /** In place of the config. */
  config?: string;
  /** In place of the data. */
  data?: string | Buffer;
  /** What the message must say: the place and the value. */
  says: (string | RegExp)[];
}

/** One of them in every message: what would have been right, or what to do. */
const ADVICE =
  /expected|must|save|explains|only|known|give|did you mean|set |use |write|missing|check|allowed|add |needs|need /i;

const flag = (name: string, value: string, ...says: (string | RegExp)[]): Mistake => ({
  name: `${name} ${value}`,
  flags: [name, ...(value === '' ? [] : [value])],
  says: [name, ...says],
});
const model = (key: string, value: unknown, ...says: (string | RegExp)[]): Mistake => ({
  name: `model ${key}: ${JSON.stringify(value)}`,
  model: { [key]: value },
  says: [key, ...says],
});
const dataset = (key: string, value: unknown, ...says: (string | RegExp)[]): Mistake => ({
  name: `data set ${key}: ${JSON.stringify(value)}`,
  dataset: { [key]: value },
  says: [key, ...says],
});
const data = (name: string, text: string | Buffer, ...says: (string | RegExp)[]): Mistake => ({
  name: `data with ${name}`,
  data: text,
  says: ['rows.jsonl', ...says],
});
const config = (name: string, text: string, ...says: (string | RegExp)[]): Mistake => ({
  name: `a config with ${name}`,
  config: text,
  says,
});

const mistakes: readonly Mistake[] = [
  flag('--pressure-time', '0', '0'),
  flag('--pressure-time', 'long', 'long'),
  flag('--num-prompts', '-1', '-1'),
  flag('--num-prompts', '1.5', '1.5'),
  flag('--num-warmups', 'x', 'x'),
  flag('--workers', '-2', '-2'),
  flag('--seed', 'abc', 'abc'),
  flag('--mode', 'perv', 'perv'),
  flag('--mode', 'eval', 'eval'),
  flag('--cache', 'frech', 'frech'),
  flag('--hold', '-1', '-1'),
  flag('--grace', 'never', 'never'),
  flag('--max-error-rate', '101', '101'),
  flag('--stall-timeout', '-3', '-3'),
  flag('--ramp', 'steep', 'steep'),
  flag('--until-precise', 'speed:1', 'speed'),
  flag('--until-precise', 'throughput:0', '0'),
  flag('--max-num-workers', '0', '0'),
  flag('--require', 'stead', 'stead'),
  flag('--summarizer', 'stable_stag', 'stable_stag'),
  flag('--num-prompt', '3', '--num-prompts'),
  flag('--nonsense', '', '--nonsense'),
  model('type', 'VLLMCustomAPIChta', 'VLLMCustomAPIChta'),
  model('batch_size', 0, '0'),
  model('batch_size', 'many', 'many'),
  model('batch_siz', 5, 'batch_size'),
  model('retry', -1, '-1'),
  model('max_out_len', 0, '0'),
  model('host_port', 70_000, '70000'),
  model('request_rate', -2, '-2'),
  model('stream', 'yes', 'yes'),
  model('url', 'ftp://x', 'ftp://x'),
  model('traffic_cfg', { burstiness: -1 }, 'burstiness'),
  model('traffic_cfg', { ramp_up_strategy: 'linaer', ramp_up_start_rps: 1, ramp_up_end_rps: 2 }, 'linaer'),
  model('traffic_cfg', { ramp_up_strategy: 'linear', ramp_up_start_rps: 5, ramp_up_end_rps: 2 }, 'ramp_up'),
  model('ca_file', '/nowhere.pem', '/nowhere.pem'),
  model('path', '/nowhere', '/nowhere'),
  model('abbr', '', 'abbr'),
  dataset('type', 'costum', 'costum'),
  dataset('path', 'nowhere.jsonl', 'nowhere.jsonl'),
  dataset('promt', 'qa', 'promt'),
  dataset('prompt', 'quiz', 'quiz'),
  data('no rows', '', /no row|empty/),
  data('a line that is no JSON', '{"question":"a"}\n{"question":\n', /line 2|:2|row 2/),
  data('a row that is a list', '[1]\n', /line 1|:1|row 1/),
  data('a row without a question', '{"answer":"a"}\n', 'question'),
  data('a question that is a number', '{"question":5}\n', 'question'),
  data('a limit that is none', '{"question":"a","max_tokens":"x"}\n', 'max_tokens'),
  data('a limit below 1', '{"question":"a","max_tokens":-4}\n', '-4'),
  data('bytes that are no text', Buffer.from([0xff, 0xfe, 0xff, 0x00, 0x0a]), /UTF-8|JSON|text/),
  config('a mistake of syntax', 'export const models = [{', 'config.ts'),
  config('nothing in it', '', 'config.ts'),
  config('no data', 'export const models = [];\nexport const datasets = [];', /models|datasets/),
  config('an error of its own', 'throw new Error("my own fault");', 'my own fault'),
  config('a model that is a text', 'export const models = ["m"];\nexport const datasets = ["d"];', 'models'),
];

export const userMistakes: Area = {
  name: 'user mistakes',
  about:
    'wrong flags, configs and data files: exit code 2 before the first request, and a message that names place and value and says what to do',
  async run({ share }) {
    const chosen = partOf(mistakes, share);
    let connections = 0;
    const service = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((listening) => service.listen(0, '127.0.0.1', listening));
    const { port } = service.address() as AddressInfo;
    const findings = await makeTries(
      chosen.map((mistake) => ({ name: mistake.name, attempt: () => make(mistake, port) })),
      AT_A_TIME,
    );
    await new Promise((closed) => service.close(closed));
    if (connections === 0) return findings;
    return {
      ...findings,
      survived: 0,
      failures: [...findings.failures, `${connections} connections to the service`],
    };
  },
};

async function make(mistake: Mistake, port: number): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'redteam-'));
  try {
    writeFileSync(join(dir, 'rows.jsonl'), mistake.data ?? '{"question":"a"}\n');
    writeFileSync(
      join(dir, 'config.ts'),
      mistake.config ?? smallConfig(port, mistake.model ?? {}, [mistake.dataset ?? {}]),
    );
    const { code, stderr } = await run(['config.ts', '--mode', 'perf', ...(mistake.flags ?? [])], dir);
    if (code !== 2) return `exit code ${code}: ${stderr.slice(0, 300)}`;
    if (/^ +at /m.test(stderr)) return `a stack trace: ${stderr.slice(0, 300)}`;
    const unsaid = mistake.says.filter((text) =>
      typeof text === 'string' ? !stderr.includes(text) : !text.test(stderr),
    );
    if (unsaid.length > 0) return `does not say ${unsaid.join(' nor ')}: ${stderr.slice(0, 300)}`;
    return ADVICE.test(stderr) ? '' : `does not say what to do: ${stderr.slice(0, 300)}`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
