import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addConfig,
  editModel,
  readJson,
  root,
  run,
  type SimProcess,
  startSim,
  syntheticStrings,
  type Workspace,
  workspace,
} from './harness.ts';

const SHORT_REQUESTS = syntheticStrings('short', 400, {
  Input: { Method: 'uniform', Params: { MinValue: 20, MaxValue: 40 } },
  Output: { Method: 'uniform', Params: { MinValue: 40, MaxValue: 60 } },
});
const COMMAND = '--models vllm_api_stream_chat --datasets short --num-warmups 0';

interface SummaryFile {
  host: { node: string; platform: string; cpu: string; cores: number; memory_bytes: number };
  health: Record<string, unknown>[];
  machine: { open_files_limit: number };
  client_health: { result: string; checks: { name: string; value: number }[]; calibration: unknown };
}

let sim: SimProcess;
let ws: Workspace;
let env: Record<string, string>;
beforeAll(async () => {
  sim = await startSim();
  ws = workspace();
  env = { XDG_CONFIG_HOME: join(ws.dir, 'xdg') };
  editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 20 });
  addConfig(ws, 'datasets/short.ts', SHORT_REQUESTS);
});
afterAll(async () => {
  await sim.stop();
  ws.remove();
});

const summaryOf = () =>
  readJson<SummaryFile>(join(ws.lastRun(), 'performances/vllm-api-stream-chat/short_summary.json'));

describe('ais_bench calibrate', () => {
  it('measures every token of the planned load and says what this host adds', async () => {
    const r = await run(
      'calibrate --concurrency 20 --tokens-per-s 40 --seconds 1 --no-search --save',
      ws.dir,
      env,
    );
    expect(r.stdout, r.stderr).toMatch(/│ 20 \(planned\) +│ 40 +│ \d+\.\d{3} ms +│/);
    const added = /this host adds (\S+) ms P99 to a timestamp \(P50 (\S+) ms, max (\S+) ms\)/.exec(r.stdout)!;
    const [p99, p50, max] = added.slice(1).map(Number);
    // Loose: other work on the machine delays both sides. A clock or a token out of step would be seconds.
    expect(p50).toBeGreaterThan(-0.1);
    expect(p50).toBeLessThanOrEqual(p99);
    expect(p99).toBeLessThanOrEqual(max);
    expect(p50).toBeLessThan(50);
    // A noisy machine is not blamed on the client, and not kept.
    const saved = existsSync(join(env.XDG_CONFIG_HOME, 'ais-bench/calibration.json'));
    expect(r.stdout).toMatch(saved ? /Saved in .*calibration\.json/ : /Not saved: the machine was too busy/);
    expect(r.code).toBe(saved ? 0 : 1);
  });

  it('names a wrong flag', async () => {
    const r = await run('calibrate --concurrency none', ws.dir, env);
    expect(r.code).toBe(2);
    expect(r.stderr).toContain('--concurrency');
  });
});

describe('client health', () => {
  it('stands under the tables and in _summary.json, and is the same after recalculation', async () => {
    const r = await run(`${COMMAND} --mode perf`, ws.dir, env);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(r.stdout).toMatch(/Client health: (ok|suspect|void)/);
    const first = summaryOf();
    expect(first.client_health.checks.map((c) => c.name)).toEqual([
      'loop_delay',
      'stamp_wait',
      'utilization',
      'cpu',
      'gc_pause',
      'turnaround',
      'shared_reads',
      'own_failures',
      ...(process.platform === 'linux' ? ['cpu_wait', 'steal'] : []),
    ]);
    for (const check of first.client_health.checks) expect(check.value, check.name).toBeGreaterThanOrEqual(0);
    expect(first.health[0]).toMatchObject({
      stamp_wait: { n: expect.any(Number), p99_s: expect.any(Number) },
      send_delay: { n: 400 },
      sockets_opened: 20,
      own_failures: 0,
    });
    expect(first.machine.open_files_limit).toBeGreaterThan(100);

    const again = await run(`${COMMAND} --mode perf_viz --reuse`, ws.dir, env);
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(summaryOf().client_health).toEqual(first.client_health);
  });

  it('quotes a calibration of this host under this node, and no other', async () => {
    const { memory_bytes, ...host } = summaryOf().host;
    const folder = join(ws.dir, 'quote/ais-bench');
    mkdirSync(folder, { recursive: true });
    const row = { streams: 2000, tokensPerS: 50, p50Ms: 0.02, p99Ms: 0.08, maxMs: 2 };
    const write = (node: string) =>
      writeFileSync(
        join(folder, 'calibration.json'),
        JSON.stringify({
          format: 1,
          calibrations: [
            {
              host: { ...host, memoryBytes: memory_bytes, node },
              calibratedAt: '2026-01-02T03:04:05Z',
              rows: [row],
            },
          ],
        }),
      );
    const quoting = async (node: string) => {
      write(node);
      return (
        await run(`${COMMAND} --mode perf_viz --reuse`, ws.dir, { XDG_CONFIG_HOME: join(ws.dir, 'quote') })
      ).stdout;
    };
    expect(await quoting(host.node)).toContain(
      'This machine adds 0.08 ms at P99 to a timestamp with 2,000 streams of 50 tokens/s (calibrated 2026-01-02).',
    );
    expect(await quoting('v1.0.0')).not.toContain('This machine adds');
  });
});

describe('before the run', () => {
  it('compares batch_size with the open-file limit and gives the command to raise it', () => {
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 200 });
    const node = process.env.AIS_BENCH_TEST_NODE ?? process.execPath;
    const command = [node, join(root, 'dist/cli/bin.js'), ...COMMAND.split(' ')];
    const r = spawnSync('sh', ['-c', 'ulimit -n 256 && exec "$0" "$@"', ...command], {
      cwd: ws.dir,
      encoding: 'utf8',
    });
    expect(r.status, r.stdout + r.stderr).toBe(2);
    expect(r.stderr).toMatch(
      /batch_size: 200 simultaneous connections need 328 open files .* the limit is 256/,
    );
    expect(r.stderr).toContain('`ulimit -n 328`');
  });
});
