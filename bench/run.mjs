// npm run bench [-- --quick --json --only NAME,NAME]: the load engine and the summary, as ratios to reference clients.
// Each cell is measured in windows; a window counts when a spin loop beforehand, and the service's own clock
// during it, were left alone. A figure is the median over windows that count, or null with the reason.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bin, bundlePrograms, compilePrograms, pythonWith } from './build.mjs';
import { burst, shortAnswers, twoWorkers, wholeTool } from './cells/burst.mjs';
import {
  batchStep,
  cpuPerEvent,
  heldStreams,
  memoryPerStream,
  sendLateness,
  stampError,
} from './cells/paced.mjs';
import { percentileVsNumpy } from './cells/percentile.mjs';
import { summaryAtScale } from './cells/summary.mjs';
import { longPrompts, overTls } from './cells/wire.mjs';
import { median } from './lateness.mjs';
import { missing, noise } from './processes.mjs';

const FIGURES = [
  'burst_vs_aiohttp',
  'burst_vs_c',
  'cpu_per_event_vs_c',
  'stamp_p99_ms_1000x50',
  'stamp_p99_ms_2000x50',
  'stamp_p99_ms_10000x10',
  'requests_per_s_vs_aiohttp',
  'kb_per_stream',
  'two_worker_scaling',
  'send_lateness_p99_ms_10k',
];
const SLOW_FIGURES = ['summary_s_250k', 'summary_rss_mb_250k', 'percentile_vs_numpy'];
/** A spin loop that lost more than this of its time: the machine is not ours. */
/** The one that the wanted ratios were set with; 3.14 needs a third less for a short answer, the same for a long one. */
const AIOHTTP = 'aiohttp==3.8.4';
const NOISE_SHARE = 0.02;
const QUICK_S = 52;
const FULL_S = 1200;
const ATTEMPTS_PER_WINDOW = 4;
const PROBES = 20;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const { quick } = options;
const say = (line) => process.stderr.write(`${line}\n`);
const deadline = performance.now() + 1000 * Number(options.seconds ?? (quick ? QUICK_S : FULL_S));

/** Windows that counted and why others did not, per cell. */
async function measure(cells) {
  const states = cells.map((cell) => ({ cell, windows: [], noisy: [], reasons: [], attempts: 0, tookS: 0 }));
  const open = (s) => s.windows.length < s.cell.want && s.attempts < s.cell.want * ATTEMPTS_PER_WINDOW;
  for (let window = 0; states.some(open); window++) {
    for (const state of states.filter(open)) {
      const leftS = (deadline - performance.now()) / 1000;
      if (leftS < state.tookS) {
        if (state.reasons.length === 0) state.reasons.push('no time was left');
        state.attempts = Number.POSITIVE_INFINITY;
        continue;
      }
      await measureOnce(state, window);
    }
  }
  return states;
}

/** Probes until the cores are quiet, some seconds at most. Null, or why a window now will not count. */
async function waitForQuiet() {
  let share = 1;
  for (let probe = 0; probe < (quick ? 1 : PROBES); probe++) {
    share = await noise();
    if (share <= NOISE_SHARE) return null;
  }
  return `a spin loop lost ${(share * 100).toFixed(1)} % of its time`;
}

async function measureOnce(state, window) {
  const { cell } = state;
  const started = performance.now();
  state.attempts++;
  try {
    const tooNoisy = await waitForQuiet();
    // One window outside the gate is worth showing; more of them are a waste of time.
    if (tooNoisy !== null && state.noisy.length > 0) {
      state.reasons.push(tooNoisy);
      return;
    }
    const { skipped, ...figures } = await cell.run(window);
    const reason = skipped ?? tooNoisy;
    if (reason === null) state.windows.push(figures);
    else {
      state.reasons.push(reason);
      if (skipped === undefined) state.noisy.push(figures);
    }
    say(`${cell.name}: ${reason === null ? show(figures) : `does not count, ${reason}`}`);
  } catch (error) {
    state.reasons.push(`failed: ${lastLine(error)}`);
    say(`${cell.name}: ${state.reasons.at(-1)}`);
  }
  state.tookS = Math.max(state.tookS, (performance.now() - started) / 1000);
}

/** What a child said last tells more than that it failed. */
function lastLine({ stderr, message }) {
  return (String(stderr ?? '').trim() || message).split('\n').at(-1);
}

function show(figures) {
  return Object.entries(figures)
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => `${name} ${round(value)}`)
    .join(', ');
}

function round(value) {
  return Number(value.toPrecision(4));
}

function medians(windows) {
  const names = new Set(windows.flatMap((w) => Object.keys(w)));
  const entries = [...names].map((name) => [name, windows.map((w) => w[name]).filter(Number.isFinite)]);
  return Object.fromEntries(
    entries.filter(([, v]) => v.length > 0).map(([name, v]) => [name, round(median(v))]),
  );
}

