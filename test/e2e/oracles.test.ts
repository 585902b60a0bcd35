/**
 * Three oracles of docs/statistics.md on the real clock: the simulated service keeps a law whose answer is known on paper.
 * The paper is held in virtual time, beside the code; here the law is kept as well as the machine lets the service keep
 * it, so the figures are held within 2 % against what the service itself recorded.
 */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TruthRequest } from '../../src/sim/truth.ts';
import {
  addConfig,
  bestOf,
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

const STEP_MS = 10;
const SLOTS = 8;
const evenSteps = { stepBaseMs: STEP_MS, stepPerSequenceMs: 0, prefillPerTokenMs: 0 };

type Figures = Record<string, { value: number }>;
interface SummaryFile {
  per_request: Record<string, Record<string, number>>;
  steady: { window: { start_s: number; end_s: number } | null; rates: Figures };
}

let sim: SimProcess;
let ws: Workspace;
afterEach(async () => {
  await sim?.stop();
  ws?.remove();
});

/** Prepares a closed loop of `slots` against a service with these options. */
async function prepare(options: object, slots: number, requests: number, tokens: [number, number]) {
  sim = await startSim({ ...options });
  ws = workspace();
  editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: slots, request_rate: 0 });
  const [MinValue, MaxValue] = tokens;
  const lengths = {
    Input: { Method: 'uniform', Params: { MinValue: 20, MaxValue: 20 } },
    Output: { Method: 'uniform', Params: { MinValue, MaxValue } },
  };
  addConfig(ws, 'datasets/known.ts', syntheticStrings('known', requests, lengths));
}

async function summaryOf(flags = '', mode = 'perf'): Promise<SummaryFile> {
  const command = `--models vllm_api_stream_chat --datasets known --summarizer default_perf --mode ${mode} ${flags}`;
  const r = await run(command, ws.dir);
  expect(r.code, r.stdout + r.stderr).toBe(0);
  return readJson(join(ws.lastRun(), 'performances/vllm-api-stream-chat/known_summary.json'));
}

/** What is further than 2 % from what the service recorded. */
function off(figures: Record<string, [found: number, truth: number]>): string[] {
  return Object.entries(figures).flatMap(([what, [found, truth]]) =>
    Math.abs(found / truth - 1) < 0.02 ? [] : [`${what}: ${found} instead of ${truth}`],
  );
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const e2elS = ({ arrivalNs, tokenNs }: TruthRequest) => (tokenNs.at(-1)! - arrivalNs) / 1e9;
const tpotS = ({ tokenNs }: TruthRequest) => (tokenNs.at(-1)! - tokenNs[0]) / 1e9 / (tokenNs.length - 1);

/** One run, and the service's own view of it. */
async function bothSides() {
  await fetch(new URL('truth/reset', sim.url), { method: 'POST' });
  const summary = await summaryOf();
  const folder = join(ws.lastRun(), 'performances/vllm-api-stream-chat');
  const service = await serviceView(folder, 'known', (await sim.truth()).requests);
  return { ...summary, service };
}

describe('on the real clock', () => {
  it('O1: in lock step, rate, E2EL and level are those of the service', async () => {
    await prepare({ law: evenSteps }, SLOTS, SLOTS * 5, [60, 60]);
    await bestOf(4, async () => {
      const { steady, per_request, service } = await bothSides();
      if (!steady.window) return ['no window'];
      const { 'Output Token Throughput': rate, Concurrency: level } = steady.rates;
      return off({
        rate: [rate.value, service.tokensPerS(steady.window)],
        E2EL: [per_request.E2EL.Median, median(service.requests.map(e2elS))],
        level: [level.value, SLOTS],
      });
    });
  });

  it('O3: shared in equal parts, TPOT, E2EL and rate are those of the service, whatever the lengths', async () => {
    await prepare({ law: evenSteps }, SLOTS, SLOTS * 6, [20, 100]);
    await bestOf(4, async () => {
      const { steady, per_request, service } = await bothSides();
      if (!steady.window) return ['no window'];
      const rate = steady.rates['Output Token Throughput'].value;
      return off({
        rate: [rate, service.tokensPerS(steady.window)],
        'mean TPOT': [per_request.TPOT.Average, mean(service.requests.map(tpotS))],
        'median TPOT': [per_request.TPOT.Median, median(service.requests.map(tpotS))],
        E2EL: [per_request.E2EL.Average, mean(service.requests.map(e2elS))],
      });
    });
  });

  it('O17: TTFT is the first reasoning token, not the role; E2EL ends with the last token', async () => {
    const [stepMs, tokens] = [200, 8];
    const law = { ...evenSteps, stepBaseMs: stepMs };
    const faults = [
      { kind: 'early-role', rate: 1 },
      { kind: 'reasoning', rate: 1, tokens: 3 },
    ];
    await prepare({ law, faults }, 1, 4, [tokens, tokens]);
    const { per_request } = await summaryOf();
    // Any other event is a step away.
    const near = (ms: number) => [(ms - stepMs / 2) / 1000, (ms + stepMs / 2) / 1000];
    const service = await serviceView(
      join(ws.lastRun(), 'performances/vllm-api-stream-chat'),
      'known',
      (await sim.truth()).requests,
    );
    const ttftMs = median(service.requests.map(({ arrivalNs, tokenNs }) => (tokenNs[0] - arrivalNs) / 1e6));
    const e2elMs = 1000 * median(service.requests.map(e2elS));
    for (const [found, ms] of [
      [per_request.TTFT.Median, ttftMs],
      [per_request.E2EL.Median, e2elMs],
    ]) {
      const [least, most] = near(ms);
      expect(found).toBeGreaterThan(least);
      expect(found).toBeLessThan(most);
    }
    addConfig(
      ws,
      'summarizers/perf/default_perf.ts',
      `import { defineSummarizer } from 'ais-bench';
export const summarizer = defineSummarizer({ window: 'total', definitions: 'upstream' });
`,
    );
    const upstream = await summaryOf('--reuse', 'perf_viz');
    expect(upstream.per_request.TTFT.Median).toBeLessThan((0.5 * stepMs) / 1000);
  });
});
