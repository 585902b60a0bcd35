import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOutput, type RecordBatch } from '../../src/core/records.ts';
import type { SimTruth, TruthRequest } from '../../src/sim/truth.ts';
import { readRun } from '../../src/store/store.ts';
import {
  addConfig,
  editModel,
  run,
  type SimProcess,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';

const REQUESTS = 600;
const MEDIAN_LIMIT_MS = 0.5;
const P99_LIMIT_MS = 3;
const ATTEMPTS = 5;
/** A quiet machine fires the service's step timer 0.1 to 0.2 ms late on average. */
const QUIET_MEAN_LATE_MS = 0.3;

const MIXED_LENGTHS = `
import { defineDatasets } from 'ais-bench';
export const synthetic_datasets = defineDatasets([
  {
    abbr: 'mixed',
    type: 'synthetic',
    Type: 'string',
    RequestCount: ${REQUESTS},
    StringConfig: {
      Input: { Method: 'uniform', Params: { MinValue: 20, MaxValue: 400 } },
      Output: { Method: 'uniform', Params: { MinValue: 2, MaxValue: 120 } },
    },
  },
]);
`;

interface Measured {
  ttft: number;
  e2el: number;
  gaps: number[];
  outTokens: number;
}

/** The client's view of each response, by the id that the service gave it. */
async function measured(folder: string, abbr: string): Promise<Map<string, Measured>> {
  const byId = new Map<string, Measured>();
  const recorded = await readRun(folder, abbr);
  for (const batch of recorded.batches()) {
    for (const note of batch.notes)
      if (note.responseId) byId.set(note.responseId, measureRow(batch, note.row));
  }
  return byId;
}

function measureRow(batch: RecordBatch, row: number): Measured {
  const tokens: number[] = [];
  let us = 0;
  for (let i = batch.eventStart[row]; i < batch.eventStart[row + 1]; i++) {
    us += batch.eventGapUs[i];
    if (isOutput(batch.eventKind[i])) tokens.push(us / 1000);
  }
  return {
    ttft: tokens[0],
    e2el: tokens.at(-1)!,
    gaps: tokens.slice(1).map((t, i) => t - tokens[i]),
    outTokens: batch.outTokens[row],
  };
}

function errors(truth: TruthRequest[], client: Map<string, Measured>) {
  const found = { ttft: [] as number[], e2el: [] as number[], gaps: [] as number[] };
  for (const t of truth) {
    const m = client.get(t.id)!;
    const tokens = t.tokenNs.map((ns) => (ns - t.arrivalNs) / 1e6);
    found.ttft.push(Math.abs(m.ttft - tokens[0]));
    found.e2el.push(Math.abs(m.e2el - tokens.at(-1)!));
    for (const [i, gap] of m.gaps.entries()) found.gaps.push(Math.abs(gap - (tokens[i + 1] - tokens[i])));
  }
  return found;
}

const quantile = (values: number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))];

interface Attempt {
  truth: SimTruth;
  client: Map<string, Measured>;
}

/** One run, and both sides' records of it. */
async function attempt(sim: SimProcess, ws: Workspace): Promise<Attempt> {
  await fetch(new URL('truth/reset', sim.url), { method: 'POST' });
  const r = await run(
    '--models vllm_api_stream_chat --datasets mixed --summarizer stable_stage --mode perf --num-warmups 0',
    ws.dir,
  );
  expect(r.code, r.stdout + r.stderr).toBe(0);
  const client = await measured(join(ws.lastRun(), 'performances/vllm-api-stream-chat'), 'mixed');
  return { truth: await sim.truth(), client };
}

describe('accuracy against the service’s own record', () => {
  let sim: SimProcess;
  let ws: Workspace;
  let quietest: Attempt;

  // Other work on the machine delays both sides. The service knows how late its own timer fired: that,
  // and never the result, decides which run counts.
  beforeAll(async () => {
    sim = await startSim();
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 50 });
    addConfig(ws, 'datasets/mixed.ts', MIXED_LENGTHS);
    quietest = await attempt(sim, ws);
    for (let i = 1; i < ATTEMPTS && quietest.truth.engine.meanLateMs > QUIET_MEAN_LATE_MS; i++) {
      const next = await attempt(sim, ws);
      if (next.truth.engine.meanLateMs < quietest.truth.engine.meanLateMs) quietest = next;
    }
  }, 300_000);
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('knows every request, with its exact token counts', () => {
    const { client, truth } = quietest;
    expect(truth.requests.length).toBe(REQUESTS);
    expect(client.size).toBe(REQUESTS);
    for (const t of truth.requests) {
      expect(client.get(t.id)?.outTokens).toBe(t.outputTokens);
      expect(client.get(t.id)?.gaps.length).toBe(t.outputTokens - 1);
    }
  });

  it('measures TTFT, E2EL and every gap as they happened', () => {
    const found = errors(quietest.truth.requests, quietest.client);
    const report = Object.fromEntries(
      Object.entries(found).map(([name, e]) => [
        name,
        { median: quantile(e, 0.5), p99: quantile(e, 0.99), n: e.length },
      ]),
    );
    console.log(
      'error in ms against the service:',
      JSON.stringify({ report, engine: quietest.truth.engine }),
    );
    for (const { median, p99 } of Object.values(report)) {
      expect(median).toBeLessThan(MEDIAN_LIMIT_MS);
      expect(p99).toBeLessThan(P99_LIMIT_MS);
    }
  });
});
