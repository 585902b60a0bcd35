/** `--spec-decode` against the simulated service, which knows every draft of every request. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TruthRequest } from '../../src/sim/truth.ts';
import {
  addConfig,
  editModel,
  readJson,
  run,
  type SimProcess,
  startSim,
  syntheticStrings,
  type Workspace,
  workspace,
} from './harness.ts';

const TINY = syntheticStrings('tiny', 20, {
  Input: { Method: 'uniform', Params: { MinValue: 5, MaxValue: 20 } },
  Output: { Method: 'uniform', Params: { MinValue: 20, MaxValue: 60 } },
});
const MODEL = 'vllm_api_stream_chat';
const COMMAND = `--models ${MODEL} --datasets tiny --summarizer default_perf --mode perf --spec-decode`;
/** More than ten, so that the order of texts and of numbers differ. */
const DRAFT_TOKENS = 12;

interface SpecDecodeFile {
  status: string;
  url: string;
  error: string | null;
  data: Record<string, unknown> | null;
  raw: Record<'before' | 'after', Record<string, unknown> | null>;
  measured: unknown[];
}

/** What the file must hold when just these requests were measured. */
function figuresOf(requests: TruthRequest[]): Record<string, unknown> {
  const all = requests.map((r) => r.speculation!);
  const drafts = all.reduce((sum, s) => sum + s.drafts, 0);
  const acceptedAt = Array.from({ length: DRAFT_TOKENS }, (_, at) =>
    all.reduce((sum, s) => sum + s.acceptedAt[at], 0),
  );
  const accepted = acceptedAt.reduce((sum, n) => sum + n, 0);
  return {
    num_drafts: drafts,
    draft_tokens: drafts * DRAFT_TOKENS,
    accepted_tokens: accepted,
    acceptance_rate: (accepted / (drafts * DRAFT_TOKENS)) * 100,
    acceptance_length: 1 + accepted / drafts,
    per_position_acceptance_rates: Object.fromEntries(acceptedAt.map((n, at) => [at, n / drafts])),
  };
}

describe('--spec-decode', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 20, speculation: { draftTokens: DRAFT_TOKENS, acceptance: 0.8 } });
    ws = workspace();
    addConfig(ws, 'datasets/tiny.ts', TINY);
    editModel(ws, MODEL, { abbr: "'it'", url: `'127.0.0.1:${sim.port}'`, host_port: 1 });
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });
  const fileOf = (port: number) =>
    readJson<SpecDecodeFile>(join(ws.lastRun(), `performances/spec_decode_127.0.0.1_${port}.json`));

  it('counts exactly the drafts of the measured requests: no warm-up, no earlier run', async () => {
    expect((await run(COMMAND, ws.dir)).code).toBe(0);
    const from = (await sim.truth()).requests.length;
    const r = await run(`${COMMAND} --num-warmups 3`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const truth = (await sim.truth()).requests.slice(from);
    expect(truth).toHaveLength(23);
    const measured = figuresOf(truth.slice(3));
    expect(measured).not.toEqual(figuresOf(truth));
    const file = fileOf(sim.port);
    expect(file).toMatchObject({ status: 'ok', url: `${sim.url}metrics`, error: null, data: measured });
    expect(file.raw.before).toHaveProperty('num_accepted_tokens_per_pos');
    const order = Array.from({ length: DRAFT_TOKENS }, (_, at) => `${at}: \\d\\.\\d{4}`).join(', ');
    expect(r.stdout).toMatch(new RegExp(`Per-position acceptance rates +│ \\{${order}\\}`));
    expect(r.stdout).toContain(`Speculative Decoding Metrics [127.0.0.1:${sim.port}]`);
    const rate = (measured.acceptance_rate as number).toFixed(2);
    expect(r.stdout).toMatch(new RegExp(`Acceptance rate \\(%\\) +│ ${rate} `));
    const tableOf = (text: string) =>
      /[^\n]*\n[^\n]*Speculative Decoding Metrics[\s\S]*?╛/.exec(text)?.[0] ?? 'none';
    const again = await run('--mode perf_viz --reuse', ws.dir);
    expect(tableOf(again.stdout)).toBe(tableOf(r.stdout));
    expect(tableOf(r.stdout)).toContain('Draft tokens');
  });

  it('adds up the tasks of one service', async () => {
    addConfig(ws, 'datasets/more.ts', TINY.replace('"tiny"', '"more"'));
    const from = (await sim.truth()).requests.length;
    const r = await run(`${COMMAND.replace('tiny', 'tiny more')} --no-merge-ds`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const truth = (await sim.truth()).requests.slice(from);
    // One warm-up request before each of the two tasks.
    expect(fileOf(sim.port).data).toEqual(figuresOf([...truth.slice(1, 21), ...truth.slice(22)]));
    expect(fileOf(sim.port).measured).toHaveLength(2);
  });

  it('without such metrics says so in one line, and the run goes on', async () => {
    const plain = await startSim({ speed: 20 });
    editModel(ws, MODEL, { url: `'127.0.0.1:${plain.port}'` });
    const r = await run(COMMAND, ws.dir);
    await plain.stop();
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const said = r.stderr.split('\n').filter((line) => line.includes('spec-decode'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(
      `nothing to report for http://127.0.0.1:${plain.port}/metrics: it reports no metrics of speculative decoding`,
    );
    expect(fileOf(plain.port)).toMatchObject({ status: 'na', data: null });
    expect(existsSync(join(ws.lastRun(), 'performances/it/tiny_summary.json'))).toBe(true);
    const again = await run('--mode perf_viz --reuse --spec-decode', ws.dir);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('--spec-decode has no effect when nothing is sent');
    expect(readdirSync(join(ws.lastRun(), 'performances')).sort()).toEqual([
      'it',
      `spec_decode_127.0.0.1_${plain.port}.json`,
    ]);
  });
});
