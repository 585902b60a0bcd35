// npm run bench:peers [-- --only KEY,KEY --cases NAME,NAME --rounds N --small --json --debug]
// Drives the Python tools for this job, and this tool, against the same reference service with the same workload, in
// alternation, and prints a table for each case. Each tool gets a virtual environment of its own outside the repository.
// --small makes every load a tenth: it shows that everything runs and measures nothing.
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bin, compilePrograms, pythonWith, versionsOf } from './build.mjs';
import { median } from './lateness.mjs';
import { capacityOf } from './peers/capacity.mjs';
import { ours } from './peers/ours.mjs';
import { chosen, tools } from './peers/registry.mjs';
import { figuresOf } from './peers/run-tool.mjs';
import { overBestPeer, printComparison, printTables } from './peers/table.mjs';
import { prepareTokenizer } from './peers/tool-files.mjs';
import { clients, missing, runClient, withServer, workload } from './processes.mjs';

const SMALL = 10;
const SMALL_CAPACITY = 25;

/** `fast` scales the requests by a tool's speed, so that a run takes seconds for each. */
const allCases = [
  {
    name: 'saturation',
    server: ['--per-write', '16'],
    load: { connections: 64, requests: 1000, maxTokens: 200 },
    fast: true,
  },
  { name: 'one token', server: [], load: { connections: 64, requests: 3000, maxTokens: 1 }, fast: true },
  ...[100, 500, 2000].map((streams) => paced(streams, 20, 64)),
  paced(8000, 100, 32),
  { name: 'capacity' },
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
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    debug: { type: 'boolean', default: false },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const sayIfAsked = options.debug ? say : () => {};

function stop(reason) {
  say(`The comparison cannot run here: ${reason}.`);
  process.exit(1);
}

function choose(all, list, nameOf) {
  try {
    return chosen(all, list, nameOf);
  } catch (error) {
    return stop(error.message);
  }
}

const sized = (one) => (options.small && one.load ? { ...one, load: shrunk(one.load) } : one);
const shrunk = ({ connections, requests, ...load }) => ({
  ...load,
  connections: Math.ceil(connections / SMALL),
  requests: Math.ceil(requests / SMALL),
});

/** Tools whose environment is there, or the reason why it is not in their results. */
function prepare(picked, results) {
  const ready = [];
  for (const tool of picked) {
    results[tool.name] = {};
    try {
      if (tool.packages === null) {
        ready.push({ tool, python: null, versions: [] });
        continue;
      }
      say(`${tool.name}: preparing its environment`);
      const python = pythonWith(`peer-${tool.key}`, tool.packages, tool.withoutTag);
      ready.push({ tool, python, versions: versionsOf(python, tool.packages) });
    } catch (error) {
      const reason = `does not install: ${error.message}`;
      say(`${tool.name}: ${reason}`);
      for (const { name } of allCases) results[tool.name][name] = { reason };
    }
  }
  return ready;
}

async function figuresFor(tool, python, one) {
  if (one.name !== 'capacity') return figuresOf(tool, python, one, sayIfAsked);
  return capacityOf(tool, python, sayIfAsked, options.small ? SMALL_CAPACITY : undefined);
}

async function runCase(one, ready, results) {
  const runs = new Map(ready.map(({ tool }) => [tool, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { tool, python } of ready) {
      try {
        const figures = await figuresFor(tool, python, one);
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

function medianOf(runs) {
  const names = Object.keys(runs[0]);
  const value = (name) => runs.map((r) => r[name]).filter(Number.isFinite);
  return Object.fromEntries(names.filter((n) => value(n).length > 0).map((n) => [n, median(value(n))]));
}

/** What the service can do at all: the C client, which costs least, with the load of the fastest tool. */
async function ceilingOf({ server, load }) {
  const { result } = await withServer(['--plain', ...server], (port) =>
    runClient(clients.c(port, workload({ ...load, requests: load.requests * ours.speed }))),
  );
  const rate = (what) => Math.round(result[what] / result.wall_s).toLocaleString('en-US');
  return `${rate('tokens')} tokens/s, ${rate('requests')} requests/s`;
}

const picked = choose(tools, options.only, (tool) => tool.key);
const cases = choose(allCases, options.cases, (one) => one.name).map(sized);
const impossible =
  missing() ?? prepareTokenizer() ?? (existsSync(bin) ? null : 'build the tool first: npm run build');
if (impossible !== null) stop(impossible);
compilePrograms();
const results = {};
const ready = prepare(picked, results);
const ceilings = {};
for (const one of cases) {
  if (one.fast) ceilings[one.name] = await ceilingOf(one);
  await runCase(one, ready, results);
}
if (options.small)
  process.stdout.write('\nA tenth of each load: these figures show that all runs, nothing else.\n');
printTables(cases, results, ceilings);
const isOurs = (name) => tools.some((tool) => tool.name === name && tool.packages === null);
const comparison = overBestPeer(results, ours.name, isOurs);
printComparison(comparison);
const versions = ready.flatMap((one) => one.versions);
if (versions.length > 0) process.stdout.write(`\nMeasured with ${versions.join(', ')}.\n`);
if (options.json) {
  const machine = cpus()[0]?.model;
  process.stdout.write(`${JSON.stringify({ machine, versions, ceilings, comparison, results })}\n`);
}
