// npm test: everything, on a machine that has Node and npm only. Prints `N passed, N failed` as its last line.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureDependencies, root, run } from './ensure-deps.mjs';

const NEEDED = [
  { what: 'Chromium', package: 'chromium', works: () => existsSync('/usr/bin/chromium') },
  {
    what: "h5py for Debian's python3",
    package: 'python3-h5py',
    works: () => spawnSync('/usr/bin/python3', ['-c', 'import h5py']).status === 0,
  },
];

const END_TO_END = ['e2e', 'e2e-alone'];
/** What leans on Node itself: sockets, TLS, threads, signals, terminals, files, the package. The rest cannot differ. */
const LEAN_ON_NODE = [
  'addresses',
  'connections',
  'conversations',
  'dashboard',
  'disk',
  'document-commands',
  'faults',
  'ground-truth',
  'h5py',
  'interrupt',
  'kill',
  'package',
  'process',
  'services',
];

ensureDependencies();
ensureSystemPackages();

const totals = { passed: 0, failed: 0 };
/** What failed, said again before the last line: the output of the suites is long. */
const failures = [];
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
step('format and lint', ['npm', 'run', '--silent', 'lint']);
step('spelling', ['npm', 'run', '--silent', 'spell']);
step('types', ['npm', 'run', '--silent', 'types']);
step('house', ['npm', 'run', '--silent', 'house']);
step('build', [process.execPath, 'scripts/build.mjs']);
suite('unit', ['unit'], { AIS_BENCH_TEST_CASES: 'all' });
suite('browser', ['browser']);
suite('e2e', END_TO_END);
onOtherNode((node, version) => {
  const files = LEAN_ON_NODE.map((name) => `test/e2e/${name}.test.ts`);
  suite(`e2e on Node ${version}`, END_TO_END, { AIS_BENCH_TEST_NODE: node }, files);
});
for (const failure of failures) console.log(`\nFAILED: ${failure}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

/** One command that counts as one test. */
function step(name, [command, ...args]) {
  console.log(`\n== ${name}`);
  const ok = run(command, args) === 0;
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`);
  totals[ok ? 'passed' : 'failed']++;
  if (!ok) failures.push(name);
}

/** Some vitest projects, or `files` of them; tests are counted from the JSON report. A skipped test counts as failed. */
function suite(name, projects, env = {}, files = []) {
  console.log(`\n== ${name} tests`);
  const dir = mkdtempSync(join(tmpdir(), 'ais-bench-test-'));
  const report = join(dir, 'report.json');
  const code = run(
    process.execPath,
    [
      vitest,
      'run',
      ...files,
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { env: { ...process.env, ...env } },
  );
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
  rmSync(dir, { recursive: true, force: true });
  const passed = counts?.numPassedTests ?? 0;
  failures.push(...failedTests(counts).map((one) => `${name}: ${one}`));
  const failed = counts ? counts.numTotalTests - passed : 0;
  totals.passed += passed;
  totals.failed += code !== 0 || passed === 0 ? Math.max(1, failed) : failed;
}

/** Name and message of each test that did not pass; a file that could not be loaded has no tests. */
function failedTests(counts) {
  const files = counts?.testResults ?? [];
  return files.flatMap(({ name, message, status, assertionResults: tests }) => {
    const file = relative(root, name);
    const bad = tests.filter((test) => test.status !== 'passed');
    if (bad.length === 0 && status !== 'passed') return [`${file}: ${message}`];
    return bad.map((test) => `${file} > ${test.fullName}\n${test.failureMessages.join('\n')}`);
  });
}

/** The command must work on the oldest supported line and on the current LTS: npm brings the other one. */
function onOtherNode(use) {
  const version = process.version.startsWith('v20.') ? '26.10.0' : '20.20.2';
  const dir = mkdtempSync(join(tmpdir(), 'ais-bench-node-'));
  const code = run('npm', [
    'i',
    '--prefix',
    dir,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `node@${version}`,
  ]);
  const node = join(dir, 'node_modules/node/bin/node');
  if (code === 0 && existsSync(node)) use(node, version);
  else {
    failures.push(`Node ${version} could not be installed`);
    totals.failed++;
  }
  rmSync(dir, { recursive: true, force: true });
}

function ensureSystemPackages() {
  const missing = NEEDED.filter((n) => !n.works());
  if (missing.length === 0) return;
  const packages = missing.map((n) => n.package);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const hasApt = spawnSync('apt-get', ['--version']).status === 0;
  if (hasApt) {
    console.log(`Installing ${packages.join(' ')} with apt-get ...`);
    const apt = [...sudo, 'apt-get'];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run(apt[0], [...apt.slice(1), 'update', '-qq'], { env });
    run(apt[0], [...apt.slice(1), 'install', '-y', '-qq', ...packages], { env });
  }
  const still = NEEDED.filter((n) => !n.works());
  if (still.length === 0) return;
  const names = still.map((n) => `${n.what} (Debian package ${n.package})`).join(' and ');
  console.error(
    `The tests need ${names}. Install with: apt-get install -y ${still.map((n) => n.package).join(' ')}`,
  );
  console.log('\n0 passed, 1 failed');
  process.exit(1);
}
