/** Drives the built command and the simulated service as real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimTruth } from '../../src/sim/truth.ts';

export const root = resolve(import.meta.dirname, '../..');
const bin = join(root, 'dist/cli/bin.js');
/** The Node that runs the command; `npm test` runs this suite again on the current LTS. */
const node = process.env.AIS_BENCH_TEST_NODE ?? process.execPath;

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  process: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  /** The same and what it has written to stderr. */
  screen(): string;
  done: Promise<Finished>;
}

/** The command line of `ais_bench` with arguments as a shell user would type them, split at spaces. */
export function command(args: string): string[] {
  return [node, bin, ...args.split(/\s+/).filter((a) => a !== '')];
}

/** Starts `ais_bench`; a text is split at spaces. */
export function start(args: string | string[], cwd: string, env: Record<string, string> = {}): Running {
  const [file, ...list] = typeof args === 'string' ? command(args) : [node, bin, ...args];
  const child = spawn(file, list, {
    cwd,
    env: { ...cleanEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (t: string) => {
    stdout += t;
  });
  child.stderr!.setEncoding('utf8').on('data', (t: string) => {
    stderr += t;
  });
  const done = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }) as Finished);
  return { process: child, stdout: () => stdout, screen: () => stdout + stderr, done };
}

/** Runs `ais_bench` to its end. */
export function run(args: string | string[], cwd: string, env?: Record<string, string>): Promise<Finished> {
  return start(args, cwd, env).done;
}

/** Longer than a busy machine takes for one step of a run: who waits longer waits for ever. */
const PATIENCE_MS = 120_000;

/**
 * Waits for a state; `state` names it in the error. What `condition` gives when it is met, anything but false, null or
 * undefined, is the result.
 */
export async function until<T>(
  state: string,
  condition: () => T | Promise<T>,
): Promise<Exclude<T, false | null | undefined>> {
  const waitingSince = Date.now();
  while (Date.now() - waitingSince < PATIENCE_MS) {
    const found = await condition();
    if (found !== false && found !== null && found !== undefined) {
      return found as Exclude<T, false | null | undefined>;
    }
    await sleep(50);
  }
  throw new Error(`waited ${PATIENCE_MS / 1000} s in vain until ${state}`);
}

/**
 * For what the machine's pace has a part in: other programs only ever add to an error, so that the best of some attempts
 * tells of the tool. An attempt gives what was not as it should be; what the pace has no part in it checks by itself.
 */
export async function bestOf(attempts: number, attempt: () => Promise<string[]>): Promise<void> {
  for (let left = attempts; left > 0; left--) {
    const complaints = await attempt();
    if (complaints.length === 0) return;
    console.log(`${complaints.join('; ')}; ${left - 1} more attempts`);
    if (left === 1) throw new Error(`in the last of ${attempts} attempts: ${complaints.join('; ')}`);
  }
}

/** The claims that are not so. */
export function untrue(claims: Record<string, boolean>): string[] {
  return Object.entries(claims).flatMap(([claim, isSo]) => (isSo ? [] : [`not so: ${claim}`]));
}

/** Whole lines about finished requests that a task that is running has left for whoever looks. */
export function linesSoFar(results: string): string[] {
  const folder = join(results, 'tmp');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1),
  );
}

/** Variables of the machine that would change what the command does. */
function cleanEnv(): NodeJS.ProcessEnv {
  const { AIS_BENCH_DATASETS_CACHE, AIS_BENCH_API_KEY, OPENAI_API_KEY, WORKERS_NUM, ...rest } = process.env;
  return rest;
}

