/** The checks of the client's health: what each looks at, where its limits are, and why. */
import type { HealthCheck, HealthResult } from '../core/health.ts';
import type { WorkerHealth } from '../core/run.ts';
import type { Claim } from '../core/steady.ts';
import { type HealthReading, worstOf } from './health-reading.ts';

/** What a check says of a run; null when the run does not hold what it needs. */
export type HealthRule = (run: HealthReading) => Omit<HealthCheck, 'result'> | null;

const STAMPS: Claim[] = ['latency'];
const RATES: Claim[] = ['latency', 'throughput'];

export function healthResult({ value, suspectAbove, voidAbove }: Omit<HealthCheck, 'result'>): HealthResult {
  if (voidAbove !== null && value > voidAbove) return 'void';
  return value > suspectAbove ? 'suspect' : 'ok';
}

const loopDelay: HealthRule = ({ workers }) => ({
  name: 'loop_delay',
  measures: 'delay of the event loop, P99',
  value: worstOf(workers, (w) => w.loopDelayP99Ms),
  unit: 'ms',
  suspectAbove: 2,
  voidAbove: 10,
  reason:
    'an event that arrives during a delay gets a timestamp after it; timers alone show up to 1 ms on an idle machine',
  concerns: STAMPS,
  advice: 'Stop other processes on this machine, and use more workers (--workers) if cores are free.',
});

/** The sharper sign, in proportion to the gaps that are to be measured; 5 % and 20 % of them, never under 1 and 5 ms. */
const stampWait: HealthRule = ({ workers, gapMs }) => {
  const waits = workers.filter((w) => w.watch && w.watch.stampWait.n > 0);
  if (waits.length === 0) return null;
  return {
    name: 'stamp_wait',
    measures: 'longest time that bytes can have waited for their timestamp, P99',
    value: worstOf(waits, (w) => w.watch!.stampWait.p99Ms),
    unit: 'ms',
    suspectAbove: Math.max(1, 0.05 * gapMs),
    voidAbove: Math.max(5, 0.2 * gapMs),
    reason: '1 and 5 ms, or 5 % and 20 % of the median gap between tokens if that is more',
    concerns: STAMPS,
    advice:
      'Too many streams send at the same moment for one thread. Use more workers (--workers) or more machines.',
  };
};

const utilization: HealthRule = ({ workers }) => ({
  name: 'utilization',
  measures: 'utilization of the event loop',
  value: worstOf(workers, (w) => w.utilization),
  unit: 'ratio',
  suspectAbove: 0.7,
  voidAbove: 0.9,
  reason: 'queues in front of the loop grow as 1/(1 − utilization); above 90 % reads begin to merge',
  concerns: STAMPS,
  advice: 'Use more workers (--workers), or a machine with faster cores.',
});

const cpu: HealthRule = ({ workers }) => ({
  name: 'cpu',
  measures: 'CPU used by a worker, in percent of a core',
  value: worstOf(workers, (w) => (w.wallMs > 0 ? w.cpuMs / w.wallMs : 0)),
  unit: 'ratio',
  suspectAbove: 0.8,
  voidAbove: 0.95,
  reason: 'a thread that is always busy has no reserve for bursts',
  concerns: STAMPS,
  advice: 'Use more workers (--workers), or a machine with faster cores.',
});

const collections: HealthRule = ({ workers }) => {
  const watched = workers.filter((w) => w.watch);
  if (watched.length === 0) return null;
  return {
    name: 'gc_pause',
    measures: 'longest pause for garbage collection',
    value: worstOf(watched, (w) => w.watch!.gc.maxMs),
    unit: 'ms',
    suspectAbove: 20,
    voidAbove: null,
    reason: 'a pause affects the timestamps of its own duration, not the whole run',
    concerns: STAMPS,
    advice: 'Use more workers (--workers), or --no-keep-text.',
  };
};

/**
 * A request that waits for a slot waits for the service; what is left is the client's own. A schedule is
 * kept when its end is not pushed back by more than 2 %.
 */
const sendLateness: HealthRule = ({ paced, workers, e2elMs, meanGapMs, spanMs }) => {
  const watched = workers.filter((w) => w.watch && w.watch.sendDelay.n > 0);
  if (!paced || watched.length === 0) return null;
  return {
    name: 'send_lateness',
    measures: 'time from due, with a slot free, to sent, P99',
    value: worstOf(watched, (w) => w.watch!.sendDelay.p99Ms),
    unit: 'ms',
    suspectAbove: Math.max(1, Math.min(0.01 * e2elMs, 0.1 * meanGapMs)),
    voidAbove: Math.max(10, 0.02 * spanMs),
    reason:
      'suspect: 1 ms, or 1 % of the median E2EL and 10 % of the mean gap between sends; void: the schedule is longer by 2 %',
    concerns: RATES,
    advice:
      'Raise batch_size so that connections are opened in advance, use more workers (--workers), or lower the rate.',
  };
};

