/** Whatever a service does and however a run is shaped and ended: every request is accounted for, once, in every file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEnd, RunInfo } from '../../src/core/run.ts';
import { type RunningSim, startSim } from '../../src/sim/server.ts';
import type { TruthRequest } from '../../src/sim/truth.ts';
import { detailsOf } from '../../src/store/details-jsonl.ts';
import { readRun, type StoredRun } from '../../src/store/store.ts';
import {
  type Finished,
  linesSoFar,
  readJson,
  run,
  start,
  until,
  type Workspace,
  workspace,
} from './harness.ts';
import { drawSetting, type Setting, writeSetting } from './random-settings.ts';

const SETTINGS = 40;
/** Another one tries other settings. */
const SEED = Number(process.env.AIS_BENCH_ACCOUNTING_SEED ?? 20_261_127);
const AT_A_TIME = 4;
/** A minute and a half on a quiet machine; on a busy one many times as long. */
const HOOK_MS = 1_800_000;
/** A run that is ended from outside has collected this much. */
const ENOUGH_LINES = 20;
const RETRIED_STATUS = [429, 502, 503, 504];

interface Details {
  index: number;
  turn_id: number;
  attempt: number;
  outcome: string;
  status: number;
  success: boolean;
  error_info: string;
  response_id: string | null;
  held?: true;
}

interface Accounts {
  setting: Setting;
  finished: Finished;
  details: Details[];
  summary: { outcomes: Record<string, number>; common: Record<string, { value: number }> };
  json: Record<string, Record<string, string | number>>;
  csv: string;
  info: RunInfo;
  end: RunEnd | null;
  /** Rows in the journal of a killed run, before anything else read it. */
  journalRows: number | null;
  truth: TruthRequest[];
}

async function account(setting: Setting): Promise<Accounts> {
  const sim = await startSim({ speed: 40, wordTokens: true, faults: setting.faults });
  const ws = workspace();
  try {
    const args = writeSetting(setting, ws.dir, sim.port);
    const finished = await runToItsEnd(setting, args, ws);
    const results = join(ws.lastRun(), 'performances/m');
    let journalRows: number | null = null;
    if (setting.ending === 'SIGKILL') {
      journalRows = (await readRun(results, 'set')).rows;
      const again = await run([...args, '--mode', 'perf_viz', '--reuse'], ws.dir);
      expect([0, 1], setting.name + again.stderr).toContain(again.code);
    }
    return { setting, finished, journalRows, ...(await readAccounts(results, sim, finished, setting)) };
  } finally {
    await sim.stop();
    ws.remove();
  }
}

async function runToItsEnd({ ending, name }: Setting, args: string[], ws: Workspace): Promise<Finished> {
  const running = start(args, ws.dir);
  if (ending === 'by itself' || ending === 'error rate') return running.done;
  const results = () => join(ws.lastRun(), 'performances/m');
  await until(
    `${ENOUGH_LINES} requests have ended: ${name}`,
    () => linesSoFar(results()).length >= ENOUGH_LINES || running.process.exitCode !== null,
  );
  running.process.kill(ending);
  return running.done;
}

async function readAccounts(results: string, sim: RunningSim, { stderr }: Finished, { name }: Setting) {
  try {
    const stored = await readRun(results, 'set');
    const file = join(results, 'set_details.jsonl');
    const { info, end } = stored;
    return {
      details: existsSync(file) ? readLines(file) : linesOf(stored),
      summary: readJson<Accounts['summary']>(join(results, 'set_summary.json')),
      json: readJson<Accounts['json']>(join(results, 'set.json')),
      csv: readFileSync(join(results, 'set.csv'), 'utf8'),
      info,
      end,
      truth: sim.truth().requests,
    };
  } catch (error) {
    throw new Error(`${name}\n${stderr}\n${(error as Error).message}`);
  }
}

function readLines(file: string): Details[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Details);
}

/** A killed run has no such file: what would stand in it. */
function linesOf(stored: StoredRun): Details[] {
  return [...stored.batches()].flatMap((batch) => {
    const notes = new Map(batch.notes.map((note) => [note.row, note]));
    return Array.from({ length: batch.rows }, (_, row) => {
      const line = detailsOf(batch, row, notes.get(row), { info: stored.info });
      return line as unknown as Details;
    });
  });
}

