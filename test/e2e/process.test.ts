/** What the process does when it is told to stop, or when the screen it writes to goes away. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  command,
  editModel,
  type Finished,
  type Running,
  readJson,
  run,
  type SimProcess,
  start,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';
import { playTerminal, shell } from './shell.ts';

const DATA = '--datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer default_perf';
const SHORT = `--models vllm_api_stream_chat ${DATA} --num-prompts 4 --grace 5`;
const LONG = `${SHORT} --pressure --pressure-time 60`;
const RESULTS = 'performances/vllm-api-stream-chat';
const SUMMARY = join(RESULTS, 'demo_gsm8k_summary.json');

let ws: Workspace;
let sim: SimProcess;
beforeAll(async () => {
  ws = workspace();
  sim = await startSim({ speed: 10 });
  editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 4, max_out_len: 16 });
});
afterAll(async () => {
  await sim.stop();
  ws.remove();
});

/** Waits until a run under load has recorded something. */
async function recording(running: Running, at: Workspace): Promise<void> {
  const journal = () => join(at.lastRun(), RESULTS, 'tmp');
  while (!existsSync(journal()) && running.process.exitCode === null) await sleep(20);
  while (!/Received [1-9]/.test(running.stdout()) && running.process.exitCode === null) await sleep(20);
}

const said = ({ code, stdout, stderr }: Finished) => `exit code ${code}\n${stdout}\n${stderr}`;

describe('the exit code', () => {
  it.each([
    ['a service that fails', { kind: 'http-error', rate: 1 }],
    ['streams that are cut off', { kind: 'cut', rate: 1 }],
    ['answers that are no answers', { kind: 'malformed-json', rate: 1 }],
  ])('is 1 when no measured request succeeded, though the warm-up did: %s', async (_, fault) => {
    const failing = workspace();
    // Index 0 is the warm-up.
    const service = await startSim({
      speed: 50,
      faults: [{ kind: fault.kind, indices: [1, 2, 3, 4, 5, 6] }],
    });
    try {
      editModel(failing, 'vllm_api_stream_chat', { host_port: service.port, retry: 0, max_out_len: 8 });
      const measured = await run(`${SHORT} --mode perf`, failing.dir);
      expect(measured.code, said(measured)).toBe(1);
      expect(measured.stderr).toContain('None of the 4 requests succeeded');
      const again = await run(`${SHORT} --mode perf_viz --reuse`, failing.dir);
      expect(again.code, said(again)).toBe(1);
    } finally {
      await service.stop();
      failing.remove();
    }
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is that of the signal after %s, with a summary', async (signal, code) => {
    const running = start(LONG, ws.dir);
    await recording(running, ws);
    running.process.kill(signal);
    // As `timeout` and a closing terminal do: the process itself first, then its group.
    running.process.kill(signal);
    const r = await running.done;
    expect({ code: r.code, signal: r.signal }, said(r)).toEqual({ code, signal: null });
    expect(r.stdout).toContain('│ Common Metric');
    expect(readJson<{ run: { interrupted: boolean } }>(join(ws.lastRun(), SUMMARY)).run.interrupted).toBe(
      true,
    );
  });

  it('is that of the signal for the service, too', async () => {
    const service = start('sim --port 0', ws.dir);
    while (!service.stdout().includes('http')) await sleep(20);
    service.process.kill('SIGTERM');
    expect((await service.done).code).toBe(143);
  });
});

describe('standard output', () => {
  beforeAll(async () => {
    const r = await run(SHORT.replace('--num-prompts 4', '--num-prompts 60'), ws.dir);
    expect(r.code, said(r)).toBe(0);
  });

  const lost: [string, string][] = [
    ['goes away after a line', '{ "$@"; echo $? > code; } | head -1'],
    ['is a full device', '"$@" > /dev/full; echo $? > code'],
  ];

  it.each(lost)('%s: a run goes on, writes its files, says so once', async (_, script) => {
    const before = ws.runs().length;
    const r = await shell(`${script}`, command(SHORT), ws.dir);
    expect(r.exitCode, said(r)).toBe(1);
    expect(ws.runs().length).toBe(before + 1);
    expect(existsSync(join(ws.lastRun(), SUMMARY))).toBe(true);
    expect(r.stderr.split('Standard output cannot be written').length, r.stderr).toBe(2);
    expect(r.stderr).not.toMatch(/at .*\.js/);
  });

  it.each([
    ['perf_viz', `${SHORT} --mode perf_viz --reuse`],
    ['explain', 'explain'],
    ['the help of a command', 'compare --help'],
    ['search', '--models vllm_api_stream_chat --search'],
    ['help', '--help'],
    ['dry run', `${SHORT} --dry-run`],
  ])('is a full device: %s says so once and exits with 1', async (_, args) => {
    const r = await shell('"$@" > /dev/full; echo $? > code', command(args), ws.dir);
    expect(r.exitCode, said(r)).toBe(1);
    expect(r.stderr.split('Standard output cannot be written').length, r.stderr).toBe(2);
    expect(r.stderr).not.toMatch(/at .*\.js/);
  });

  it.each([
    ['both have no reader', '{ "$@" 2>&1; echo $? > code; } | true', 1],
    ['both are closed', '"$@" >&- 2>&-; echo $? > code', 0],
  ])('%s: the files are written', async (_, script, code) => {
    const before = ws.runs().length;
    const r = await shell(script, command(SHORT), ws.dir);
    expect(r.exitCode, said(r)).toBe(code);
    expect(ws.runs().length).toBe(before + 1);
    expect(existsSync(join(ws.lastRun(), SUMMARY))).toBe(true);
  });

  it('is a terminal that goes away: the run ends as after SIGHUP, with its files', async () => {
    const before = ws.runs().length;
    const r = playTerminal(command(LONG), ws.dir, 120, [
      { expect: 'vllm-api-stream-chat/demo_gsm8k +running' },
      { hangUp: true },
    ]);
    expect(r.code).toBe(129);
    expect(ws.runs().length).toBe(before + 1);
    expect(existsSync(join(ws.lastRun(), SUMMARY))).toBe(true);
  });
});
