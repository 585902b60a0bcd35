/** Steady throughput on the real clock, held against the service's own count of tokens in the same window. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTCOME } from '../../src/core/records.ts';
import type { TruthRequest } from '../../src/sim/truth.ts';
import { readRun } from '../../src/store/store.ts';
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

const COMMAND = '--models vllm_api_stream_chat --datasets even --mode perf';
const SLOTS = 16;
/** Of the middle one of three runs: a machine that stalls for 50 ms at an edge of the window moves one by a per cent. */
const LIMIT = 0.01;
const RUNS = 3;
const REQUESTS = 480;

interface SummaryFile {
  steady: {
    window: { start_s: number; end_s: number } | null;
    no_window: string | null;
    rates: Record<string, { value: number }>;
  };
}

/** ms between the run's start and the service's time 0: the smallest delay from sending to arrival is none. */
async function serviceStartMs(folder: string, truth: TruthRequest[]): Promise<number> {
  const arrivals = new Map(truth.map(({ id, arrivalNs }) => [id, arrivalNs / 1e6]));
  let least = Number.POSITIVE_INFINITY;
  const recorded = await readRun(folder, 'even');
  for (const batch of recorded.batches()) {
    for (const { row, responseId } of batch.notes) {
      const arrival = responseId === undefined ? undefined : arrivals.get(responseId);
      if (arrival === undefined || batch.outcome[row] !== OUTCOME.ok) continue;
      least = Math.min(least, arrival - batch.sent[row]);
    }
  }
  return least;
}

/** Tokens per second, by the client's summary and by the service, in the client's window. */
async function bothSides(sim: SimProcess, ws: Workspace): Promise<{ client: number; service: number }> {
  const folder = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
  const { steady } = readJson<SummaryFile>(join(folder, 'even_summary.json'));
  if (!steady.window) throw new Error(`no window: ${steady.no_window}`);
  const { requests } = await sim.truth();
  const startMs = await serviceStartMs(folder, requests);
  const fromNs = (startMs + steady.window.start_s * 1000) * 1e6;
  const toNs = (startMs + steady.window.end_s * 1000) * 1e6;
  let tokens = 0;
  for (const { tokenNs } of requests) for (const ns of tokenNs) if (ns > fromNs && ns <= toNs) tokens++;
  const service = tokens / ((toNs - fromNs) / 1e9);
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
    const offs: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      await fetch(new URL('truth/reset', sim.url), { method: 'POST' });
      const r = await run(`${COMMAND} ${flags}`, ws.dir);
      expect(r.code, r.stdout + r.stderr).toBe(0);
      const { client, service } = await bothSides(sim, ws);
      const off = client / service - 1;
      console.log(
        `${shape}: ${client.toFixed(2)} and ${service.toFixed(2)} tokens/s, ${(100 * off).toFixed(3)} %`,
      );
      offs.push(Math.abs(off));
    }
    expect(offs.sort((a, b) => a - b)[(RUNS - 1) / 2]).toBeLessThan(LIMIT);
  });
});
