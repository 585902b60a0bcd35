import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { faultKinds } from '../../src/sim/faults.ts';
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

const REQUESTS = 300;
const DATA = syntheticStrings('short', REQUESTS, {
  Input: { Method: 'uniform', Params: { MinValue: 10, MaxValue: 30 } },
  Output: { Method: 'uniform', Params: { MinValue: 4, MaxValue: 16 } },
});

interface Details {
  index: number;
  attempt: number;
  success: boolean;
  outcome: string;
  status: number;
  error_info: string | null;
  output_tokens: number;
}

/** What a client must make of each fault. `ok`: a style of writing, not a failure. */
const expected: Record<keyof typeof faultKinds, string> = {
  'http-error': 'http',
  reset: 'network',
  refuse: 'network',
  'reset-mid-stream': 'network',
  cut: 'protocol',
  stall: 'timeout',
  'malformed-json': 'protocol',
  'error-event': 'protocol',
  split: 'ok',
  batch: 'ok',
  'tokens-per-event': 'ok',
  crlf: 'ok',
  'no-space': 'ok',
  heartbeat: 'ok',
  'early-role': 'ok',
  'no-role': 'ok',
  reasoning: 'ok',
  'tool-call': 'ok',
  multibyte: 'ok',
  'no-usage': 'ok',
  'no-done': 'ok',
};

describe('every planned request is accounted for', () => {
  let sim: SimProcess;
  let ws: Workspace;
  afterEach(async () => {
    await sim.stop();
    ws.remove();
  });

  /** Sends the short data at a service with these faults, and reads what was recorded. */
  async function send(faults: object[], edits: Record<string, string | number>) {
    sim = await startSim({ speed: 20, faults });
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 20, ...edits });
    addConfig(ws, 'datasets/short.ts', DATA);
    const r = await run(
      '--models vllm_api_stream_chat --datasets short --summarizer default_perf --mode perf --num-warmups 0',
      ws.dir,
      { REQUEST_TIME_OUT: '10' },
    );
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const base = join(ws.lastRun(), 'performances/vllm-api-stream-chat/short');
    const lines = readFileSync(`${base}_details.jsonl`, 'utf8').trimEnd().split('\n');
    const details = lines.map((line) => JSON.parse(line) as Details);
    const { outcomes } = readJson<{ outcomes: Record<string, number> }>(`${base}_summary.json`);
    return { details, outcomes, screen: r.stdout + r.stderr };
  }

  it('with every fault injected at once, without retries', async () => {
    // Refusing comes last: while the service refuses, other requests never reach it and get no number there.
    const kinds = [...Object.keys(faultKinds).filter((kind) => kind !== 'refuse'), 'refuse'];
    const faults = kinds.map((kind, i) => ({
      kind,
      indices: [5 + 9 * i],
      ...(kind === 'refuse' && { forMs: 200 }),
    }));
    const { details, outcomes, screen } = await send(faults, { retry: 0 });
    expect(details.length).toBe(REQUESTS);
    expect(new Set(details.map((d) => d.index)).size).toBe(REQUESTS);
    expect(Object.values(outcomes).reduce((a, b) => a + b)).toBe(REQUESTS);
    expect(screen).toContain('Failed Reason');
    const truth = (await sim.truth()).requests;
    for (const kind of Object.keys(faultKinds)) {
      expect(truth.filter((t) => t.faults.includes(kind as keyof typeof faultKinds)).length, kind).toBe(1);
    }
    const failures = details.filter((d) => !d.success);
    expect(failures.every((d) => d.error_info)).toBe(true);
    expect(details.filter((d) => d.success).every((d) => d.output_tokens >= 1)).toBe(true);
    // A refusing service takes whoever knocks meanwhile down with it; all others fail alone.
    const alone = Object.values(expected).filter((outcome) => outcome !== 'ok' && outcome !== 'network');
    for (const outcome of new Set(alone)) {
      expect(outcomes[outcome], outcome).toBe(alone.filter((o) => o === outcome).length);
    }
    expect(outcomes.network).toBeGreaterThanOrEqual(3);
    expect(outcomes.ok + outcomes.network).toBe(REQUESTS - alone.length);
  });

  it('with retries as records of their own', async () => {
    const { details, outcomes } = await send(
      [
        { kind: 'http-error', rate: 0.2 },
        { kind: 'reset', rate: 0.1 },
      ],
      {
        retry: 3,
      },
    );
    expect(new Set(details.map((d) => d.index)).size).toBe(REQUESTS);
    const last = new Map(details.map((d) => [d.index, d]));
    const retried = details.filter((d) => d.attempt > 0);
    expect(retried.length).toBeGreaterThan(20);
    expect(details.filter((d) => !d.success).every((d) => d.status === 503 || d.outcome === 'network')).toBe(
      true,
    );
    expect([...last.values()].filter((d) => d.success).length).toBeGreaterThan(REQUESTS * 0.95);
    expect(outcomes.ok + outcomes.http + outcomes.network).toBe(details.length);
  });
});
