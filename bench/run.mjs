// npm run bench [-- --quick --json --only NAME,NAME --save-baseline --gate --worse-by N --small --any-noise]
// The load engine and the summary, as ratios to reference clients and to the committed baseline.
//   --save-baseline  puts the figures of this run that count into bench/baseline.json
//   --gate           exit code 1 when a figure is more than --worse-by (1.5) times worse than its baseline
//   --small          every cell once, at a fraction of its size: shows that all of them run, measures nothing
//   --any-noise      all windows count, whatever the machine did beside them
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, ratiosOf, updated } from './baseline.mjs';
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
import { stamps } from './cells/stamps.mjs';
import { summaryAtScale } from './cells/summary.mjs';
import { longPrompts, overTls } from './cells/wire.mjs';
import { ALWAYS, figures, IN_FULL } from './figures.mjs';
import { missing } from './processes.mjs';
import { printTable } from './report.mjs';
import { measure, summarize } from './windows.mjs';

/** The one that the wanted ratios were set with; 3.14 needs a third less for a short answer, the same for a long one. */
const AIOHTTP = 'aiohttp==3.8.4';
const BASELINE = join(import.meta.dirname, 'baseline.json');
const QUICK_S = 50;
const FULL_S = 1800;
const SMALL = 20;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string' },
    small: { type: 'boolean', default: false },
    'any-noise': { type: 'boolean', default: false },
    'save-baseline': { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    'worse-by': { type: 'string', default: '1.5' },
  },
});
const { quick, small } = options;
const anyNoise = options['any-noise'] || small;
const say = (line) => process.stderr.write(`${line}\n`);
const deadline = performance.now() + 1000 * Number(options.seconds ?? (quick ? QUICK_S : FULL_S));

function stop(reason) {
  say(`The benchmark cannot run here: ${reason}.`);
  process.exit(1);
}

/** The bare aiohttp loop as a command, or why there is none. */
function aiohttpClient() {
  try {
    const python = pythonWith('reference', [AIOHTTP]);
    const script = join(import.meta.dirname, 'limit/client_aiohttp.py');
    return { aiohttp: (port, words) => [python, script, '--port', String(port), ...words], problem: null };
  } catch (error) {
    say(`No aiohttp reference: ${error.message}`);
    return { aiohttp: null, problem: error.message };
  }
}

/** @returns {{ name: string, want: number, run: (window: number) => unknown }[]} */
function cellsOf(context) {
  /** @type {ReturnType<typeof cellsOf>} */
  const cells = [
    burst(context),
    shortAnswers(context),
    cpuPerEvent(context),
    memoryPerStream(context),
    stamps(context),
    twoWorkers(context),
    sendLateness(context),
    stampError(context, 1000, 50),
    stampError(context, 2000, 50),
    stampError(context, 10_000, 10),
  ];
  if (quick) return cells;
  cells.push(stampError(context, 4000, 20), heldStreams(context), overTls(context), longPrompts(context));
  cells.push(percentileVsNumpy(context));
  if (context.aiohttp !== null) cells.push(batchStep(context));
  if (existsSync(bin))
    cells.push(wholeTool(context), summaryAtScale(context, '250k'), summaryAtScale(context, '1m'));
  else say('No figures of the whole tool: build the tool first (npm run build).');
  return cells;
}

/** Cells whose name holds one of the wanted words. */
function chosenCells(all) {
  const wanted = options.only?.split(',');
  if (wanted === undefined) return all;
  const cells = all.filter((c) => wanted.some((w) => c.name.includes(w)));
  return cells.length > 0
    ? cells
    : stop(`no cell is named ${options.only}; there are ${all.map((c) => c.name).join(', ')}`);
}

const impossible = missing();
if (impossible !== null) stop(impossible);
if (small && options['save-baseline']) stop('--small measures nothing that a baseline could hold');
const { aiohttp, problem } = aiohttpClient();
compilePrograms();
await bundlePrograms();
const scratch = mkdtempSync(join(tmpdir(), 'ais-bench-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const journal = join(scratch, 'journal');
mkdirSync(journal);
const sized = (many) => (small ? Math.ceil(many / SMALL) : many);
const all = cellsOf({ quick, aiohttp, scratch, journal, sized });
const chosen = chosenCells(all);
const cells = small ? chosen.map((cell) => ({ ...cell, want: 1 })) : chosen;
const summary = summarize(await measure(cells, { quick, anyNoise, deadline }));

/** The reason that stands beside a figure that is null. */
function reasonFor(name) {
  const cell = figures[name]?.cell ?? name;
  if (name.endsWith('aiohttp') && problem !== null) return `no aiohttp: ${problem}`;
  if (!cells.some((one) => one.name === cell)) return 'not asked for';
  return summary.reasons[cell] ?? 'not measured';
}

const { counted } = summary;
const stored = existsSync(BASELINE) ? JSON.parse(readFileSync(BASELINE, 'utf8')) : {};
const compared = small ? [] : compare(summary.relative, ratiosOf(stored), Number(options['worse-by']));
const always = quick ? ALWAYS : [...ALWAYS, ...IN_FULL];
const measured = Object.keys(figures).filter((name) => cells.some((c) => c.name === figures[name].cell));
const beside = Object.keys(counted).filter((name) => !(name in figures));
if (small)
  process.stdout.write('A fraction of each load: these figures show that all runs, nothing else.\n\n');
const how = { compared, reasonFor, judge: !small };
printTable(
  'figure',
  options.only === undefined ? [...new Set([...always, ...measured])] : measured,
  summary,
  how,
);
printTable('beside', beside, summary, how);
const worse = compared.filter((c) => c.worse).map((c) => c.name);
if (worse.length > 0)
  process.stdout.write(`More than ${options['worse-by']} x worse than the baseline: ${worse.join(', ')}.\n`);

if (options['save-baseline']) {
  const origin = { cpu: cpus()[0]?.model, node: process.version, ...(anyNoise && { noisy: true }) };
  writeFileSync(BASELINE, `${JSON.stringify(updated(stored, summary.relative, origin), null, 2)}\n`);
  process.stdout.write(`Saved ${Object.keys(summary.relative).length} figures to ${BASELINE}.\n`);
}
if (options.json) process.stdout.write(`${JSON.stringify(resultJson())}\n`);
if (options.gate && worse.length > 0) process.exitCode = 1;

/** What windows that do not count showed stands apart, so that nobody takes it for a result. */
function resultJson() {
  const values = Object.fromEntries(always.map((name) => [name, counted[name] ?? null]));
  const missingNames = always.filter((name) => values[name] === null);
  return {
    ...values,
    reasons: Object.fromEntries(missingNames.map((name) => [name, reasonFor(name)])),
    beside: Object.fromEntries(Object.entries(counted).filter(([name]) => !always.includes(name))),
    windows: summary.windows,
    outside_gate: summary.outside,
    baseline: Object.fromEntries(compared.map(({ name, times }) => [name, Number(times.toPrecision(3))])),
    worse,
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memory_gb: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.version,
    },
    quick,
    gate: anyNoise ? 'off' : 'on',
  };
}
