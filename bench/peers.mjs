// npm run bench:peers [-- --only NAME,NAME --cases NAME,NAME --rounds N --json]
// Drives the Python tools for this job, and this tool, against the same reference service with the same workload, in
// alternation, and prints one table. Each tool gets a virtual environment of its own outside the repository.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bin, compilePrograms, pythonWith } from './build.mjs';
import { median, truthOf } from './lateness.mjs';
import { ours, oursWithoutText } from './peers/ours.mjs';
import { aiperf, aisbench, evalscope, guidellm, prepareTokenizer, vllm } from './peers/python-tools.mjs';
import { cpuBetween, missing, noise, runWatched, withServer } from './processes.mjs';

const RUN_S = 100;
const PROMPT = 'Tell me about the history of bridges, and what makes some of them last. '.repeat(2).trim();
const tools = [ours, oursWithoutText, aiperf, guidellm, evalscope, vllm, aisbench];

/** `fast` scales the requests by a tool's speed, so that a run takes seconds for each. */
const cases = [
  {
    name: 'saturation',
    server: ['--per-write', '16'],
    load: { connections: 64, requests: 1000, maxTokens: 200 },
    fast: true,
  },
  { name: 'one token', server: [], load: { connections: 64, requests: 3000, maxTokens: 1 }, fast: true },
  ...[100, 500, 2000].map((streams) => paced(streams, 20, 64)),
  paced(8000, 100, 32),
];

function paced(streams, intervalMs, maxTokens) {
  return {
    name: `${streams} streams`,
    server: ['--mode', 'paced', '--interval-ms', String(intervalMs), '--ttft-ms', '50'],
    load: { connections: streams, requests: streams * 2, maxTokens },
    fast: false,
  };
}

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    cases: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    debug: { type: 'boolean', default: false },
  },
});
const pick = (all, names) =>
  names === undefined ? all : all.filter((one) => names.split(',').some((n) => one.name.includes(n)));
const say = (line) => process.stderr.write(`${line}\n`);

