/** Faults that people reported of tools like this one, each with its siblings. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, type SimProcess, startSim, type Workspace, workspace } from './harness.ts';

let sim: SimProcess;
let ws: Workspace;

const put = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(ws.dir, name)), { recursive: true });
    writeFileSync(join(ws.dir, name), text);
  }
};

const python = (abbr: string, fields: string) => `from ais_bench.benchmark.models import VLLMCustomAPIChat
models = [dict(attr="service", type=VLLMCustomAPIChat, abbr='${abbr}', path="", model="m", stream=True, retry=0,
    host_ip="127.0.0.1", host_port=${sim.port}, batch_size=8, max_out_len=3, ${fields})]
`;

interface Line {
  due_ms: number;
  success: boolean;
}
const linesOf = (folder: string, task: string): Line[] =>
  readFileSync(join(folder, `performances/${task}_details.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const folderIn = (output: string) => /Current exp folder: (\S+)/.exec(output)?.[1] ?? '(none)';

beforeAll(async () => {
  sim = await startSim({ speed: 20 });
  ws = workspace();
  put({ 'six.jsonl': '{"question":"x"}\n'.repeat(6) });
});
afterAll(async () => {
  await sim.stop();
  ws.remove();
});

it('a rate is what the Python expression comes to', async () => {
  const rates = { fraction: ['50/4', 12.5], power: ['2.0 ** 4', 16] } as const;
  const names = Object.keys(rates);
  for (const [name, [text]] of Object.entries(rates)) {
    put({
      [`configs/models/${name}.py`]: python(name, `request_rate=${text}, traffic_cfg=dict(burstiness=0,)`),
    });
  }
  const ended = await run(
    `--models ${names.join(' ')} --custom-dataset-path six.jsonl --num-warmups 0 --mode perf`,
    ws.dir,
  );
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  for (const [name, [, perS]] of Object.entries(rates)) {
    const due = linesOf(folderIn(ended.stdout), `${name}/six`).map((line) => line.due_ms);
    expect(due.length).toBe(6);
    due.forEach((ms, i) => void expect(ms).toBeCloseTo(((i + 1) * 1000) / perS, 2));
  }
});

it('a host that is no host is refused with its place, before anything is sent or written', async () => {
  const hosts = ['127.0.0.1; touch x', '$(touch x)', 'a b', '`id`', '127.0.0.1 | cat'];
  const models = hosts.map((host, i) =>
    python(`h${i}`, '').replace('host_ip="127.0.0.1"', `host_ip=${JSON.stringify(host)}`),
  );
  models.forEach((text, i) => void put({ [`configs/models/h${i}.py`]: text }));
  const before = [ws.runs().length, (await sim.truth()).requests.length];
  const names = hosts.map((_, i) => `h${i}`).join(' ');
  const ended = await run(`--models ${names} --custom-dataset-path six.jsonl --mode perf`, ws.dir);
  expect(ended.code).toBe(2);
  hosts.forEach((_, i) => {
    expect(ended.stderr).toContain(`h${i}.py: models[0].host_ip: expected a host name or an IP address`);
  });
  expect([ws.runs().length, (await sim.truth()).requests.length]).toEqual(before);
  expect(existsSync(join(ws.dir, 'x'))).toBe(false);
});

it('equal names are refused before sending, within one file and across files, of models and of data sets', async () => {
  const rows = (abbr: string) =>
    `from ais_bench.benchmark.datasets import CustomDataset\ndatasets = [dict(abbr='${abbr}', type=CustomDataset, path='six.jsonl')]\n`;
  const twice = python('same', '').replace('models = [', 'models = 2 * [');
  put({
    'configs/models/twice.py': twice,
    'configs/models/same.py': python('same', ''),
    'configs/models/other.py': python('same', ''),
    'configs/datasets/one.py': rows('d'),
    'configs/datasets/two.py': rows('d'),
  });
  for (const command of [
    '--models twice --datasets one',
    '--models same other --datasets one',
    '--models same --datasets one two',
    '--models same --datasets one two --no-merge-ds',
  ]) {
    const ended = await run(`${command} --mode perf`, ws.dir);
    expect([ended.code, command], ended.stderr).toEqual([2, command]);
    expect(ended.stderr).toContain('.abbr: expected a unique name');
  }
});

it('runs that start at once have a folder each; a name with a slash stays in it', async () => {
  put({
    'configs/models/hub.py': python('org/model', ''),
    'configs/datasets/hub.py':
      "from ais_bench.benchmark.datasets import CustomDataset\ndatasets = [dict(abbr='org/set', type=CustomDataset, path='six.jsonl')]\n",
  });
  const command = '--models hub --datasets hub --num-warmups 0 --mode perf';
  const ended = await Promise.all([1, 2, 3].map(() => run(command, ws.dir)));
  for (const r of ended) expect(r.code, r.stdout + r.stderr).toBe(0);
  const folders = ended.map((r) => folderIn(r.stdout));
  expect(new Set(folders).size).toBe(3);
  for (const folder of folders) expect(linesOf(folder, 'org%2Fmodel/org%2Fset').length).toBe(6);
});

it('prompts of one token are one token', async () => {
  const set = (abbr: string, fields: object) => ({ abbr, type: 'synthetic', RequestCount: 40, ...fields });
  const uniform = (tokens: number) => ({ Method: 'uniform', Params: { MinValue: tokens, MaxValue: tokens } });
  const sets = [
    set('string', { Type: 'string', StringConfig: { Input: uniform(1), Output: uniform(1) } }),
    set('tokenid', { Type: 'tokenid', TokenIdConfig: { RequestSize: 1 } }),
  ];
  put({
    'configs/datasets/one_token.json': JSON.stringify({ datasets: sets }),
    'configs/models/text.py': python('text', '').replaceAll('VLLMCustomAPIChat', 'VLLMCustomAPI'),
  });
  const ended = await run(
    '--models text --datasets one_token --no-merge-ds --cache as-is --dry-run --mode perf',
    ws.dir,
  );
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout.match(/Input tokens\s*│ 1 to 1, 1\.0 on average/g)).toHaveLength(2);
});

it('proxies of the environment are not used', async () => {
  put({ 'configs/models/direct.py': python('direct', '') });
  const nobody = 'http://127.0.0.1:9';
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
  const env = { ...Object.fromEntries(names.map((name) => [name, nobody])), NODE_USE_ENV_PROXY: '1' };
  const ended = await run('--models direct --custom-dataset-path six.jsonl --mode perf', ws.dir, env);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  expect(linesOf(folderIn(ended.stdout), 'direct/six').every((line) => line.success)).toBe(true);
});

/**
 * Answers quickly, but the first two requests for ever: one with tokens, one with comments. It never closes a connection,
 * whatever the client does.
 */
