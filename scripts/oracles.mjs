// npm run oracles [-- --json]: measures bias, detection and coverage of the steady-state numbers over hundreds of runs of
// services whose truth is known, in virtual time; rebuilds the tables of docs/statistics.md. --json: one JSON object last.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const root = resolve(import.meta.dirname, '..');

/** In a thread: answers jobs, one message each. */
async function serve() {
  const { runOracle } = await import(workerData.bundle);
  parentPort?.on('message', (job) => parentPort?.postMessage(runOracle(job)));
}

async function main() {
  const started = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'ais-bench-oracles-'));
  try {
    const bundle = await bundleOracles(folder);
    const { laws, families, starts, stoppingServices } = await import(bundle);
    const jobs = [
      ...biasJobs(laws),
      ...detectionJobs(laws),
      ...coverageJobs(Object.keys(families)),
      ...stoppingJobs(Object.keys(stoppingServices)),
      ...rampJobs(laws, starts),
    ];
    const results = await runAll(jobs, bundle);
    report(jobs, results, started);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundleOracles(folder) {
  // Not before it is needed: the threads run this file, too.
  const { bundle } = await import('./bundle.mjs');
  const outfile = join(folder, 'oracles.mjs');
  await bundle({ entryPoints: ['tools/oracles/oracle-jobs.ts'], outfile });
  return pathToFileURL(outfile).href;
}

function seeds(count) {
  return Array.from({ length: count }, (_, seed) => seed);
}

function biasJobs(laws) {
  return laws.flatMap((law) =>
    [16, 64].flatMap((slots) =>
      [6, 10, 40].flatMap((waves) =>
        seeds(biasRuns(law, waves)).map((seed) => ({
          kind: 'bias',
          law,
          slots,
          waves,
          seed,
        })),
      ),
    ),
  );
}

/** A fixed law gives the same run for every seed, and long runs differ less. */
function biasRuns(law, waves) {
  if (law === 'fixed') return 2;
  return waves === 40 ? 24 : 60;
}

/** Runs of each law. */
const detections = [
  { scenario: 'clean', waves: 30, count: 90 },
  { scenario: 'clean', waves: 60, count: 30 },
  { scenario: 'ramp of clients, 5 cycles', waves: 30, count: 15 },
  { scenario: 'warm-up', waves: 60, count: 10 },
  { scenario: 'never settles', waves: 30, count: 25 },
  { scenario: 'drift -10 %', waves: 30, count: 25 },
  { scenario: 'drift +10 %', waves: 30, count: 25 },
  { scenario: 'step -10 % at 60 %', waves: 30, count: 20 },
  { scenario: 'step +10 % at 45 %', waves: 30, count: 20 },
  { scenario: 'step -10 % at 75 %', waves: 30, count: 20 },
  { scenario: 'stalls of 200 ms every 4 s', waves: 60, count: 15 },
  { scenario: 'stalls of 1 s every 15 s', waves: 60, count: 15 },
];

function detectionJobs(laws) {
  return detections.flatMap(({ scenario, waves, count }) =>
    laws.flatMap((law) => seeds(count).map((seed) => ({ kind: 'detection', scenario, law, waves, seed }))),
  );
}

function coverageJobs(families) {
  return families.flatMap((family) => seeds(500).map((seed) => ({ kind: 'coverage', family, seed })));
}

function stoppingJobs(services) {
  return services.flatMap((service) => seeds(40).map((seed) => ({ kind: 'stopping', service, seed })));
}

function rampJobs(laws, starts) {
  return laws.flatMap((law) =>
    starts.flatMap((start) =>
      [10, 30].flatMap((waves) => seeds(20).map((seed) => ({ kind: 'ramp', start, law, waves, seed }))),
    ),
  );
}

/** In the order of the jobs, whatever thread did them. */
async function runAll(jobs, bundle) {
  const results = new Array(jobs.length);
  let next = 0;
  const threads = Math.max(1, Math.min(4, availableParallelism()));
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { bundle } });
      while (next < jobs.length) {
        const at = next++;
        results[at] = await ask(worker, jobs[at]);
      }
      await worker.terminate();
    }),
  );
  return results;
}

