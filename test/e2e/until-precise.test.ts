import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bestOf,
  editModel,
  readJson,
  run,
  type SimProcess,
  startSim,
  untrue,
  type Workspace,
  workspace,
} from './harness.ts';

const MODEL = 'vllm_api_stream_chat';
const COMMAND =
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf';

interface SummaryFile {
  until_precise: {
    reached: boolean;
    why: string;
    looks: number;
    targets: { metric: string; half_width_pct: number | null }[];
  } | null;
  common: Record<string, { value: number }>;
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
  editModel(ws, MODEL, {
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
  it('reaches what it was asked for, says so, and holds its load beyond the measured time', async () => {
    // A steady service with steps of 20 ms and more, to which a busy machine adds little, and a width that only a broken
    // tool misses in all of its looks.
    const slow = await startSim({ law: { stepBaseMs: 20, prefillPerTokenMs: 0.001 } });
    editModel(ws, MODEL, { host_port: slow.port, max_out_len: 8 });
    // Where all cores are taken for seconds, the service is not steady, and the next run has to show it.
    const attempt = () => run(`${COMMAND} --until-precise throughput:50,e2el:50 --max-time 36`, ws.dir);
    let r = await attempt();
    for (let left = 3; left > 0 && !summary().until_precise?.reached; left--) r = await attempt();
    await slow.stop();
    editModel(ws, MODEL, { host_port: sim.port, max_out_len: 16 });
    const screen = r.stdout + r.stderr;
    expect(r.code, screen).toBe(0);
    const found = summary();
    expect(found.until_precise, screen).toMatchObject({
      reached: true,
      why: 'every confidence interval was narrow enough at two checks in a row',
      targets: [
        { metric: 'throughput', wanted_pct: 50 },
        { metric: 'e2el', wanted_pct: 50 },
      ],
    });
    for (const { half_width_pct } of found.until_precise!.targets) expect(half_width_pct).toBeLessThan(50);
    expect(screen).toMatch(/throughput ± [\d.]+ % \(wanted 50 %\), e2el .*; about \d+ s left/);
    expect(screen).toMatch(/Precision was reached after [2-5] precision checks/);
    const { measured_s, last_issue_s, planned_requests } = found.run;
    expect(planned_requests).toBeNull();
    expect(measured_s).toBeGreaterThan(9);
    expect(measured_s).toBeLessThan(24);
    expect(last_issue_s).toBeGreaterThan(measured_s!);
    expect(found.steady.window!.end_s).toBeCloseTo(measured_s!, 6);
    expect(Object.values(found.steady.latencies.E2EL).some((one) => one.at_least)).toBe(false);
  });

  it('warns and exits 0 when the time is over first', async () => {
    const r = await run(`${COMMAND} --until-precise ttft_p99:0.01 --max-time 4`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(summary().until_precise).toMatchObject({ reached: false });
    expect(r.stdout + r.stderr).toContain('Precision was not reached');
  });

  it('names an unknown metric and a silly number', async () => {
    const r = await run(`${COMMAND} --until-precise throughpt:1,ttft:900`, ws.dir);
    expect(r.code).toBe(2);
    expect(r.stderr).toContain('got "throughpt" (did you mean "throughput"?)');
    expect(r.stderr).toContain('expected ttft:PCT with PCT from 0.01 to 50, got "ttft:900"');
  });
});

describe('--hold', () => {
  const counts = () => {
    const { run: times, common } = summary();
    const text = readFileSync(
      join(ws.lastRun(), 'performances/vllm-api-stream-chat/demo_gsm8k_details.jsonl'),
      'utf8',
    );
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { held?: boolean });
    const held = lines.filter((line) => line.held).length;
    return { times, tabled: common['Total Requests'].value, recorded: lines.length, held };
  };
  const total = COMMAND.replace('stable_stage', 'default_perf');

  it('goes on with further requests after the planned ones in a closed loop, in no table', async () => {
    const r = await run(`${total} --hold 5`, ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const { times, tabled, recorded, held } = counts();
    expect(times.last_issue_s).toBeGreaterThanOrEqual(times.measured_s!);
    expect(tabled).toBe(8);
    expect(recorded).toBeGreaterThan(8);
    expect(recorded - held).toBe(8);
  });

  it('goes on with the arrivals of an open loop', async () => {
    editModel(ws, MODEL, { request_rate: 40 });
    const r = await run(`${total} --hold 5`, ws.dir);
    editModel(ws, MODEL, { request_rate: 0 });
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const { times, tabled, recorded, held } = counts();
    expect(times.measured_s).toBeGreaterThanOrEqual(0.2);
    expect(tabled).toBe(8);
    expect(recorded).toBeGreaterThan(8);
    expect(recorded - held).toBe(8);
  });

  it('left out, prints what cannot be known as "≥ x"', async () => {
    // One answer in fifty stands still for longer than the run: nobody was followed for so long under load.
    const stalling = await startSim({
      speed: 3,
      faults: [{ kind: 'stall', rate: 0.02, forMs: 8000, atToken: 2 }],
    });
    editModel(ws, MODEL, { host_port: stalling.port });
    // How many answers a second has, and so how many of them stand, is up to the machine.
    await bestOf(3, async () => {
      const r = await run(`${total} --pressure --pressure-time 6 --hold 0`, ws.dir);
      expect(r.code, r.stdout + r.stderr).toBe(0);
      const line = /│ P99 +│ ≥ \d{3,4}\.\d+ ms +│ [\d.]+ % of the requests outlived the window/;
      return untrue({
        'P99 of E2EL is a bound': summary().steady.latencies.E2EL?.P99?.at_least === true,
        'the screen says so': line.test(r.stdout),
      });
    }).finally(stalling.stop);
    editModel(ws, MODEL, { host_port: sim.port });
  });
});