async function hangingService(): Promise<Server & { port: number }> {
  const event = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  let asked = 0;
  const answer = (socket: Socket) => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
    socket.write(head + chunk(event({ role: 'assistant', content: '' })));
    const n = asked++;
    if (n < 2) {
      const more = n === 0 ? event({ content: 'a' }) : ': still here\n\n';
      setInterval(() => socket.write(chunk(more)), 100).unref();
      return;
    }
    const rest = [event({ content: 'a' }), event({}, 'stop'), 'data: [DONE]\n\n'].map(chunk);
    socket.write([...rest, '0\r\n\r\n'].join(''));
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let held = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (text: string) => {
      held += text;
      const end = held.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(held)?.[1] ?? 0);
      if (end < 0 || held.length < end + 4 + length) return;
      const isModels = held.startsWith('GET');
      held = '';
      if (!isModels) answer(socket);
      else socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return Object.assign(server, { port: typeof address === 'object' && address ? address.port : 0 });
}

it.each<{ how: string; flags: string; outcome: string; env: Record<string, string> }>([
  { how: 'a stress test', flags: '--pressure --pressure-time 1 --grace 1', outcome: 'cancelled', env: {} },
  { how: 'a time limit', flags: '', outcome: 'timeout', env: { REQUEST_TIME_OUT: '1' } },
])('requests that a service never ends do not stall $how', async ({ flags, outcome, env }) => {
  const server = await hangingService();
  put({ 'configs/models/hang.py': python('hang', '').replace(String(sim.port), String(server.port)) });
  const ended = await run(
    `--models hang --custom-dataset-path six.jsonl --num-warmups 0 --mode perf ${flags}`,
    ws.dir,
    env,
  );
  server.close();
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const lines = readFileSync(join(folderIn(ended.stdout), 'performances/hang/six_details.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line & { outcome: string });
  expect(lines.filter((line) => !line.success).map((line) => line.outcome)).toEqual([outcome, outcome]);
  expect(lines.length).toBeGreaterThanOrEqual(6);
});
