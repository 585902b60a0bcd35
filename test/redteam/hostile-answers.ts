/** Answers that no service should give. A run gets many of them beside ordinary ones, which must stay what they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/core/random.ts';
import { type Running, start } from '../e2e/harness.ts';
import { eventAnswers, fineAnswer } from './answers-events.ts';
import { httpAnswers } from './answers-http.ts';
import { FORGED_LINE, FORGED_TAG, textAnswers } from './answers-texts.ts';
import { type Area, type Findings, partOf } from './area.ts';
import { type SmallRun, smallRun } from './small-run.ts';
import { type HostileAnswer, KEY, PART_OF_KEY, startRawService } from './wire.ts';

const IN_ONE_RUN = 24;
/** A shape that was learned from the first is met by the second. */
const TIMES_EACH = 2;
/** What answers without end are waited for; ordinary ones have time enough on a machine that has much else to do. */
const REQUEST_TIMEOUT_S = 20;
/** A run that takes longer hangs. */
const MAX_RUN_MS = 180_000;
/** Beside what a run needs anyway, the bodies of those that are read at the same time. */
const MAX_MEMORY_MB = 900;

const answers: readonly HostileAnswer[] = [...httpAnswers, ...eventAnswers, ...textAnswers];

export const hostileAnswers: Area = {
  name: 'hostile answers',
  about:
    'answers wrong as HTTP, as events, as JSON or as text, beside ordinary ones: the run ends by itself, each is recorded as what it was, the ordinary ones are untouched, memory is bounded, no escape, forged line or key is shown or kept',
  async run({ share, seed }) {
    const random = seededRandom(seed, 'hostile answers');
    const chosen = partOf(answers, share)
      .map((answer) => ({ answer, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ answer }) => answer);
    const findings: Findings = { tried: chosen.length, survived: 0, failures: [] };
    for (let at = 0; at < chosen.length; at += IN_ONE_RUN) {
      findings.failures.push(...(await tryTogether(chosen.slice(at, at + IN_ONE_RUN))));
    }
    findings.survived = findings.tried - new Set(findings.failures.map((text) => text.split(': ')[0])).size;
    return findings;
  },
};

/** A fault of a whole run is looked for in each half of its answers. */
async function tryTogether(group: readonly HostileAnswer[]): Promise<string[]> {
  const { whole, single } = await oneRun(group);
  if (whole === '') return single;
  if (group.length === 1) return [`${group[0].name}: ${whole}`];
  const middle = Math.ceil(group.length / 2);
  const halves = [
    ...(await tryTogether(group.slice(0, middle))),
    ...(await tryTogether(group.slice(middle))),
  ];
  return halves.length > 0 ? halves : [`${group[0].name}: only together with others: ${whole}`];
}

interface Outcome {
  /** What is wrong with the run; '' when nothing is. */
  whole: string;
  /** What is wrong with one answer each. */
  single: string[];
}

async function oneRun(group: readonly HostileAnswer[]): Promise<Outcome> {
  const rows = Array.from({ length: TIMES_EACH }, () =>
    group.flatMap((answer) => [answer, fineAnswer]),
  ).flat();
  const service = await startRawService((socket, body) => {
    const row = Number(/row (\d+)\./.exec(body)?.[1]);
    rows[row].send(socket);
  });
  const small = smallRun({ port: service.port, rows: rows.length, model: { api_key: KEY, batch_size: 16 } });
  try {
    const running = start(small.args, small.dir, { REQUEST_TIME_OUT: String(REQUEST_TIMEOUT_S) });
    const { hung, memoryMb } = await watch(running);
    const { code, stdout, stderr } = await running.done;
    if (hung) return { whole: 'the run did not end by itself', single: [] };
    if (code !== 0) return { whole: `exit code ${code}: ${stderr.slice(0, 2_000)}`, single: [] };
    if (memoryMb > MAX_MEMORY_MB) return { whole: `${memoryMb} MB of memory`, single: [] };
    const seen = harmIn('the screen', stdout + stderr) || harmInFiles(join(small.dir, 'outputs'));
    return seen === '' ? { whole: '', single: wrongRecords(small, rows) } : { whole: seen, single: [] };
  } finally {
    await service.stop();
    small.remove();
  }
}

/** Kills a run that takes too long; the most memory that it had. */
async function watch(running: Running): Promise<{ hung: boolean; memoryMb: number }> {
  const child = running.process;
  const until = Date.now() + MAX_RUN_MS;
  let memoryMb = 0;
  while (child.exitCode === null && child.signalCode === null) {
    memoryMb = Math.max(memoryMb, peakMb(child.pid!));
    if (Date.now() > until) {
      child.kill('SIGKILL');
      return { hung: true, memoryMb };
    }
    await sleep(100);
  }
  return { hung: false, memoryMb };
}

/** 0 where the system does not tell. */
function peakMb(pid: number): number {
  try {
    const [, kb = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kb) / 1024);
  } catch {
    return 0;
  }
}

/** Names what would do harm in a text that is shown. */
function harmIn(where: string, text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/.exec(text);
  if (control)
    return `${where} has ${JSON.stringify(text.slice(Math.max(0, control.index - 40), control.index + 40))}`;
  if (/[\u202a-\u202e\u2066-\u2069]/.test(text)) return `${where} has a mark of direction`;
  return text.includes(`\n${FORGED_LINE}`) ? `${where} has a forged line` : keyIn(where, text);
}

const keyIn = (where: string, text: string) => (text.includes(PART_OF_KEY) ? `${where} has the key` : '');

function harmInFiles(folder: string): string {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    const found = harmInFile(entry.name, bytes.toString('latin1'));
    if (found !== '') return found;
  }
  return '';
}

function harmInFile(name: string, text: string): string {
  if (name.endsWith('.h5')) return keyIn(name, text);
  if (text.includes('\x1b')) return `${name} has an escape`;
  if (text.includes(`\n${FORGED_LINE}`)) return `${name} has a forged line`;
  if (name.endsWith('.html') && text.includes(FORGED_TAG)) return `${name} has a script of the service`;
  return keyIn(name, text);
}

function wrongRecords(small: SmallRun, rows: readonly HostileAnswer[]): string[] {
  const file = join(small.runs()[0], 'performances/m/set_details.jsonl');
  const records = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { index: number; outcome: HostileAnswer['outcomes'][number] });
  const wrong = rows.flatMap(({ name, outcomes }, row) => {
    const found = records.filter(({ index }) => index === row).map(({ outcome }) => outcome);
    const isRight = found.length === 1 && outcomes.includes(found[0]);
    return isRight
      ? []
      : [`${name}: recorded as ${found.join(', ') || 'nothing'}, not ${outcomes.join(' or ')}`];
  });
  return [...new Set(wrong)];
}
