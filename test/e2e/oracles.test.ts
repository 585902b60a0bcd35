/**
 * Three oracles of docs/statistics.md on the real clock, within 2 %: the simulated service keeps a law whose answer is
 * known on paper. Its steps follow one another without a pause while anybody is served, so who comes just after the
 * end of one waits for the next but one: a request of G tokens takes G + 1 steps.
 */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
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

const STEP_MS = 10;
const SLOTS = 8;
const evenSteps = { stepBaseMs: STEP_MS, stepPerSequenceMs: 0, prefillPerTokenMs: 0 };

type Figures = Record<string, { value: number }>;
interface SummaryFile {
  per_request: Record<string, Record<string, number>>;
  steady: { window: { cycle_s: number } | null; rates: Figures; latencies: Record<string, Figures> };
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

function expectWithin2Percent(found: number, truth: number, what: string) {
  expect(Math.abs(found / truth - 1), `${what}: ${found} instead of ${truth}`).toBeLessThan(0.02);
}

describe('on the real clock', () => {
  it('O1: lock step makes C G/E tokens per second', async () => {
    const tokens = 60;
    await prepare({ law: evenSteps }, SLOTS, SLOTS * 5, [tokens, tokens]);
    const { steady } = await summaryOf();
    const cycleS = ((tokens + 1) * STEP_MS) / 1000;
    expectWithin2Percent(steady.rates['Output Token Throughput'].value, (SLOTS * tokens) / cycleS, 'rate');
    expectWithin2Percent(steady.latencies.E2EL.P50.value, cycleS, 'E2EL');
    expectWithin2Percent(steady.rates.Concurrency.value, SLOTS, 'level');
  });

  it('O3: shared in equal parts, every request gets its R/C, whatever the lengths', async () => {
    await prepare({ law: evenSteps }, SLOTS, SLOTS * 6, [20, 100]);
    const { steady, per_request } = await summaryOf();
    expectWithin2Percent(steady.latencies.TPOT.Mean.value, STEP_MS / 1000, 'mean TPOT');
    expectWithin2Percent(steady.latencies.TPOT.P50.value, STEP_MS / 1000, 'median TPOT');
    expectWithin2Percent(
      per_request.E2EL.Average / (per_request.OutputTokens.Average + 1),
      STEP_MS / 1000,
      'E2EL',
    );
    const shareOfSteps = per_request.OutputTokens.Average / (per_request.OutputTokens.Average + 1);
    const rate = (SLOTS / STEP_MS) * 1000 * shareOfSteps;
    expectWithin2Percent(steady.rates['Output Token Throughput'].value, rate, 'rate');
  });

  it('O17: TTFT is the first reasoning token, not the role; E2EL ends with the last token', async () => {
    const [stepMs, tokens] = [100, 8];
    const law = { ...evenSteps, stepBaseMs: stepMs };
    const faults = [
      { kind: 'early-role', rate: 1 },
      { kind: 'reasoning', rate: 1, tokens: 3 },
    ];
    await prepare({ law, faults }, 1, 4, [tokens, tokens]);
    const { per_request } = await summaryOf();
    expectWithin2Percent(per_request.TTFT.Median, stepMs / 1000, 'TTFT');
    expectWithin2Percent(per_request.E2EL.Median, (tokens * stepMs) / 1000, 'E2EL');
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