const turnaround: HealthRule = ({ paced, workers, e2elMs }) => {
  const watched = workers.filter((w) => w.watch && w.watch.sendDelay.n > 0);
  if (paced || watched.length === 0 || !(e2elMs > 0)) return null;
  return {
    name: 'turnaround',
    measures: 'mean idle time of a slot, in percent of the median E2EL',
    value: worstOf(watched, (w) => w.watch!.sendDelay.meanMs) / e2elMs,
    unit: 'ratio',
    suspectAbove: 0.01,
    voidAbove: 0.05,
    reason: 'the service sees that much less than the requested concurrency',
    concerns: RATES,
    advice: 'Use more workers (--workers); with requests this short, prefer an open loop (request_rate).',
  };
};

/**
 * A late reader has a late loop. When the loop was in time, several tokens in one read came so from the
 * service or from the network, and only the gaps between them are in doubt.
 */
const sharedReads: HealthRule = (reading) => {
  const watched = reading.workers.filter((w) => w.watch && w.watch.outputs > 0);
  if (!reading.stream || watched.length === 0) return null;
  const sum = (of: (w: WorkerHealth) => number) => watched.reduce((all, w) => all + of(w), 0);
  const inTime = [loopDelay, stampWait].every((rule) => {
    const check = rule(reading);
    return check === null || healthResult(check) === 'ok';
  });
  return {
    name: 'shared_reads',
    measures: 'tokens that arrived in the same socket read as another token of their stream',
    value: sum((w) => w.watch!.sharedOutputs) / sum((w) => w.watch!.outputs),
    unit: 'ratio',
    suspectAbove: 0.05,
    voidAbove: inTime ? null : 0.25,
    reason:
      'tokens of one read get one timestamp: their gaps become 0 and one large one; rates are not affected',
    concerns: STAMPS,
    advice: inTime
      ? 'The client read in time, so the service or a proxy sends several tokens at once. Use TPOT instead of ITL.'
      : 'The client reads late. See the other checks.',
  };
};

const ownFailures: HealthRule = ({ workers }) => {
  const watched = workers.filter((w) => w.watch);
  if (watched.length === 0) return null;
  return {
    name: 'own_failures',
    measures: 'attempts that failed because this host ran out of file descriptors, ports, or buffers',
    value: watched.reduce((all, w) => all + w.watch!.ownFailures, 0),
    unit: 'count',
    suspectAbove: 0,
    voidAbove: 0,
    reason: 'the service did not cause these failures',
    concerns: RATES,
    advice: 'Raise the limit of open files (ulimit -n) and the range of local ports, or lower batch_size.',
  };
};

const cpuWait: HealthRule = ({ workers }) => {
  const watched = workers.filter((w) => w.watch && w.watch.cpuWaitMs !== null && w.wallMs > 0);
  if (watched.length === 0) return null;
  return {
    name: 'cpu_wait',
    measures: 'time in which a worker waited for a core',
    value: worstOf(watched, (w) => w.watch!.cpuWaitMs! / w.wallMs),
    unit: 'ratio',
    suspectAbove: 0.05,
    voidAbove: null,
    reason: 'other processes use the cores; loop_delay shows the effect on timestamps',
    concerns: STAMPS,
    advice: 'Stop other processes on this machine; in particular, do not run the service on it.',
  };
};

const steal: HealthRule = ({ machine }) => {
  if (machine === null || machine.stealShare === null) return null;
  return {
    name: 'steal',
    measures: 'CPU time that the hypervisor gave to other machines',
    value: machine.stealShare,
    unit: 'ratio',
    suspectAbove: 0.01,
    voidAbove: 0.05,
    reason: 'while a core is taken away, nothing gets a timestamp, and no other figure shows it',
    concerns: STAMPS,
    advice: 'Use a machine with dedicated cores.',
  };
};

/** How much the others took cannot be told from this task's records. */
const otherTasks: HealthRule = ({ tasksBeside }) => {
  if (tasksBeside === 0) return null;
  return {
    name: 'other_tasks',
    measures: 'tasks of the same command that ran at the same time',
    value: tasksBeside,
    unit: 'count',
    suspectAbove: 0,
    voidAbove: null,
    reason: 'parallel tasks share this client, and the service if they have the same address',
    concerns: RATES,
    advice: 'For figures of this task alone, run tasks one after the other (--max-num-workers 1).',
  };
};

export const healthRules: readonly HealthRule[] = [
  loopDelay,
  stampWait,
  utilization,
  cpu,
  collections,
  sendLateness,
  turnaround,
  sharedReads,
  ownFailures,
  cpuWait,
  steal,
  otherTasks,
];
