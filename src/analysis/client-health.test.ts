import { describe, expect, it } from 'vitest';
import type { Spread, WorkerWatch } from '../core/health.ts';
import type { RunEnd, RunInfo, WorkerHealth } from '../core/run.ts';
import { clientHealth } from './client-health.ts';
import { definitions } from './definitions.ts';
import { readRequests } from './request-table.ts';
import { runEnd, runOf, streamed } from './run.fixture.ts';

const spread = (more: Partial<Spread> = {}): Spread => ({
  n: 100,
  meanMs: 0.1,
  p50Ms: 0.1,
  p99Ms: 0.2,
  maxMs: 0.5,
  ...more,
});

const quiet: WorkerWatch = {
  stampWait: spread(),
  readWork: spread(),
  sendDelay: spread(),
  gc: { count: 3, totalMs: 4, maxMs: 2 },
  cpuWaitMs: 10,
  socketsOpened: 2,
  outputs: 1000,
  sharedOutputs: 10,
  ownFailures: 0,
};

const worker = (more: Partial<WorkerHealth> = {}, watch: Partial<WorkerWatch> = {}): WorkerHealth => ({
  worker: 0,
  requests: 10,
  events: 1000,
  bytesIn: 1e6,
  reads: 990,
  coalescedReads: 10,
  cpuMs: 1000,
  wallMs: 10_000,
  utilization: 0.1,
  loopDelayP50Ms: 0.1,
  loopDelayP99Ms: 0.8,
  loopDelayMaxMs: 3,
  watch: { ...quiet, ...watch },
  ...more,
});

/** Ten requests of 2 s with a token every 100 ms, 1 s apart. */
const records = Array.from({ length: 10 }, (_, i) =>
  streamed(i, [i, ...Array.from({ length: 20 }, (_, k) => i + 0.1 * (k + 1))], 20, 5),
);

const openLoop: Partial<RunInfo> = {
  schedule: { kind: 'rate', requests: 10, limit: 9, requestsPerS: 1, burstiness: 0, seed: 0 },
};

function judged(workers: WorkerHealth[], info: Partial<RunInfo> = {}, end: Partial<RunEnd> = {}) {
  const run = runOf(records, info, 10, { ...runEnd, health: workers, ...end });
  const health = clientHealth(run, readRequests(run, definitions.product))!;
  const bad = health.checks.filter((c) => c.result !== 'ok').map((c) => `${c.name} ${c.result}`);
  return { ...health, bad };
}

describe('clientHealth', () => {
  it('finds nothing wrong with a quiet client', () => {
    expect(judged([worker(), worker()])).toMatchObject({ result: 'ok', voided: [], bad: [] });
    expect(judged([worker()], openLoop)).toMatchObject({ result: 'ok', bad: [] });
  });

  it.each<[string, WorkerHealth, string[]]>([
    ['late loop', worker({ loopDelayP99Ms: 3 }), ['loop_delay suspect']],
    ['very late loop', worker({ loopDelayP99Ms: 11 }), ['loop_delay void']],
    ['busy loop', worker({ utilization: 0.91, cpuMs: 9600 }), ['utilization void', 'cpu void']],
    ['long collection', worker({}, { gc: { count: 1, totalMs: 400, maxMs: 400 } }), ['gc_pause suspect']],
    ['no core to run on', worker({}, { cpuWaitMs: 600 }), ['cpu_wait suspect']],
    ['failures of its own', worker({}, { ownFailures: 1 }), ['own_failures void']],
    // The gap between tokens is 100 ms: 5 and 20 ms.
    ['waits within 5 % of a gap', worker({}, { stampWait: spread({ p99Ms: 4.9 }) }), []],
    ['waits', worker({}, { stampWait: spread({ p99Ms: 5.1 }) }), ['stamp_wait suspect']],
    ['long waits', worker({}, { stampWait: spread({ p99Ms: 21 }) }), ['stamp_wait void']],
    // E2EL is 2000 ms: 20 and 100 ms.
    ['slow to use a slot', worker({}, { sendDelay: spread({ meanMs: 21 }) }), ['turnaround suspect']],
    ['idle slots', worker({}, { sendDelay: spread({ meanMs: 101 }) }), ['turnaround void']],
  ])('%s', (_, health, bad) => {
    // One bad worker among good ones is enough.
    expect(judged([worker(), health]).bad).toEqual(bad);
  });

  it('says which claims fall', () => {
    expect(judged([worker({ loopDelayP99Ms: 11 })]).voided).toEqual(['latency']);
    expect(judged([worker({}, { sendDelay: spread({ meanMs: 101 }) })]).voided).toEqual([
      'latency',
      'throughput',
    ]);
    expect(judged([worker({ loopDelayP99Ms: 3 })])).toMatchObject({ result: 'suspect', voided: [] });
  });

  it('doubts both claims of a task that did not run alone', () => {
    const { bad, result } = judged([worker()], {}, { beside: ['a/b'] });
    expect({ bad, result }).toEqual({ bad: ['other_tasks suspect'], result: 'suspect' });
    expect(judged([worker()]).checks.map((c) => c.name)).not.toContain('other_tasks');
  });

  it('blames the client for shared reads only when its loop was late', () => {
    const shared = { sharedOutputs: 300 };
    const inTime = judged([worker({}, shared)]);
    expect(inTime.bad).toEqual(['shared_reads suspect']);
    expect(inTime.checks.find((c) => c.name === 'shared_reads')!.advice).toContain('TPOT');
    expect(judged([worker({ loopDelayP99Ms: 3 }, shared)]).bad).toEqual([
      'loop_delay suspect',
      'shared_reads void',
    ]);
  });

  it('judges an open loop by its lateness instead of its turn-around', () => {
    // Due times span 9 s: 2 % are 180 ms; 1 % of E2EL are 20 ms.
    const late = (p99Ms: number) =>
      judged([worker({}, { sendDelay: spread({ meanMs: 100, p99Ms }) })], openLoop);
    expect(late(19).bad).toEqual([]);
    expect(late(21).bad).toEqual(['send_lateness suspect']);
    expect(late(181)).toMatchObject({ bad: ['send_lateness void'], voided: ['latency', 'throughput'] });
  });

  it('takes the hypervisor into account', () => {
    const machine = { openFiles: 1024, ephemeralPorts: null, stealShare: 0.06, busyShare: 0.5 };
    expect(judged([worker()], {}, { machine }).bad).toEqual(['steal void']);
  });

  it('leaves out what an older run does not hold, and says nothing without reports', () => {
    const { watch, ...old } = worker({ loopDelayP99Ms: 3 });
    const { checks, bad } = judged([old]);
    expect(bad).toEqual(['loop_delay suspect']);
    expect(checks.map((c) => c.name)).toEqual(['loop_delay', 'utilization', 'cpu']);
    const killed = runOf(records, {}, 10, null);
    expect(clientHealth(killed, readRequests(killed, definitions.product))).toBeNull();
  });

  it('does not count a worker that had nothing to do', () => {
    expect(judged([worker(), worker({ requests: 0, utilization: 1 })]).bad).toEqual([]);
  });
});