export interface SimProcess {
  url: string;
  port: number;
  truth(): Promise<SimTruth>;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts `ais_bench sim` on a free port; `options` are the service's own option names. */
export async function startSim(options: Record<string, unknown> = {}): Promise<SimProcess> {
  const args = [bin, 'sim', '--port', '0', '--until-stdin-ends', '--options', JSON.stringify(options)];
  const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(() => ['nothing before it ended']);
  const [line] = (await Promise.race([once(createInterface(child.stdout!), 'line'), ended])) as [string];
  const url = /http:\S+/.exec(line)?.[0];
  if (!url) throw new Error(`the simulated service said: ${line}`);
  return {
    url,
    port: Number(new URL(url).port),
    truth: async () => (await (await fetch(new URL('truth', url))).json()) as SimTruth,
    metrics: async () => (await fetch(new URL('metrics', url))).text(),
    async stop() {
      if (child.exitCode !== null) return;
      const closed = once(child, 'close');
      child.stdin!.end();
      await closed;
    },
  };
}

/**
 * Keeps every core awake with processes that run only when nothing else wants to (SCHED_IDLE). A virtual
 * machine takes 0.2 to 1 ms to wake an idle core, on either side of a connection; a test of the client's
 * stamps must not measure the hypervisor.
 */
export function keepCoresAwake(): { stop(): void } {
  const spin = ['-i', '0', process.execPath, '-e', 'for(;;) process.cpuUsage();'];
  const spinners = Array.from({ length: availableParallelism() }, () =>
    spawn('chrt', spin, { stdio: 'ignore' }),
  );
  return { stop: () => spinners.forEach((s) => void s.kill('SIGKILL')) };
}

export interface Workspace {
  dir: string;
  /** The run folders so far, oldest first. */
  runs(): string[];
  /** The newest run folder. */
  lastRun(): string;
  remove(): void;
}

/** A fresh working directory with a `configs/` folder as a user would have edited it. */
export function workspace(): Workspace {
  const dir = mkdtempSync(join(tmpdir(), 'ais-bench-e2e-'));
  const outputs = join(dir, 'outputs/default');
  const runs = () =>
    existsSync(outputs)
      ? readdirSync(outputs)
          .sort()
          .map((name) => join(outputs, name))
      : [];
  return {
    dir,
    runs,
    lastRun: () => runs().at(-1) ?? '(no run)',
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/**
 * Copies the packaged model config `name` into the workspace's `configs/` with other values, as a user
 * edits it: `edits` maps a key to the source text of its new value. `folder` is the one the config is in.
 */
export function editModel(
  ws: Workspace,
  name: string,
  edits: Record<string, string | number | boolean>,
  folder = 'vllm_api',
): void {
  const file = `models/${folder}/${name}.ts`;
  const target = join(ws.dir, 'configs', file);
  mkdirSync(resolve(target, '..'), { recursive: true });
  let text = readFileSync(
    join(existsSync(target) ? join(ws.dir, 'configs') : join(root, 'configs'), file),
    'utf8',
  );
  for (const [key, value] of Object.entries(edits)) {
    const line = new RegExp(`^(\\s*)${key}: .*?,( *//.*)?$`, 'm');
    if (!line.test(text)) throw new Error(`${name} has no line for ${key}`);
    text = text.replace(line, (_, indent: string) => `${indent}${key}: ${value},`);
  }
  writeFileSync(target, text);
}

/** Puts a config file into the workspace's `configs/`. */
export function addConfig(ws: Workspace, file: string, text: string): void {
  const target = join(ws.dir, 'configs', file);
  mkdirSync(resolve(target, '..'), { recursive: true });
  writeFileSync(target, text);
}

/** Source of a data-set config: `requests` synthetic strings, whose lengths are distributed as `lengths` says. */
export function syntheticStrings(
  abbr: string,
  requests: number,
  lengths: Record<'Input' | 'Output', { Method: string; Params: Record<string, number> }>,
): string {
  const row = { abbr, type: 'synthetic', Type: 'string', RequestCount: requests, StringConfig: lengths };
  return `
import { defineDatasets } from 'ais-bench';
export const synthetic_datasets = defineDatasets([${JSON.stringify(row)}]);
`;
}

/** Copies a folder or file into the workspace. */
export function addFiles(ws: Workspace, from: string, to: string): void {
  cpSync(from, join(ws.dir, to), { recursive: true });
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
