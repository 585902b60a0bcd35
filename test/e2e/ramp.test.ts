/** How the slots of a run are filled: what `--ramp` does to the service's own level and to what is recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TruthRequest } from '../../src/sim/truth.ts';
import { readRun } from '../../src/store/store.ts';
import {
  addConfig,
  bestOf,
  editModel,
  readJson,
  run,
  type SimProcess,
  startSim,
  syntheticStrings,
  untrue,
  type Workspace,
  workspace,
} from './harness.ts';

const MODEL = 'vllm_api_stream_chat';
const SLOTS = 8;
const REQUESTS = 32;
const TOKENS = 30;

interface SummaryFile {
  run: {
    issued: number;
    warmup: { total: number; ok: number; filled_over_s: number | null; fillers: number | null };
  };
}

interface Found {
  /** In the order in which they reached the service. */
  served: TruthRequest[];
  /** Ids that the service gave to what the client recorded. */
  recorded: Set<string>;
  indices: number[];
  dueMs: number[];
  summary: SummaryFile['run'];
  stdout: string;
}

describe('a ramp of slots', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 0.7 });
    ws = workspace();
    editModel(ws, MODEL, { host_port: sim.port, batch_size: SLOTS, max_out_len: TOKENS });
    const even = (tokens: number) => ({ Method: 'uniform', Params: { MinValue: tokens, MaxValue: tokens } });
    const lengths = { Input: even(20), Output: even(TOKENS) };
    addConfig(ws, 'datasets/even.ts', syntheticStrings('even', REQUESTS, lengths));
  });
  afterAll(async () => {
    await sim?.stop();
    ws?.remove();
  });

  async function send(flags: string): Promise<Found> {
    await fetch(new URL('truth/reset', sim.url), { method: 'POST' });
    const r = await run(`--models ${MODEL} --datasets even --mode perf ${flags}`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const folder = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
    const lines = readFileSync(join(folder, 'even_details.jsonl'), 'utf8').trimEnd().split('\n');
    const details = lines.map((line) => JSON.parse(line) as { index: number; due_ms: number });
    const batches = [...(await readRun(folder, 'even')).batches()];
    return {
      served: (await sim.truth()).requests.sort((a, b) => a.arrivalNs - b.arrivalNs),
      recorded: new Set(batches.flatMap((batch) => batch.notes.flatMap((note) => note.responseId ?? []))),
      indices: details.map(({ index }) => index).sort((a, b) => a - b),
      dueMs: details.map((row) => row.due_ms).sort((a, b) => a - b),
      summary: readJson<SummaryFile>(join(folder, 'even_summary.json')).run,
      stdout: r.stdout,
    };
  }

  /** Every request that the service saw is a warm-up, a filler or a record. */
  function accounted({
    served,
    recorded,
    summary,
  }: Found): Record<'warmups' | 'fillers' | 'measured', TruthRequest[]> {
    const { total, fillers } = summary.warmup;
    const unrecorded = served.filter(({ id }) => !recorded.has(id));
    const measured = served.filter(({ id }) => recorded.has(id));
    expect(measured).toHaveLength(recorded.size);
    expect(unrecorded).toHaveLength(total + (fillers ?? 0));
    return { warmups: unrecorded.slice(0, total), fillers: unrecorded.slice(total), measured };
  }

  /** Of the first request of `list`, the share that the service had answered when the one for the last slot came. */
  const progress = (list: readonly TruthRequest[]) =>
    list[0].tokenNs.filter((ns) => ns < list[SLOTS - 1].arrivalNs).length / TOKENS;

  /** Requests in the service when the last of its slots was filled, and after each coming and going until the last one came. */
  function levels(served: readonly TruthRequest[]): number[] {
    const steps = served
      .flatMap(({ arrivalNs, endNs }) => [
        { ns: arrivalNs, by: 1 },
        { ns: endNs!, by: -1 },
      ])
      .sort((a, b) => a.ns - b.ns);
    const lastNs = served[served.length - 1].arrivalNs;
    let level = 0;
    return steps
      .filter(({ ns }) => ns <= lastNs)
      .map(({ by }) => (level += by))
      .slice(SLOTS - 1);
  }

  const everyIndex = Array.from({ length: REQUESTS }, (_, i) => i);

  it.each([1, 2])(
    'hands a full service over to the run, slot by slot, with %i worker(s)',
    async (workers) => {
      await bestOf(3, async () => {
        const found = await send(`--ramp staggered --workers ${workers}`);
        const { warmups, fillers, measured } = accounted(found);
        expect(found.indices).toEqual(everyIndex);
        expect(found.summary.issued).toBe(REQUESTS);
        expect(warmups).toHaveLength(SLOTS);
        expect(found.summary.warmup).toMatchObject({ ok: SLOTS, filled_over_s: expect.any(Number) });
        expect(fillers.length).toBeGreaterThanOrEqual(SLOTS);
        const held = levels([...fillers, ...measured]);
        expect(Math.max(...held)).toBe(SLOTS);
        return untrue({
          // So that their time is the one under load; two threads do not start in one instant.
          'one warm-up a slot, all at once': workers > 1 || progress(warmups) < 0.5,
          'the slots are filled one after the other': progress(fillers) > 0.5,
          'they go over to the run one after the other': progress(measured) > 0.5,
          'the service is never empty': Math.min(...held) > 0,
          'it is full but for one slot': held.filter((n) => n >= SLOTS - 1).length > 0.9 * held.length,
        });
      });
    },
  );

  it('does so before a stress test', async () => {
    await bestOf(3, async () => {
      const found = await send('--ramp staggered --pressure --pressure-time 2 --workers 2 --hold 0');
      const { fillers, measured } = accounted(found);
      expect(fillers.length).toBeGreaterThanOrEqual(SLOTS);
      expect(measured).toHaveLength(found.summary.issued);
      expect(Math.min(...found.dueMs)).toBeGreaterThanOrEqual(0);
      const least = Math.min(...levels([...fillers, ...measured]));
      return untrue({ 'the service is never empty': least > 0 });
    });
  });

  it.each([1, 2])(
    'opens the slots over the given time, within the run, with %i worker(s)',
    async (workers) => {
      // Two thirds of what an answer takes.
      const overMs = 1000;
      await bestOf(3, async () => {
        const found = await send(`--ramp staggered:${overMs / 1000} --workers ${workers}`);
        const { warmups, fillers, measured } = accounted(found);
        expect([warmups.length, fillers.length]).toEqual([1, 0]);
        expect(found.indices).toEqual(everyIndex);
        expect(found.summary.warmup).toMatchObject({ filled_over_s: null, fillers: null });
        for (let slot = 0; slot < SLOTS; slot++) expect(found.dueMs).toContain((slot / SLOTS) * overMs);
        return untrue({ 'the slots open one after the other': progress(measured) > 0.5 });
      });
    },
  );

  it('says what a plan will do', async () => {
    const plan = await run(
      `--models ${MODEL} --datasets even --mode perf --ramp staggered --dry-run`,
      ws.dir,
    );
    expect(plan.stdout).toContain(`${SLOTS} slots filled one after the other before the run`);
    expect(plan.stdout).toMatch(new RegExp(`Warm-up requests +│ ${SLOTS} `));
  });
});