function report(states) {
  const figures = {};
  const windows = {};
  const unquiet = {};
  const reasons = {};
  for (const { cell, windows: counted, noisy, reasons: why } of states) {
    const found = medians(counted);
    Object.assign(figures, found);
    for (const name of Object.keys(found)) windows[name] = counted.length;
    for (const [name, value] of Object.entries(medians(noisy))) if (!(name in found)) unquiet[name] = value;
    if (counted.length === 0) reasons[cell.name] = why.at(-1) ?? 'not run';
  }
  return { figures, windows, unquiet, reasons };
}

/** Figures whose cell has another name. */
const cellOf = {
  burst_vs_aiohttp: 'burst',
  burst_vs_c: 'burst',
  cpu_per_event_vs_c: 'cpu per event',
  requests_per_s_vs_aiohttp: 'short answers',
  kb_per_stream: 'memory',
  two_worker_scaling: 'two workers',
  send_lateness_p99_ms_10k: 'send lateness',
  percentile_vs_numpy: 'percentile',
  summary_s_250k: 'summary 250k',
  summary_rss_mb_250k: 'summary 250k',
};

/** The reason that stands beside a figure that is null. */
function reasonFor(name, reasons, states) {
  const cell = cellOf[name] ?? name;
  if (!states.some((s) => s.cell.name === cell)) return 'not asked for';
  if (name.endsWith('aiohttp') && aiohttpProblem !== null) return `no aiohttp: ${aiohttpProblem}`;
  return reasons[cell] ?? 'not measured';
}

const impossible = missing();
if (impossible !== null) {
  say(`The benchmark cannot run here: ${impossible}.`);
  process.exit(1);
}
let aiohttpProblem = null;
let aiohttp = null;
try {
  const python = pythonWith('reference', [AIOHTTP]);
  const script = join(import.meta.dirname, 'limit/client_aiohttp.py');
  aiohttp = (port, words) => [python, script, '--port', String(port), ...words];
} catch (error) {
  aiohttpProblem = error.message;
  say(`No aiohttp reference: ${aiohttpProblem}`);
}
compilePrograms();
await bundlePrograms();
const scratch = mkdtempSync(join(tmpdir(), 'ais-bench-bench-'));
const journal = join(scratch, 'journal');
mkdirSync(journal);
const context = { quick, aiohttp, scratch, journal };
const all = [
  burst(context),
  shortAnswers(context),
  stampError(context, 1000, 50),
  stampError(context, 2000, 50),
  stampError(context, 10_000, 10),
  cpuPerEvent(context),
  twoWorkers(context),
  sendLateness(context),
  memoryPerStream(context),
];
if (!quick) {
  all.push(stampError(context, 4000, 20), heldStreams(context), overTls(context), longPrompts(context));
  all.push(percentileVsNumpy());
  if (aiohttp !== null) all.push(batchStep(context));
  if (existsSync(bin))
    all.push(wholeTool(context), summaryAtScale(context, '250k'), summaryAtScale(context, '1m'));
  else say('No figures of the whole tool: build the tool first (npm run build).');
}
const wanted = options.only?.split(',');
const cells = wanted === undefined ? all : all.filter((c) => wanted.some((w) => c.name.includes(w)));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const states = await measure(cells);

const { figures, windows, unquiet, reasons } = report(states);
const names = quick ? FIGURES : [...FIGURES, ...SLOW_FIGURES];
const result = Object.fromEntries(names.map((name) => [name, figures[name] ?? null]));
const nulls = names.filter((name) => result[name] === null);
const extra = Object.fromEntries(Object.entries(figures).filter(([name]) => !names.includes(name)));
print(result, 'figure', 'windows');
print(extra, 'beside', 'windows');

function print(table, title, last) {
  if (Object.keys(table).length === 0) return;
  const width = Math.max(title.length, ...Object.keys(table).map((name) => name.length));
  process.stdout.write(`\n${title.padEnd(width)}  ${'median'.padStart(12)}  ${last}\n`);
  for (const [name, value] of Object.entries(table)) {
    const right = value === null ? reasonFor(name, reasons, states) : String(windows[name]);
    process.stdout.write(`${name.padEnd(width)}  ${String(value ?? '-').padStart(12)}  ${right}\n`);
  }
}

if (options.json) {
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
  const why = Object.fromEntries(nulls.map((name) => [name, reasonFor(name, reasons, states)]));
  // What windows that do not count showed stands apart, so that nobody takes it for a result.
  const json = { ...result, reasons: why, beside: extra, windows, outside_gate: unquiet, machine, quick };
  process.stdout.write(`${JSON.stringify(json)}\n`);
}
