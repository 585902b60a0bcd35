/** A run whose disk, folder, open files or threads give out: its records survive, and one line says what to do. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  command,
  editModel,
  type Finished,
  type Running,
  run,
  type SimProcess,
  start,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';
import { shell } from './shell.ts';

const DATA = '--datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer default_perf';
const MODEL = `--models vllm_api_stream_chat ${DATA}`;
const SHORT = `${MODEL} --num-prompts 4`;
const LONG = `${MODEL} --pressure --pressure-time 40 --grace 5`;
const RESULTS = 'performances/vllm-api-stream-chat';

let ws: Workspace;
let sim: SimProcess;
beforeAll(async () => {
  ws = workspace();
  sim = await startSim({ speed: 20 });
  editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 8, max_out_len: 32 });
});
afterAll(async () => {
  await sim.stop();
  ws.remove();
});

const said = ({ code, stdout, stderr }: Finished) => `exit code ${code}\n${stdout}\n${stderr}`;
const latestIn = (dir: string) => join(dir, readdirSync(dir).sort().at(-1)!);
const filesIn = (dir: string) => readdirSync(dir, { recursive: true }).map(String);

async function received(running: Running): Promise<void> {
  while (!/Received [1-9]/.test(running.stdout()) && running.process.exitCode === null) await sleep(20);
}

describe('a full disk', () => {
  let disk: string;
  let isMounted: boolean;
  beforeAll(() => {
    disk = join(ws.dir, 'disk');
    mkdirSync(disk);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { encoding: 'utf8' });
    isMounted = mount.status === 0;
    if (!isMounted)
      process.stderr.write(`no disk can be mounted here, a file size limit stands for it: ${mount.stderr}`);
  });
  afterAll(() => {
    if (isMounted) spawnSync('umount', [disk]);
  });

  /** Leaves `kib` free; the script's start where that takes a limit instead. */
  function leave(kib: number): string {
    rmSync(join(disk, 'filler'), { force: true });
    if (!isMounted) return `ulimit -f ${Math.min(kib, 60)};`;
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - kib * 1024)));
    return '';
  }

  it.each([
    ['while the load runs', 120, LONG, /demo_gsm8k\.journal: .*(ENOSPC|EFBIG)/],
    ['while the details are written', 60, SHORT, /_details\.(h5|jsonl)\.part: .*(ENOSPC|EFBIG)/],
    ['while the reports are written', 180, SHORT, /demo_gsm8k.*: .*(ENOSPC|EFBIG)/],
  ])('%s: keeps the records, prints the tables, names the file', async (_, kib, args, refused) => {
    const work = join(disk, `work-${kib}`);
    const limit = leave(kib);
    const words = command(`${args} --work-dir ${work}`);
    const full = await shell(`${limit} "$@"; echo $? > code`, words, ws.dir);
    expect(full.exitCode, said(full)).toBe(1);
    expect(full.stdout).toContain('│ Common Metric');
    expect(full.stderr).toMatch(refused);
    expect(full.stderr).toContain('--mode perf_viz --reuse');
    expect(full.stderr).not.toMatch(/^ +at /m);
    expect(filesIn(work).filter((name) => name.endsWith('.part'))).toEqual([]);
    leave(3000);
    const again = await run(`${MODEL} --mode perf_viz --reuse --work-dir ${work}`, ws.dir);
    expect(again.code, said(again)).toBe(0);
    expect(again.stdout).toContain('│ Common Metric');
    rmSync(work, { recursive: true });
  });

  it('before the start: nothing is sent, and no folder is left', async () => {
    const work = join(disk, 'work-0');
    const full = await shell(
      `${leave(0)} "$@"; echo $? > code`,
      command(`${SHORT} --work-dir ${work}`),
      ws.dir,
    );
    expect(full.exitCode, said(full)).not.toBe(0);
    expect(full.stderr).not.toMatch(/^ +at /m);
    expect(existsSync(work) ? readdirSync(work) : []).toEqual([]);
  });
});

