import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { readRun } from '../../src/store/store.ts';
import { editModel, run, type SimProcess, start, startSim, type Workspace, workspace } from './harness.ts';

const KILLS = 20;
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

  it(`keeps all but the last second, ${KILLS} times at random moments`, async () => {
    const random = seededRandom(7, 'kill');
    for (let i = 0; i < KILLS; i++) {
      const killed = start(`${COMMAND} --mode perf --pressure --pressure-time 60`, ws.dir);
      const runs = ws.runs().length;
      while (ws.runs().length === runs) await sleep(20);
      await sleep(2000 + random.int(0, 1500));
      const killedAtUnixMs = Date.now();
      killed.process.kill('SIGKILL');
      await killed.done;
      const results = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
      const recorded = await readRun(results, 'demo_gsm8k');
      let rows = 0;
      let lastEndMs = 0;
      for (const b of recorded.batches()) {
        rows += b.rows;
        for (const end of b.end) lastEndMs = Math.max(lastEndMs, end);
      }
      expect(recorded.end).toBeNull();
      // The service finishes hundreds of requests a second, so the newest record tells how much was lost.
      expect(rows, `kill ${i}`).toBeGreaterThan(0);
      const lostMs = killedAtUnixMs - (recorded.info.startedAtUnixMs + lastEndMs);
      expect(lostMs, `kill ${i}`).toBeLessThan(1000);
      if (i % 5 > 0) continue;
      const viz = await run(`${COMMAND} --mode perf_viz --reuse`, ws.dir);
      expect(viz.code, viz.stdout + viz.stderr).toBe(0);
      expect(viz.stdout).toMatch(new RegExp(`│ Total Requests +│ total +│ ${rows} `));
    }
  });
});
