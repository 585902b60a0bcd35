/** Steady throughput on the real clock, held against the service's own count of tokens in the same window. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { serviceView } from './service-view.ts';

const COMMAND = '--models vllm_api_stream_chat --datasets even --mode perf';
const SLOTS = 16;
/** A machine that stalls for 50 ms at an edge of the window moves one run by a per cent, or leaves it without a window. */
const LIMIT = 0.01;
const RUNS = 6;
/** So many must be within the limit. */
const NEAR = 2;
const REQUESTS = 480;

interface SummaryFile {
  steady: {
    window: { start_s: number; end_s: number } | null;
    no_window: string | null;
    rates: Record<string, { value: number }>;
  };
}

/** Tokens per second, by the client's summary and by the service, in the client's window. */
async function bothSides(
  sim: SimProcess,
  ws: Workspace,
): Promise<{ client: number; service: number } | null> {
  const folder = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
  const { steady } = readJson<SummaryFile>(join(folder, 'even_summary.json'));
  if (!steady.window) console.log(`no window: ${steady.no_window}`);
  if (!steady.window) return null;
  const view = await serviceView(folder, 'even', (await sim.truth()).requests);
  const service = view.tokensPerS(steady.window);
  return { client: steady.rates['Output Token Throughput'].value, service };
}

describe('steady output throughput against the service’s own count', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 5 });
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port });
    const lengths = {
      Input: { Method: 'uniform', Params: { MinValue: 20, MaxValue: 100 } },
      Output: { Method: 'uniform', Params: { MinValue: 20, MaxValue: 60 } },
    };
    addConfig(ws, 'datasets/even.ts', syntheticStrings('even', REQUESTS, lengths));
  });
  afterAll(async () => {
    await sim?.stop();
    ws?.remove();
  });

  const shapes = [
    {
      shape: 'closed',
      model: { request_rate: 0, batch_size: SLOTS, burstiness: 0 },
      flags: '--summarizer stable_stage',
    },
    {
      shape: 'pressure',
      model: { request_rate: 0, batch_size: SLOTS, burstiness: 0 },
      flags: '--summarizer stable_stage --pressure --pressure-time 5',
    },
    { shape: 'Poisson', model: { request_rate: 80, batch_size: REQUESTS, burstiness: 1 }, flags: '' },
  ];
  it.for(shapes)('$shape', async ({ shape, model, flags }) => {
    editModel(ws, 'vllm_api_stream_chat', model);
    let near = 0;
    for (let i = 0; i < RUNS && near < NEAR; i++) {
      await fetch(new URL('truth/reset', sim.url), { method: 'POST' });
      const r = await run(`${COMMAND} ${flags}`, ws.dir);
      expect(r.code, r.stdout + r.stderr).toBe(0);
      const sides = await bothSides(sim, ws);
      if (!sides) continue;
      const off = sides.client / sides.service - 1;
      console.log(
        `${shape}: ${sides.client.toFixed(2)} and ${sides.service.toFixed(2)} tokens/s, ${(100 * off).toFixed(3)} %`,
      );
      if (Math.abs(off) < LIMIT) near++;
    }
    expect(near, `of ${RUNS} runs within ${100 * LIMIT} %`).toBe(NEAR);
  });
});