function ask(worker, job) {
  return new Promise((done, fail) => {
    worker.once('error', fail);
    worker.once('message', (result) => {
      worker.off('error', fail);
      done(result);
    });
    worker.postMessage(job);
  });
}

function report(jobs, results, started) {
  const bias = biasTable(jobs, results);
  const detection = detectionTable(jobs, results);
  const coverage = coverageTable(jobs, results);
  const stopping = stoppingTable(jobs, results);
  const ramp = rampTable(jobs, results);
  const tables = { bias, detection, coverage, stopping, ramp };
  for (const table of Object.values(tables)) console.log(`${table.text}\n`);
  writeDocs(Object.fromEntries(Object.entries(tables).map(([name, { text }]) => [name, text])));
  console.log(`${jobs.length} runs in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (process.argv.includes('--json')) {
    console.log(
      JSON.stringify({
        ...bias.figures,
        ...detection.figures,
        ...coverage.figures,
        ...stopping.figures,
      }),
    );
  }
}

function groupsOf(jobs, results, kind, keyOf) {
  const groups = new Map();
  jobs.forEach((job, i) => {
    if (job.kind !== kind) return;
    const key = keyOf(job);
    if (!groups.has(key)) groups.set(key, { job, results: [] });
    groups.get(key).results.push(results[i]);
  });
  return [...groups.values()];
}

function biasTable(jobs, results) {
  const groups = groupsOf(jobs, results, 'bias', (job) => `${job.law} ${job.slots} ${job.waves}`);
  const largest = { steady: 0, random: 0 };
  const rows = groups.map(({ job, results: found }) => {
    const cell = (name) => {
      const values = found.map((one) => one[name] * 100).filter(Number.isFinite);
      return { mean: mean(values), sd: deviation(values) };
    };
    const steady = cell('steady');
    const kind = job.law === 'fixed' || job.law === 'uniform' ? 'steady' : 'random';
    largest[kind] = Math.max(largest[kind], Math.abs(steady.mean));
    const cells = ['whole', 'upstream', 'document', 'steady'].map((name) => shown(cell(name)));
    const windows = found.filter((one) => Number.isFinite(one.steady)).length;
    return `| ${job.law}, C = ${job.slots} | ${job.waves} | ${windows} of ${found.length} | ${cells.join(' | ')} |`;
  });
  const head =
    '| lengths | waves | runs | whole run | upstream rule | document rule | steady |\n|---|---|---|---|---|---|---|';
  return {
    text: [head, ...rows].join('\n'),
    figures: {
      max_bias_pct_fixed_uniform: round(largest.steady, 3),
      max_bias_pct_random: round(largest.random, 3),
    },
  };
}

function detectionTable(jobs, results) {
  const groups = groupsOf(jobs, results, 'detection', (job) => `${job.scenario} ${job.waves}`);
  const isCaught = ({ verdict }) => Object.values(verdict).includes('not steady');
  const share = (test) => {
    const found = groups.filter(({ job }) => test(job.scenario)).flatMap((group) => group.results);
    return round((100 * found.filter(isCaught).length) / found.length, 2);
  };
  const rows = groups.map(({ job, results: found }) => {
    const count = (verdict, claim) => found.filter((one) => one.verdict[claim] === verdict).length;
    const cells = ['throughput', 'latency'].map((claim) =>
      ['not steady', 'steady with reservations', 'steady']
        .map((verdict) => count(verdict, claim))
        .join(' / '),
    );
    return `| ${job.scenario} | ${job.waves} | ${found.length} | ${cells.join(' | ')} |`;
  });
  const head =
    '| scenario | waves | runs | throughput: not steady / reservations / steady | latency |\n|---|---|---|---|---|';
  return {
    text: [head, ...rows].join('\n'),
    figures: {
      false_alarm_pct: share((name) => name === 'clean'),
      ramp_false_alarm_pct: share((name) => name.startsWith('ramp')),
      drift_caught_pct: share((name) => name.startsWith('drift')),
      step_caught_pct: share((name) => name.startsWith('step')),
      never_settles_caught_pct: share((name) => name === 'never settles'),
      stalls_false_alarm_pct: share((name) => name.startsWith('stalls')),
    },
  };
}

function coverageTable(jobs, results) {
  const groups = groupsOf(jobs, results, 'coverage', (job) => job.family);
  const all = [];
  const rows = groups.flatMap(({ job, results: found }) =>
    Object.keys(found[0]).map((name) => {
      const made = found.map((one) => one[name]).filter((held) => held !== null);
      const percent = (100 * made.filter(Boolean).length) / made.length;
      all.push(percent);
      return `| ${job.family} | ${name} | ${made.length} of ${found.length} | ${percent.toFixed(1)} % |`;
    }),
  );
  const head = '| service | figure | intervals | cover the truth |\n|---|---|---|---|';
  return {
    text: [head, ...rows].join('\n'),
    figures: { coverage_min_pct: round(Math.min(...all), 2), coverage_max_pct: round(Math.max(...all), 2) },
  };
}

function stoppingTable(jobs, results) {
  const groups = groupsOf(jobs, results, 'stopping', (job) => job.service);
  const rows = groups.flatMap(({ job, results: found }) =>
    found[0].map(({ asked }, i) => ({ service: job.service, asked, runs: found.map((run) => run[i]) })),
  );
  const reached = ({ runs }) => runs.filter((one) => one.reached);
  const right = ({ runs }) => runs.filter((one) => one.reached && one.covers);
  const lines = rows.map((row) => {
    const { service, asked, runs } = row;
    const [metric, percent] = asked.split(':');
    const waves = mean(runs.map((one) => one.waves)).toFixed(0);
    return `| ${service} | ${metric} ± ${percent} % | ${reached(row).length} of ${runs.length} | ${right(row).length} | ${waves} |`;
  });
  const head =
    '| service | asked for | reached | of these cover the truth | mean length, cycles |\n|---|---|---|---|---|';
  const all = { runs: rows.flatMap((row) => row.runs) };
  const coverage = (row) => round((100 * right(row).length) / reached(row).length, 2);
  return {
    text: [head, ...lines].join('\n'),
    figures: {
      until_precise_coverage_pct: coverage(all),
      until_precise_coverage_min_pct: Math.min(...rows.map(coverage)),
      until_precise_reached_pct: round((100 * reached(all).length) / all.runs.length, 2),
      until_precise_reached_and_covered_pct: round((100 * right(all).length) / all.runs.length, 2),
    },
  };
}

function rampTable(jobs, results) {
  const groups = groupsOf(jobs, results, 'ramp', (job) => `${job.law} ${job.start}`);
  const rows = groups.map(({ job, results: found }) => {
    const of = (waves, name) => found.filter((one) => one.waves === waves).map((one) => one[name]);
    const from = mean(of(30, 'windowFromCycles').filter(Number.isFinite)).toFixed(2);
    const sync = mean(of(30, 'synchrony')).toFixed(3);
    const errors = [10, 30].map((waves) => {
      const known = of(waves, 'error').filter(Number.isFinite);
      return shown({ mean: 100 * mean(known), sd: 100 * deviation(known) });
    });
    return `| ${job.law} | ${job.start} | ${from} | ${sync} | ${errors.join(' | ')} |`;
  });
  const head =
    '| lengths | slots open | window from, cycles | lock-step index | error, 10 waves | error, 30 waves |\n|---|---|---|---|---|---|';
  return { text: [head, ...rows].join('\n') };
}

/** Puts each table between its two marks. */
function writeDocs(tables) {
  const file = join(root, 'docs/statistics.md');
  const before = readFileSync(file, 'utf8');
  let text = before;
  for (const [name, table] of Object.entries(tables)) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(open) + open.length, text.indexOf(close)];
    if (from < open.length || to < from) throw new Error(`${file} has no marks ${open} and ${close}`);
    text = `${text.slice(0, from)}\n${table}\n${text.slice(to)}`;
  }
  if (text !== before) writeFileSync(file, text);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values) {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

function shown({ mean: value, sd }) {
  const text = Math.abs(value).toFixed(2);
  const signed = `${value < 0 ? '-' : '+'}${text}`;
  return `${text === '0.00' ? text : signed} (${sd.toFixed(2)})`;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

if (isMainThread) await main();
else await serve();
