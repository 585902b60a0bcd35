import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addConfig,
  type Finished,
  run,
  type SimProcess,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';

// Names from configs and from run folders of others: whatever they are, files stay in the run folder.

let sim: SimProcess;
let ws: Workspace;
beforeAll(async () => {
  sim = await startSim({ speed: 50 });
  ws = workspace();
});
afterAll(async () => {
  ws.remove();
  await sim.stop();
});

/** Nine tasks in one command, on a machine that may have much else to do. */
const HOOK_MS = 170_000;

const names = [
  'org/set',
  '../x',
  'x.',
  'a\0b',
  'con',
  '../../x~0123abcd',
  'x/../../y~0123abcd',
  'l'.repeat(300),
  '长'.repeat(300),
];

function configs(model: string, datasets: readonly string[]): void {
  const task = {
    type: 'VLLMCustomAPIChat',
    abbr: model,
    stream: true,
    host_ip: '127.0.0.1',
    host_port: sim.port,
    model: 'sim-model',
    batch_size: 1,
    max_out_len: 2,
  };
  addConfig(ws, 'models/m.ts', `export const models = [${JSON.stringify(task)}];`);
  writeFileSync(join(ws.dir, 'data.jsonl'), '{"question":"x"}\n');
  const sets = datasets.map((abbr) => ({ type: 'custom', abbr, path: join(ws.dir, 'data.jsonl') }));
  addConfig(ws, 'datasets/d.ts', `export const d_datasets = ${JSON.stringify(sets)};`);
}

const perf = (...more: string[]) =>
  run(
    ['--mode', 'perf', '--models', 'm', '--datasets', 'd', '--no-merge-ds', '--num-warmups', '0', ...more],
    ws.dir,
  );

/** Every path below the workspace, without what is in run folders. */
const outside = () =>
  readdirSync(ws.dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^outputs\/default\/\d{8}_\d{6}\//.test(path))
    .filter((path) => !/^outputs\/default\/\d{8}_\d{6}$/.test(path))
    .sort();

describe('names of models and data sets', () => {
  let before: string[];
  let done: Finished;
  beforeAll(async () => {
    configs('../org/model', names);
    mkdirSync(join(ws.dir, 'outputs/default'), { recursive: true });
    before = outside();
    done = await perf('--max-num-workers', '3');
  }, HOOK_MS);

  it('become files in the folder of their model, and nowhere else', () => {
    expect(done.stderr).not.toMatch(/cannot be summarized|failed|cannot be kept/);
    expect(outside()).toEqual(before);
    expect(readdirSync(join(ws.lastRun(), 'performances'))).toEqual(['%2E.%2Forg%2Fmodel']);
    const files = readdirSync(join(ws.lastRun(), 'performances/%2E.%2Forg%2Fmodel'));
    for (const ending of ['_details.h5', '_details.jsonl', '.csv', '.json', '_summary.json', '_plot.html']) {
      expect(files.filter((name) => name.endsWith(ending)).length, ending).toBeGreaterThanOrEqual(
        names.length,
      );
    }
    expect(files).toContain('org%2Fset.csv');
    expect(readdirSync(join(ws.lastRun(), 'logs/infer/%2E.%2Forg%2Fmodel'))).toHaveLength(names.length);
  });

  it('are found again by recalculation, explain and compare', async () => {
    const all = await run('--mode perf_viz', ws.dir);
    expect(all.stderr).toBe('');
    expect(all.stdout.match(/Performance Results of task/g)).toHaveLength(names.length);
    expect((await run('--mode perf_viz --models m --datasets d --no-merge-ds', ws.dir)).stderr).toBe('');
    const explained = await run('explain --json', ws.dir);
    expect(JSON.parse(explained.stdout).tasks).toHaveLength(names.length);
    expect(outside()).toEqual(before);
  });

  it('of version 0.1.0 are found again, too', async () => {
    const results = join(ws.lastRun(), 'performances/%2E.%2Forg%2Fmodel');
    for (const name of readdirSync(results)) {
      if (name.startsWith('con') || name.startsWith('%63on')) {
        renameSync(join(results, name), join(results, name.replace('%63on', 'con')));
      }
    }
    const found = await run('--mode perf_viz --models m --datasets d --no-merge-ds', ws.dir);
    expect(found.stderr).toBe('');
    expect(readdirSync(results).filter((name) => name.startsWith('%63on'))).toEqual([]);
  });
});

describe('two tasks of one name', () => {
  it.each([
    ['set', 'set ', 'both write'],
    ['set', 'set_summary', 'both write performances/m/set_summary.json'],
  ])('are refused before anything is sent: %j and %j', async (a, b, why) => {
    configs('m', [a, b]);
    const sent = (await sim.truth()).requests.length;
    const runs = ws.runs().length;
    const { code, stderr } = await perf();
    expect(stderr).toMatch(new RegExp(`${why}|expected a unique name`));
    expect(code).toBe(2);
    expect(ws.runs()).toHaveLength(runs);
    expect((await sim.truth()).requests.length).toBe(sent);
  });

  it('are told when only some disks take them for one', async () => {
    configs('m', ['Set', 'set']);
    const { code, stderr } = await perf();
    expect(stderr).toContain('m/Set and m/set have names that differ only in upper and lower case');
    expect(code).toBe(0);
  });
});

describe('the run folder of somebody else', () => {
  it.each([
    ['the folder of the model', 'performances/m', /is a link out of/],
    ['the folder of all results', 'performances', /is a link out of/],
  ])('gets nothing written where %s is a link', async (_, link, message) => {
    configs('m', ['set']);
    await perf();
    const away = join(ws.dir, 'away');
    renameSync(join(ws.lastRun(), link), away);
    symlinkSync(away, join(ws.lastRun(), link));
    const there = readdirSync(away, { recursive: true }).length;
    for (const name of readdirSync(away, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.csv')) writeFileSync(join(away, name), 'kept');
    }
    const { code, stderr } = await run('--mode perf_viz --models m --datasets d --no-merge-ds', ws.dir);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(readdirSync(away, { recursive: true })).toHaveLength(there);
    renameSync(away, join(ws.dir, `${link.replace('/', '-')}.old`));
  });

  it('has reports that are links replaced, not followed', async () => {
    configs('m', ['set']);
    await perf();
    const results = join(ws.lastRun(), 'performances/m');
    const precious = join(ws.dir, 'precious');
    writeFileSync(precious, 'precious');
    for (const name of ['set.csv.part', 'set.json.part', 'set_plot.html.part'])
      symlinkSync(precious, join(results, name));
    renameSync(join(results, 'set.csv'), join(results, 'set.old'));
    symlinkSync(precious, join(results, 'set.csv'));
    const { code } = await run('--mode perf_viz', ws.dir);
    expect(code).toBe(0);
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect(readFileSync(join(results, 'set.csv'), 'utf8')).toBe(
      readFileSync(join(results, 'set.old'), 'utf8'),
    );
  });
});