/** The attempts of each request, in order; a turn of a conversation is a request of its own. */
function byRequest(details: readonly Details[]): Details[][] {
  const groups = new Map<string, Details[]>();
  for (const one of details) {
    const key = `${one.index}/${one.turn_id}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => a.attempt - b.attempt));
}

function countBy(details: readonly Details[]): Record<string, number> {
  const counts: Record<string, number> = {
    ok: 0,
    http: 0,
    timeout: 0,
    network: 0,
    protocol: 0,
    cancelled: 0,
  };
  for (const { outcome } of details) counts[outcome]++;
  return counts;
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);

/** Requests that had to be sent: those of the plan, without the turns that a failed turn before them took along. */
function planned({ setting, details }: Accounts): number {
  const { shape, ending, rows, turns } = setting;
  const requests = byRequest(details.filter((one) => !one.held));
  if (ending !== 'by itself' || shape === 'pressure') return requests.length;
  const cutShort = requests
    .map((attempts) => attempts.at(-1)!)
    .filter(({ success }) => !success)
    .reduce((lost, { turn_id }) => lost + (turns - 1 - turn_id), 0);
  return rows * turns - cutShort;
}

const all: Accounts[] = [];
/** Why the files of a setting could not be read. */
const unread: string[] = [];
beforeAll(async () => {
  const settings = Array.from({ length: SETTINGS }, (_, number) => drawSetting(SEED, number));
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (let next = settings.shift(); next !== undefined; next = settings.shift()) {
        await account(next).then(
          (accounts) => all.push(accounts),
          (error: Error) => unread.push(error.message),
        );
      }
    }),
  );
}, HOOK_MS);

/** Holds `check` against every setting; the message names the setting. */
function holds(check: (accounts: Accounts) => void): void {
  const failures = all.flatMap((accounts) => {
    try {
      check(accounts);
      return [];
    } catch (error) {
      return [`${accounts.setting.name}\n${(error as Error).message}`];
    }
  });
  expect(failures).toEqual([]);
}

describe(`${SETTINGS} random settings`, () => {
  it('leave their files', () => {
    expect(unread).toEqual([]);
    expect(all).toHaveLength(SETTINGS);
  });

  it('end with the exit code of their ending', () => {
    holds(({ setting, finished, details }) => {
      const hasSuccess = details.some(({ success, held }) => success && !held);
      const codes = {
        SIGINT: 0,
        SIGTERM: 143,
        SIGKILL: null,
        'by itself': hasSuccess ? 0 : 1,
        'error rate': 1,
      };
      expect(finished.code, finished.stdout + finished.stderr).toBe(codes[setting.ending]);
      expect(finished.stderr).not.toMatch(/^ +at /m);
    });
  });

  it('are planned = ok + each failure + cancelled', () => {
    holds((accounts) => {
      const requests = byRequest(accounts.details.filter((one) => !one.held));
      expect(sum(countBy(requests.map((attempts) => attempts.at(-1)!)))).toBe(planned(accounts));
    });
  });

  it('have each attempt once, and another one only after a failure that may be retried', () => {
    holds(({ setting, details }) => {
      for (const attempts of byRequest(details)) {
        expect(attempts.map(({ attempt }) => attempt)).toEqual(attempts.map((_, at) => at));
        expect(attempts.length).toBeLessThanOrEqual(setting.retry + 1);
        for (const { outcome, status } of attempts.slice(0, -1)) {
          expect(outcome === 'network' || RETRIED_STATUS.includes(status), `${outcome} ${status}`).toBe(true);
        }
      }
      expect(details.filter(({ success, error_info }) => success !== (error_info === ''))).toEqual([]);
    });
  });

  it('count the same in the summary, the tables and the details', () => {
    holds(({ details, summary, json, csv }) => {
      const counts = countBy(details.filter((one) => !one.held));
      expect(summary.outcomes).toEqual(counts);
      expect(json['Total Requests']).toEqual({ total: sum(counts) });
      expect(json['Success Requests']).toEqual({ total: counts.ok });
      expect(json['Failed Requests']).toEqual({ total: sum(counts) - counts.ok });
      const [, n = '0'] = /^OutputTokens,total,.*,(\d+)\r?$/m.exec(csv) ?? [];
      expect(Number(n)).toBe(counts.ok);
    });
  });

  it('count the requests that were begun as the run itself does', () => {
    holds(({ details, end }) => {
      if (end === null) return;
      expect(end.issued).toBe(byRequest(details).length);
    });
  });

  it('keep what the journal of a killed run held', () => {
    holds(({ details, journalRows }) => {
      if (journalRows !== null) expect(details).toHaveLength(journalRows);
    });
    expect(all.filter(({ journalRows }) => journalRows !== null).length).toBeGreaterThan(1);
  });

  it('are what the service says it received', () => {
    holds(({ details, truth, info, end }) => {
      const heard = new Map(truth.map((request) => [request.id, request]));
      const ids = details.flatMap(({ response_id }) => response_id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((id) => !heard.has(id))).toEqual([]);
      if (end === null) return;
      const sent = details.length + info.warmup.total + (end.fillers ?? 0) + (end.resent ?? 0);
      // What a connection was lost with may have been read before, or not.
      const isUnsure = ({ outcome }: Details) => outcome === 'network' || outcome === 'cancelled';
      const unsure = details.filter(isUnsure).length + (end.resent ?? 0);
      expect(truth.length).toBeLessThanOrEqual(sent);
      expect(truth.length).toBeGreaterThanOrEqual(sent - unsure);
    });
  });
});