describe('open files', () => {
  it('too few for the load are told before the start', async () => {
    const r = await shell('ulimit -n 64; "$@"; echo $? > code', command(SHORT), ws.dir);
    expect(r.exitCode, said(r)).toBe(2);
    expect(r.stderr).toContain('ulimit -n');
    expect(r.stderr).not.toMatch(/^ +at /m);
  });

  it.each([24, 100, 130])('that others hold, but for %i: no crash without words', async (free) => {
    const hold = `ulimit -n 300; for ((i = 10; i < ${300 - free}; i++)); do eval "exec $i</dev/null"; done;`;
    const r = await shell(`${hold} "$@"; echo $? > code`, command(SHORT), ws.dir);
    expect([0, 1, 2], said(r)).toContain(r.exitCode);
    expect(r.stderr).not.toMatch(/^ +at /m);
    if (r.exitCode !== 0) expect(r.stderr, said(r)).toMatch(/ulimit -n|EMFILE|too many/i);
  });
});

describe('a run folder', () => {
  it('that is removed during the run is made again with all records', async () => {
    const running = start(LONG, ws.dir);
    await received(running);
    rmSync(ws.lastRun(), { recursive: true });
    running.process.kill('SIGINT');
    const r = await running.done;
    expect(r.code, said(r)).toBe(0);
    expect(r.stderr).toContain('was removed or renamed');
    expect(existsSync(join(ws.lastRun(), RESULTS, 'demo_gsm8k_details.h5'))).toBe(true);
  });

  it('is one of its own for each of three runs that start at once', async () => {
    const work = join(ws.dir, 'three');
    const runs = await Promise.all([1, 2, 3].map(() => run(`${SHORT} --work-dir ${work}`, ws.dir)));
    expect(runs.map((r) => r.code)).toEqual([0, 0, 0]);
    expect(readdirSync(work)).toHaveLength(3);
    for (const name of readdirSync(work)) {
      expect(existsSync(join(work, name, RESULTS, 'demo_gsm8k_details.h5'))).toBe(true);
      expect(existsSync(join(work, name, 'live.json'))).toBe(false);
    }
    const viz = await Promise.all(
      [1, 2, 3].map(() => run(`${SHORT} --mode perf_viz --reuse --work-dir ${work}`, ws.dir)),
    );
    expect(viz.map((r) => r.code)).toEqual([0, 0, 0]);
    expect(filesIn(latestIn(work)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('of a live run is looked into, not touched; of a killed one it is recalculated', async () => {
    const work = join(ws.dir, 'live');
    const running = start(`${LONG} --work-dir ${work}`, ws.dir);
    await received(running);
    const results = join(latestIn(work), RESULTS);
    const look = await run(`${MODEL} --mode perf_viz --reuse --work-dir ${work}`, ws.dir);
    expect(look.code, said(look)).toBe(0);
    expect(look.stderr).toContain(`This run is in progress: process ${running.process.pid}`);
    expect(look.stdout).toContain('│ Common Metric');
    expect(filesIn(results).filter((name) => /csv|html|h5|json$/.test(name))).toEqual([]);
    expect(existsSync(join(results, 'demo_gsm8k.journal'))).toBe(true);
    const explained = await run(`explain --work-dir ${work}`, ws.dir);
    expect(explained.stderr).toContain('This run is in progress');
    running.process.kill('SIGKILL');
    await running.done;
    const again = await run(`${MODEL} --mode perf_viz --reuse --work-dir ${work}`, ws.dir);
    expect(again.code, said(again)).toBe(0);
    expect(again.stderr).not.toContain('is in progress');
    expect(filesIn(results).some((name) => name.endsWith('.csv'))).toBe(true);
  });
});

describe('a fault of our own', () => {
  /** Loaded into the main thread and every worker before anything else. */
  function preload(name: string, source: string): Record<string, string> {
    const file = join(ws.dir, name);
    writeFileSync(file, `const threads = require('node:worker_threads');\n${source}`);
    return { NODE_OPTIONS: `--require ${file}` };
  }

  it('in the main thread is told in words, and the records stay', async () => {
    const env = preload(
      'main.cjs',
      'if (threads.isMainThread) process.on("SIGUSR2", () => void Promise.reject(new Error("boom")));',
    );
    const running = start(LONG, ws.dir, env);
    await received(running);
    running.process.kill('SIGUSR2');
    const r = await running.done;
    expect(r.code, said(r)).toBe(1);
    expect(r.stderr).toContain('bug of its own');
    const again = await run(`${MODEL} --mode perf_viz --reuse`, ws.dir);
    expect(again.code, said(again)).toBe(0);
  });
});
