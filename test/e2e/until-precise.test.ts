import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editModel, readJson, run, type SimProcess, startSim, type Workspace, workspace } from './harness.ts';

const COMMAND =
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf';

interface SummaryFile {
  until_precise: {
    reached: boolean;
    why: string;
    looks: number;
    targets: { metric: string; half_width_pct: number | null }[];
  } | null;
  run: { measured_s: number | null; last_issue_s: number; planned_requests: number | null };
  steady: {
    window: { end_s: number } | null;
    latencies: Record<string, Record<string, { at_least: boolean }>>;
  };
}

let sim: SimProcess;
let ws: Workspace;

beforeAll(async () => {
  sim = await startSim({ speed: 3 });
  ws = workspace();
  editModel(ws, 'vllm_api_stream_chat', {
    host_port: sim.port,
    batch_size: 16,
    request_rate: 0,
    max_out_len: 16,
  });
});

afterAll(async () => {
  await sim?.stop();
  ws?.remove();
});

const summary = () =>
  readJson<SummaryFile>(join(ws.lastRun(), 'performances/vllm-api-stream-chat/demo_gsm8k_summary.json'));

describe('--until-precise', () => {
  it('looks until it can decide, says what came of it, and holds its load beyond the measured time', async () => {
    const r = await run(`${COMMAND} --until-precise throughput:40 --max-time 16`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const found = summary();
    // Whether a busy machine holds still is not ours to say; that a still one is believed is tested in virtual time.
    const { reached, looks, targets, why } = found.until_precise!;
    expect(looks).toBeGreaterThanOrEqual(2);
    expect(targets).toMatchObject([{ metric: 'throughput', wanted_pct: 40 }]);
    expect(targets[0].half_width_pct).toBeLessThan(40);
    expect(why).toMatch(reached ? /two looks in a row/ : /two looks in a row|not known to be steady/);
    if (why.includes('two looks')) expect(found.run.measured_s).toBeLessThan(16);
    else expect(found.run.measured_s).toBe(16);
    expect(r.stdout + r.stderr).toMatch(/throughput ± [\d.]+ % \(wanted 40 %\); about \d+ s left/);
    expect(r.stdout + r.stderr).toMatch(
      reached ? /Precision reached after [2-5] look/ : /Precision NOT reached after [2-5] look/,
    );
    const { measured_s, last_issue_s, planned_requests } = found.run;
    expect(planned_requests).toBeNull();
    expect(measured_s).toBeGreaterThan(4);
    expect(last_issue_s).toBeGreaterThan(measured_s!);
    expect(found.steady.window!.end_s).toBeCloseTo(measured_s!, 6);
    expect(Object.values(found.steady.latencies.E2EL).some((one) => one.at_least)).toBe(false);
  });

  it('warns and exits 0 when the time is over first', async () => {
    const r = await run(`${COMMAND} --until-precise ttft_p99:0.01 --max-time 4`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(summary().until_precise).toMatchObject({ reached: false });
    expect(r.stdout + r.stderr).toContain('Precision NOT reached');
  });

  it('names an unknown metric and a silly number', async () => {
    const r = await run(`${COMMAND} --until-precise throughpt:1,ttft:900`, ws.dir);
    expect(r.code).toBe(2);
    expect(r.stderr).toContain('got "throughpt" (did you mean "throughput"?)');
    expect(r.stderr).toContain('expected ttft:PCT with PCT from 0.01 to 50, got "ttft:900"');
  });
});

describe('--hold', () => {
  it('goes on with further requests after the planned ones in a closed loop', async () => {
    const r = await run(`${COMMAND} --hold 5`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const { run: times } = summary();
    expect(times.last_issue_s).toBeGreaterThanOrEqual(times.measured_s!);
  });
});
