/** `continuous_usage_stats` against the simulated service, which knows when each token left it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const MODEL = 'vllm_api_stream_chat';
const COMMAND = `--models ${MODEL} --datasets tiny --summarizer default_perf --mode perf`;
const TINY = syntheticStrings('tiny', 40, {
  Input: { Method: 'uniform', Params: { MinValue: 5, MaxValue: 20 } },
  Output: { Method: 'uniform', Params: { MinValue: 20, MaxValue: 60 } },
});
/** One request with one token an event, the next with two, and so on. */
const faults = [1, 2, 3, 4].map((tokens) => ({
  kind: 'tokens-per-event',
  tokens,
  indices: Array.from({ length: 50 }, (_, i) => 4 * i + tokens - 1),
}));

interface Summary {
  notes: string[];
  per_request: { ITL: { Average: number } };
}

/** Tokens in each of the events: those that left the service in one instant. */
function eventSizes({ tokenNs }: TruthRequest): number[] {
  return [...new Set(tokenNs)].map((ns) => tokenNs.filter((other) => other === ns).length);
}

/** Mean time from token to token, in ms: whatever an event brings, its tokens share the gap before it. */
function meanGapMs(requests: readonly TruthRequest[]): number {
  let sumNs = 0;
  let gaps = 0;
  for (const request of requests) {
    const { tokenNs } = request;
    sumNs += tokenNs[tokenNs.length - 1] - tokenNs[0];
    gaps += tokenNs.length - eventSizes(request)[0];
  }
  return sumNs / gaps / 1e6;
}

describe('continuous_usage_stats', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ faults });
    ws = workspace();
    addConfig(ws, 'datasets/tiny.ts', TINY);
    editModel(ws, MODEL, { abbr: "'it'", url: `'127.0.0.1:${sim.port}'`, batch_size: 8 });
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  async function measured() {
    const from = (await sim.truth()).requests.length;
    const result = await run(`${COMMAND} --num-warmups 0`, ws.dir);
    expect(result.code, result.stdout + result.stderr).toBe(0);
    const truth = (await sim.truth()).requests.slice(from);
    expect(truth).toHaveLength(40);
    const folder = join(ws.lastRun(), 'performances/it');
    const summary = readJson<Summary>(join(folder, 'tiny_summary.json'));
    return { truth, summary, recorded: await readRun(folder, 'tiny') };
  }

  it('gives each event its tokens, and makes ITL one per token', async () => {
    const options = 'stream_options: { include_usage: true, continuous_usage_stats: true }';
    editModel(ws, MODEL, { temperature: `0.5, ${options}` });
    const { truth, summary, recorded } = await measured();
    const sizes = new Map(truth.map((request) => [request.id, eventSizes(request)]));
    for (const batch of recorded.batches())
      for (const { row, responseId } of batch.notes) {
        const tokens = batch.eventTokens.subarray(batch.eventStart[row], batch.eventStart[row + 1]);
        expect([...tokens].filter((n) => n > 0)).toEqual(sizes.get(responseId!));
      }
    expect(itlMs(summary) / meanGapMs(truth)).toBeCloseTo(1, 1);
    expect(summary.notes).toContain(
      "ITL is per token, by the service's own count of the tokens in each event.",
    );
    const again = await run('--mode perf_viz --reuse', ws.dir);
    expect(again.code).toBe(0);
  });

  it('without it nothing is known of the tokens of an event, and ITL is one per event', async () => {
    editModel(ws, MODEL, { temperature: 0.5 });
    const { truth, summary, recorded } = await measured();
    for (const batch of recorded.batches()) expect(batch.eventTokens).toHaveLength(0);
    expect(itlMs(summary)).toBeGreaterThan(1.5 * meanGapMs(truth));
    expect(summary.notes.join()).not.toContain('per token');
  });
});

function itlMs({ per_request: { ITL } }: Summary): number {
  return 1000 * ITL.Average;
}