async function runTool(tool, python, { server: serverOptions, load, fast }) {
  const dir = mkdtempSync(join(tmpdir(), 'ais-bench-peer-'));
  try {
    const scaled = { ...load, requests: fast ? load.requests * tool.speed : load.requests, prompt: PROMPT };
    const truthFile = join(dir, 'truth.bin');
    const share = await noise();
    const { result, server } = await withServer(
      ['--plain', '--truth', truthFile, ...serverOptions],
      (port) => {
        const { command, env } = tool.command({ python, port, dir, load: scaled });
        return runWatched(command, { timeoutS: RUN_S, cwd: dir, env });
      },
    );
    if (options.debug) say(result.output.slice(-3000));
    if (result.code !== 0) throw new Error(failureOf(result));
    if (server.responses < scaled.requests)
      throw new Error(`only ${server.responses} of ${scaled.requests} requests`);
    return figuresOf(tool.report(dir), result, truthOf(truthFile, scaled.requests), scaled.requests, share);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function failureOf({ code, output, wallS }) {
  if (code === -1 && wallS >= RUN_S) return `not done after ${RUN_S} s`;
  const lines = output.split('\n').filter((line) => /error|exception|invalid|no such|usage/i.test(line));
  return `exit code ${code}: ${(lines.at(-1) ?? output.trim().split('\n').at(-1) ?? '').trim().slice(0, 160)}`;
}

/** Reported against true; CPU and memory are of the tool's whole process tree. */
function figuresOf(reported, run, truth, requests, noiseShare) {
  const { tokens, wallS, fromNs, toNs } = truth;
  const sendCpuS = cpuBetween(run, fromNs, toNs);
  // Role, usage and end mark come with the tokens of each response.
  const events = tokens + 3 * requests;
  const percent = (value, true_) => ((value - true_) / true_) * 100;
  return {
    tokens_per_cpu_s: tokens / sendCpuS,
    cpu_s_per_million_events: (sendCpuS / events) * 1e6,
    tokens_per_s: tokens / wallS,
    requests_per_cpu_s: requests / sendCpuS,
    requests_per_s: requests / wallS,
    ttft_mean_error_ms: reported.ttftMeanMs - truth.ttftMeanMs,
    ttft_p99_error_ms: reported.ttftP99Ms - truth.ttftP99Ms,
    itl_mean_error_pct: percent(reported.itlMeanMs, truth.itlMeanMs),
    throughput_error_pct: percent(reported.tokensPerS, tokens / wallS),
    peak_memory_mb: run.peakRssMb,
    to_summary_s: Number(run.endedNs - toNs) / 1e9,
    noise_share: noiseShare,
  };
}

const columns = {
  saturation: [
    'tokens_per_cpu_s',
    'cpu_s_per_million_events',
    'throughput_error_pct',
    'peak_memory_mb',
    'to_summary_s',
  ],
  'one token': ['requests_per_cpu_s', 'requests_per_s', 'peak_memory_mb', 'to_summary_s'],
};
const pacedColumns = [
  'ttft_mean_error_ms',
  'ttft_p99_error_ms',
  'itl_mean_error_pct',
  'throughput_error_pct',
  'cpu_s_per_million_events',
  'peak_memory_mb',
];

function print(results) {
  for (const one of pick(cases, options.cases)) {
    const names = columns[one.name] ?? pacedColumns;
    process.stdout.write(
      `\n| ${one.name} | ${names.join(' | ')} | noise |\n|${'---|'.repeat(names.length + 2)}\n`,
    );
    for (const [tool, byCase] of Object.entries(results)) {
      const { figures, reason } = byCase[one.name] ?? { reason: 'not run' };
      const cells = figures
        ? names.map((n) => shown(figures[n]))
        : names.map((_, i) => (i === 0 ? `- (${reason})` : '-'));
      process.stdout.write(
        `| ${tool} | ${cells.join(' | ')} | ${figures ? shown(figures.noise_share) : '-'} |\n`,
      );
    }
  }
}

function shown(value) {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));
}

function medianOf(runs) {
  const names = Object.keys(runs[0]);
  const value = (name) => runs.map((r) => r[name]).filter(Number.isFinite);
  return Object.fromEntries(names.filter((n) => value(n).length > 0).map((n) => [n, median(value(n))]));
}

const impossible =
  missing() ?? prepareTokenizer() ?? (existsSync(bin) ? null : 'build the tool first: npm run build');
if (impossible !== null) {
  say(`The comparison cannot run here: ${impossible}.`);
  process.exit(1);
}
compilePrograms();
const results = {};
const ready = [];
for (const tool of pick(tools, options.only)) {
  results[tool.name] = {};
  try {
    if (tool.packages !== null) say(`${tool.name}: preparing its environment`);
    const python =
      tool.packages && pythonWith(`peer-${tool.name.split(' ')[0].toLowerCase()}`, tool.packages);
    ready.push({ tool, python });
  } catch (error) {
    const reason = `does not install: ${error.message}`;
    say(`${tool.name}: ${reason}`);
    for (const one of cases) results[tool.name][one.name] = { reason };
  }
}
for (const one of pick(cases, options.cases)) {
  const runs = new Map(ready.map(({ tool }) => [tool, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { tool, python } of ready) {
      try {
        const figures = await runTool(tool, python, one);
        runs.get(tool).push(figures);
        say(`${one.name}, ${tool.name}: ${JSON.stringify(figures)}`);
      } catch (error) {
        say(`${one.name}, ${tool.name}: ${error.message}`);
        results[tool.name][one.name] ??= { reason: error.message };
      }
    }
  }
  for (const [tool, done] of runs)
    if (done.length > 0) results[tool.name][one.name] = { figures: medianOf(done) };
}
print(results);
if (options.json) process.stdout.write(`${JSON.stringify({ machine: cpus()[0]?.model, results })}\n`);
