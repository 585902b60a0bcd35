/** Screens, disks and processes that go away under a run: its records survive. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRun } from '../../src/store/store.ts';
import { command, linesSoFar, run, start, until } from '../e2e/harness.ts';
import { shell } from '../e2e/shell.ts';
import { type Area, makeTries, partOf, type Try } from './area.ts';
import { type SmallRun, smallRun } from './small-run.ts';
import { type RawService, startRawService, stream, WHOLE_STREAM } from './wire.ts';

const AT_A_TIME = 2;
const ROWS = 40;
const ENOUGH_LINES = 50;

interface Loss {
  name: string;
  /** A script that runs `"$@"` and writes its exit code into the file `code`. */
  script: string;
  codes: number[];
  /** Records that must be there in the end. */
  records: number;
}

const losses: readonly Loss[] = [
  {
    name: 'the screen takes a line and goes',
    script: '{ "$@"; echo $? > code; } | head -1',
    codes: [1],
    records: ROWS,
  },
  {
    name: 'the screen takes nothing and goes',
    script: '{ "$@"; echo $? > code; } | true',
    codes: [1],
    records: ROWS,
  },
  {
    name: 'screen and errors have no reader',
    script: '{ "$@" 2>&1; echo $? > code; } | true',
    codes: [1],
    records: ROWS,
  },
  { name: 'the screen is full', script: '"$@" > /dev/full; echo $? > code', codes: [1], records: ROWS },
  {
    name: 'the errors have no room',
    script: '"$@" 2> /dev/full; echo $? > code',
    codes: [0, 1],
    records: ROWS,
  },
  {
    name: 'screen and errors have no room',
    script: '"$@" > /dev/full 2>&1; echo $? > code',
    codes: [1],
    records: ROWS,
  },
  { name: 'the screen is closed', script: '"$@" >&-; echo $? > code', codes: [0, 1], records: ROWS },
  {
    name: 'screen and errors are closed',
    script: '"$@" >&- 2>&-; echo $? > code',
    codes: [0, 1],
    records: ROWS,
  },
  { name: 'the input is closed', script: '"$@" <&-; echo $? > code', codes: [0], records: ROWS },
  { name: 'files may have 20 KiB', script: 'ulimit -f 20; "$@"; echo $? > code', codes: [1], records: ROWS },
  {
    name: 'files may have 60 KiB',
    script: 'ulimit -f 60; "$@"; echo $? > code',
    codes: [0, 1],
    records: ROWS,
  },
  { name: '64 open files', script: 'ulimit -n 64; "$@"; echo $? > code', codes: [2], records: 0 },
  { name: '24 open files', script: 'ulimit -n 24; "$@"; echo $? > code', codes: [1, 2, 134], records: 0 },
  {
    name: 'no place to write to',
    script: '"$@" --work-dir /proc/nowhere; echo $? > code',
    codes: [1, 2],
    records: 0,
  },
  {
    name: 'a file where the folder should be',
    script: 'echo x > outputs; "$@"; echo $? > code',
    codes: [1, 2],
    records: 0,
  },
];

type Signal = [signal: NodeJS.Signals, code: number | null];
const signals: readonly Signal[] = [
  ['SIGINT', 0],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGKILL', null],
];

export const outputsArea: Area = {
  name: 'outputs',
  about:
    'screens that close or fill up, disks that fill up, too few open files, signals: the exit code tells, no stack trace, every record survives and can be summarized',
  async run({ share }) {
    const service = await startRawService((socket) => stream(WHOLE_STREAM)(socket));
    const all: Try[] = [
      ...losses.map((loss): Try => ({ name: loss.name, attempt: () => lose(service, loss) })),
      ...signals.map((signal): Try => ({ name: signal[0], attempt: () => interrupt(service, signal) })),
    ];
    try {
      return await makeTries(partOf(all, share), AT_A_TIME);
    } finally {
      await service.stop();
    }
  },
};

async function lose(service: RawService, { script, codes, records }: Loss): Promise<string> {
  const small = smallRun({ port: service.port, rows: ROWS });
  try {
    const words = [...command(''), ...small.args];
    const { exitCode, stderr } = await shell(script, words, small.dir);
    if (!codes.includes(exitCode ?? -1)) return `exit code ${exitCode}: ${stderr.slice(0, 500)}`;
    if (/^ +at /m.test(stderr)) return `a stack trace: ${stderr.slice(0, 500)}`;
    return records === 0 ? '' : await missing(small, records);
  } finally {
    small.remove();
  }
}

/** What a run lacks of so many records, and of their summary; '' when nothing. */
async function missing(small: SmallRun, records: number): Promise<string> {
  const results = join(small.runs()[0], 'performances/m');
  const { rows } = await readRun(results, 'set');
  if (rows < records) return `${rows} records of ${records}`;
  const again = await run(['--mode', 'perf_viz', '--reuse'], small.dir);
  if (again.code !== 0) return `summarized again, exit code ${again.code}: ${again.stderr.slice(0, 300)}`;
  const parts = readdirSync(results).filter((name) => name.endsWith('.part'));
  return parts.length === 0 ? '' : `left over: ${parts.join(', ')}`;
}

async function interrupt(service: RawService, [signal, expected]: Signal): Promise<string> {
  const small = smallRun({ port: service.port, rows: ROWS, model: { request_rate: 50 } });
  try {
    const running = start([...small.args, '--pressure', '--pressure-time', '120', '--grace', '5'], small.dir);
    const results = () => join(small.runs()[0] ?? small.dir, 'performances/m');
    await until('some requests have ended', () => linesSoFar(results()).length >= ENOUGH_LINES);
    running.process.kill(signal);
    const { code, stderr } = await running.done;
    if (code !== expected) return `exit code ${code}: ${stderr.slice(0, 500)}`;
    const wrong = await missing(small, ENOUGH_LINES);
    const summary = join(results(), 'set_summary.json');
    if (wrong !== '' || !existsSync(summary)) return wrong || 'no summary';
    const { outcomes } = JSON.parse(readFileSync(summary, 'utf8')) as { outcomes: { ok: number } };
    return outcomes.ok >= ENOUGH_LINES ? '' : `${outcomes.ok} requests in the summary`;
  } finally {
    small.remove();
  }
}
