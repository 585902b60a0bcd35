/** Names of models and data sets, and links and pipes in a run folder: nothing is read or written outside of it. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/core/random.ts';
import { run } from '../e2e/harness.ts';
import { type Area, type Findings, makeTries, partOf, type Try } from './area.ts';
import { type SmallRun, smallRun } from './small-run.ts';
import { type RawService, startRawService, stream, WHOLE_STREAM } from './wire.ts';

const AT_A_TIME = 2;
/** Of which names are made. */
const PIECES = [
  '..',
  '/',
  '\\',
  'a',
  '~',
  '.',
  ' ',
  '%2F',
  '%',
  '\0',
  '\n',
  '\x1b[2J',
  '\u202e',
  '长',
  'e\u0301',
  '*',
  '?',
  ':',
  '|',
  '"',
  "'",
  '$(x)',
  '`x`',
  ';',
  '&',
  '-',
  '#',
  'con',
  'nul.txt',
  'x'.repeat(260),
  '\ud83d',
];
const NAMES = 48;
const NAMES_IN_ONE_RUN = 12;

export const namesAndPaths: Area = {
  name: 'names and paths',
  about:
    'names of models and data sets with separators, control characters and any length, links and pipes in a run folder: all files stay in the run folder, nobody else’s file changes, each task has its results',
  async run({ share, seed }) {
    const service = await startRawService((socket) => stream(WHOLE_STREAM)(socket));
    try {
      const names = await tryNames(service, Math.round(NAMES * share), seed);
      const places = partOf(traps, share).map(
        ([name, set]): Try => ({ name, attempt: () => trap(service, set) }),
      );
      const others = await makeTries(places, AT_A_TIME);
      return {
        tried: names.tried + others.tried,
        survived: names.survived + others.survived,
        failures: [...names.failures, ...others.failures],
      };
    } finally {
      await service.stop();
    }
  },
};

async function tryNames(service: RawService, count: number, seed: number): Promise<Findings> {
  const random = seededRandom(seed, 'names');
  const piece = () => PIECES[random.int(0, PIECES.length - 1)];
  const findings: Findings = { tried: 0, survived: 0, failures: [] };
  while (findings.tried < count) {
    const wanted = Math.min(NAMES_IN_ONE_RUN, count - findings.tried);
    const abbrs = Array.from(
      { length: wanted },
      (_, at) => Array.from({ length: random.int(1, 5) }, piece).join('') + at,
    );
    const wrong = await runNamed(service, `${piece()}${piece()}m`, abbrs);
    findings.tried += wanted;
    findings.survived += wrong === '' ? wanted : 0;
    if (wrong !== '') findings.failures.push(`${JSON.stringify(abbrs)}: ${wrong}`);
  }
  return findings;
}

async function runNamed(service: RawService, model: string, abbrs: readonly string[]): Promise<string> {
  const small = smallRun({ port: service.port, rows: 1, model: { abbr: model }, abbrs });
  try {
    const before = outside(small);
    const { code, stderr } = await run([...small.args, '--no-merge-ds'], small.dir);
    if (code !== 0) return `exit code ${code}: ${stderr.slice(0, 500)}`;
    const after = outside(small);
    if (after !== before) return `files outside: ${after}`;
    const folders = readdirSync(join(small.runs()[0], 'performances'));
    if (folders.length !== 1) return `folders of one model: ${folders.join(', ')}`;
    const files = readdirSync(join(small.runs()[0], 'performances', folders[0]));
    const results = files.filter((name) => name.endsWith('_details.h5')).length;
    return results === abbrs.length ? '' : `${results} results of ${abbrs.length}`;
  } finally {
    small.remove();
  }
}

/** Every path that is in no run folder. */
function outside({ dir }: SmallRun): string {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^outputs(\/default(\/\d{8}_\d{6}(\/|$)|$)|$)/.test(path))
    .sort()
    .join(', ');
}

interface Places {
  results: string;
  /** A file of somebody else, which must not change. */
  precious: string;
}

const link =
  (file: string) =>
  ({ results, precious }: Places): void => {
    rmSync(join(results, file), { force: true });
    symlinkSync(precious, join(results, file));
  };
const pipe =
  (file: string) =>
  ({ results }: Places): void => {
    rmSync(join(results, file), { force: true });
    spawnSync('mkfifo', [join(results, file)]);
  };

/** What stands in a recorded run when it is summarized again. */
const traps: readonly (readonly [string, (places: Places) => void])[] = [
  ...[
    'set.csv',
    'set.json',
    'set_summary.json',
    'set_plot.html',
    'set.csv.part',
    'set.json.part',
    'set_plot.html.part',
  ].map((file) => [`${file} is a link`, link(file)] as const),
  ...['set.csv', 'set.json.part', 'set_details.jsonl', 'set_details.h5', 'set.journal'].map(
    (file) => [`${file} is a pipe`, pipe(file)] as const,
  ),
  ['the details are a link', link('set_details.h5')],
  ['the folder of the model is a link', ({ results, precious }) => moveAway(results, precious)],
  ['the folder of all results is a link', ({ results, precious }) => moveAway(join(results, '..'), precious)],
  [
    'a report is a folder',
    ({ results }) => {
      rmSync(join(results, 'set.csv'));
      mkdirSync(join(results, 'set.csv'));
    },
  ],
];

function moveAway(folder: string, precious: string): void {
  const away = `${precious}-away`;
  renameSync(folder, away);
  symlinkSync(away, folder);
}

const ENOUGH_MS = 120_000;

async function trap(service: RawService, set: (places: Places) => void): Promise<string> {
  const small = smallRun({ port: service.port, rows: 2 });
  try {
    const first = await run(small.args, small.dir);
    if (first.code !== 0) return `the run itself failed: ${first.stderr.slice(0, 300)}`;
    const precious = join(small.dir, 'precious');
    writeFileSync(precious, 'precious');
    set({ results: join(small.runs()[0], 'performances/m'), precious });
    const away = contents(`${precious}-away`);
    const again = await endsInTime(run(['--mode', 'perf_viz'], small.dir));
    if (again === null) return 'it did not end by itself';
    if (again.code !== 0 && again.code !== 1) return `exit code ${again.code}: ${again.stderr.slice(0, 300)}`;
    if (/^ +at /m.test(again.stderr)) return `a stack trace: ${again.stderr.slice(0, 300)}`;
    if (readFileSync(precious, 'utf8') !== 'precious') return 'somebody else’s file was written to';
    return contents(`${precious}-away`) === away ? '' : 'somebody else’s folder was written to';
  } finally {
    small.remove();
  }
}

async function endsInTime<T>(running: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ENOUGH_MS, null);
  });
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}

/** Names and texts of all files of a folder. */
function contents(folder: string): string {
  if (!existsSync(folder)) return '';
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files
    .sort()
    .map((file) => `${file}\n${readFileSync(file, 'latin1')}`)
    .join('\n');
}
