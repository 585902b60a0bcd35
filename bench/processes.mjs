// Starts the service and the clients, pinned, and reads what they say of themselves.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { programs } from './build.mjs';

/** The service has a core of its own; the client under test the next one. */
const SERVER_CORE = 0;
const CLIENT_CORE = 1;
const LIMIT_S = 120;
const run = promisify(execFile);

/** Groups of children that are running; whatever ends this process ends them. */
const groups = new Set();
process.on('exit', () => {
  for (const pid of groups) killGroup(pid);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Why nothing can be measured here, or null. */
export function missing() {
  if (process.platform !== 'linux') return 'the reference service needs Linux (epoll)';
  if (availableParallelism() < 2) return 'needs two cores: one for the service, one for the client';
  for (const tool of ['cc', 'taskset']) {
    try {
      execFileSync(tool, ['--version'], { stdio: 'ignore' });
    } catch {
      return `needs ${tool}`;
    }
  }
  return null;
}

const pinned = (core, command) => (core === null ? command : ['taskset', '-c', String(core), ...command]);

/**
 * Starts the service with `options` (see limit/server.c), pinned and spinning unless `core` is null, and calls
 * `use(port)`. Resolves with what `use` gave and with the service's own statistics; it is stopped either way.
 * @param {string[]} options
 * @param {(port: number) => T | Promise<T>} use
 * @param {number | null} core
 * @template T
 */
export function withServer(options, use, core = SERVER_CORE) {
  return withService([programs.server, ...(core === null ? [] : ['--spin']), ...options], use, core);
}

/**
 * The same with any command that prints `{"port":N}` when it listens and one JSON line when it is told to end.
 * @param {string[]} service
 * @param {(port: number) => T | Promise<T>} use
 * @param {number | null} core
 * @template T
 */
export async function withService(service, use, core = SERVER_CORE) {
  const [command, ...args] = pinned(core, service);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  groups.add(child.pid);
  let text = '';
  const listening = new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      text += data;
      if (text.includes('\n')) resolve(JSON.parse(text.split('\n')[0]).port);
    });
    child.on('exit', () => reject(new Error('the reference service did not start')));
  });
  const gone = new Promise((resolve) => child.on('close', resolve));
  let result;
  try {
    result = await use(await listening);
  } finally {
    child.kill('SIGTERM');
    await gone;
    groups.delete(child.pid);
  }
  return { result, server: JSON.parse(lastLine(text)) };
}

/**
 * Runs a client to its end and parses the last line it prints.
 * @param {string[]} command
 * @param {number | null} core
 */
export async function runClient(command, core = CLIENT_CORE, timeoutS = LIMIT_S) {
  const [file, ...args] = pinned(core, command);
  const { stdout } = await run(file, args, {
    timeout: timeoutS * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
  });
  return JSON.parse(lastLine(stdout));
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

export const clients = {
  c: (port, options) => [programs.client, '--port', String(port), ...options],
  engine: (port, options) => [process.execPath, programs.engine, '--port', String(port), ...options],
};

/** Command-line words of a workload, the same for every client. */
export function workload({ connections, requests, maxTokens, stagger = false }) {
  const words = ['--connections', connections, '--requests', requests, '--max-tokens', maxTokens].map(String);
  return stagger ? [...words, '--stagger'] : words;
}

/** How much of a spin loop's time was taken away, on both cores at once; the larger share. */
export async function noise(ms = 150) {
  const probe = (core) => runClient([programs.client, '--noise', String(ms)], core);
  const shares = await Promise.all([probe(SERVER_CORE), probe(CLIENT_CORE)]);
  return Math.max(...shares.map((s) => s.lost_share));
}

/** Steps of the calibration loop, in millions: some 0.1 s. */
const LOOP_MILLIONS = 50;

/** CPU seconds that a fixed loop takes here and now: what figures are set against to hold on another machine. */
export async function calibrationS() {
  const { cpu_s } = await runClient([programs.client, '--calibrate', String(LOOP_MILLIONS)]);
  return cpu_s;
}

/** CPU seconds of a process and its descendants, and their memory if `withMemory`; zeros once it is gone. */
function treeUsage(pid, withMemory = true) {
  const usage = { cpuS: 0, rssKb: 0, processes: 0 };
  for (const one of descendants(pid)) {
    try {
      const stat = readFileSync(`/proc/${one}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // utime, stime, and those of children that have been waited for, in 10 ms ticks.
      usage.cpuS += fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
      if (withMemory) usage.rssKb += proportionalKb(one);
      usage.processes++;
    } catch {
      // It ended between two reads.
    }
  }
  return usage;
}

/** Reading the memory of a large process takes milliseconds and holds it up: every so many readings. */
const MEMORY_EVERY = 5;

/** Shared pages count once over all processes, not once in each. */
function proportionalKb(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
}

function descendants(pid) {
  const found = [pid];
  for (let i = 0; i < found.length; i++) {
    try {
      const tasks = readFileSync(`/proc/${found[i]}/task/${found[i]}/children`, 'latin1').trim();
      if (tasks !== '') found.push(...tasks.split(' ').map(Number));
    } catch {
      // It ended between two reads.
    }
  }
  return found;
}

/**
 * Runs any command and watches its process tree. Resolves with its exit code, its output, wall time, and the
 * readings (`atNs` on the machine's monotonic clock), from which `cpuBetween` tells the cost of a stretch of time.
 * @param {string[]} command
 * @param {{ core?: number | null, timeoutS?: number, cwd?: string, env?: Record<string, string>, everyMs?: number }} options
 */
export async function runWatched(
  command,
  { core = CLIENT_CORE, timeoutS = LIMIT_S, cwd, env, everyMs = 50 } = {},
) {
  const [file, ...args] = pinned(core, command);
  const startedNs = process.hrtime.bigint();
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  groups.add(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output = (output + data).slice(-400_000);
    });
  }
  const readings = [];
  const timer = setInterval(() => {
    const withMemory = readings.length % MEMORY_EVERY === 0;
    readings.push({ atNs: process.hrtime.bigint(), ...treeUsage(child.pid, withMemory) });
  }, everyMs);
  const killer = setTimeout(() => killGroup(child.pid), timeoutS * 1000);
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(-1));
    child.on('close', (status, signal) => resolve(signal === null ? status : -1));
  });
  clearInterval(timer);
  clearTimeout(killer);
  // What it left behind, if anything, goes too.
  killGroup(child.pid);
  groups.delete(child.pid);
  const endedNs = process.hrtime.bigint();
  return {
    code,
    output,
    startedNs,
    endedNs,
    wallS: Number(endedNs - startedNs) / 1e9,
    peakRssMb: Math.max(0, ...readings.map((r) => r.rssKb)) / 1024,
    readings,
  };
}

/** The child leads a group of its own, so that what it started ends with it. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** CPU seconds that a watched command used between two moments of the monotonic clock (linear between readings). */
export function cpuBetween({ readings }, fromNs, toNs) {
  return cpuAt(readings, BigInt(toNs)) - cpuAt(readings, BigInt(fromNs));
}

function cpuAt(readings, ns) {
  let before = readings[0];
  if (before === undefined) return Number.NaN;
  for (const reading of readings) {
    if (reading.atNs >= ns) {
      const width = Number(reading.atNs - before.atNs);
      const share = width > 0 ? Number(ns - before.atNs) / width : 0;
      return before.cpuS + (reading.cpuS - before.cpuS) * Math.max(0, Math.min(1, share));
    }
    // A process that has ended no longer counts; the tree's total never goes back.
    if (reading.cpuS >= before.cpuS) before = reading;
  }
  return before.cpuS;
}
