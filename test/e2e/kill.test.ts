import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { readRun } from '../../src/store/store.ts';
import {
  editModel,
  linesSoFar,
  run,
  type SimProcess,
  start,
  startSim,
  until,
  type Workspace,
  workspace,
} from './harness.ts';

const KILLS = 10;
const COMMAND =
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer default_perf';

describe('a run that is killed', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 10 });
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 20, max_out_len: 64 });
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });
  const results = () => join(ws.lastRun(), 'performances/vllm-api-stream-chat');

  /** Kills a run after so many requests; how many are recorded, and ms from the newest of them to the newest that was answered. */
  async function killAfter(requests: number): Promise<{ rows: number; lostMs: number }> {
    await fetch(new URL('truth/reset', sim.url), { method: 'POST' });
    const runs = ws.runs().length;
    const killed = start(`${COMMAND} --mode perf --pressure --pressure-time 600`, ws.dir);
    await until('the run has a folder', () => ws.runs().length > runs);
    await until(`${requests} requests have ended`, () => linesSoFar(results()).length >= requests);
    killed.process.kill('SIGKILL');
    await killed.done;
    const recorded = await readRun(results(), 'demo_gsm8k');
    expect(recorded.end).toBeNull();
    const answered = (await sim.truth()).requests.filter(({ outcome }) => outcome === 'ok');
    const endedMs = new Map(answered.map(({ id, endNs }) => [id, endNs! / 1e6]));
    const batches = [...recorded.batches()];
    const kept = batches.flatMap(({ notes }) => notes.map(({ responseId }) => endedMs.get(responseId ?? '')));
    // Only what was answered can be recorded, each once.
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    expect(kept.filter((ms) => ms !== undefined)).toHaveLength(rows);
    return { rows, lostMs: Math.max(...endedMs.values()) - Math.max(...kept.map(Number)) };
  }

  it(`keeps all but the last second, ${KILLS} times after a random number of requests`, async () => {
    const random = seededRandom(7, 'kill');
    const lost: number[] = [];
    for (let i = 0; i < KILLS; i++) {
      const { rows, lostMs } = await killAfter(random.int(1, 300));
      expect(rows, `kill ${i}`).toBeGreaterThan(0);
      lost.push(lostMs);
      if (i % 5 > 0) continue;
      const viz = await run(`${COMMAND} --mode perf_viz --reuse`, ws.dir);
      expect(viz.code, viz.stdout + viz.stderr).toBe(0);
      expect(viz.stdout).toMatch(new RegExp(`│ Total Requests +│ total +│ ${rows} `));
    }
    // The middle one: a machine that stalls may keep a client from its disk for longer.
    expect(lost.sort((a, b) => a - b)[KILLS / 2]).toBeLessThan(1000);
  });
});
