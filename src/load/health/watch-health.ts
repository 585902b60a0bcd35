/** The client watches itself: was this worker ever the bottleneck? */
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import type { WorkerHealth } from '../../core/run.ts';
import type { ReadCounters } from '../wire/connection.ts';
import { createSpread } from '../wire/spread.ts';
import type { TurnWatch } from '../wire/turn-watch.ts';
import { threadTimes } from './machine.ts';

export interface HealthWatch {
  /** A first attempt left this long after it could have left. */
  sent(delayMs: number): void;
  /** An attempt failed for this reason. */
  failed(cause: string): void;
  end(worker: number, requests: number, counters: ReadCounters): WorkerHealth;
}

/** The histogram holds times between wake-ups of a timer of this period; the excess is the delay. */
const RESOLUTION_MS = 10;
/** How often the next burst of reads of the event loop is watched: often enough for a percentile within seconds. */
const ARM_MS = 25;
/** Errors of connect() and socket() that are this host's own. */
const OWN_FAILURE = /\b(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS|ENOMEM)\b/;

/** Watches the calling thread from now on. */
export function watchHealth(turns: TurnWatch): HealthWatch {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const sendDelay = createSpread();
  const collections = watchCollections();
  const startUtilization = performance.eventLoopUtilization();
  const startMs = performance.now();
  const start = threadTimes();
  const delayMs = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  let ownFailures = 0;
  turns.clear();
  delays.enable();
  const timer = setInterval(turns.arm, ARM_MS);
  return {
    sent: (ms) => sendDelay.add(ms),
    failed(cause) {
      if (OWN_FAILURE.test(cause)) ownFailures++;
    },
    end(worker, requests, counters) {
      clearInterval(timer);
      delays.disable();
      const used = performance.eventLoopUtilization(startUtilization);
      const end = threadTimes();
      return {
        worker,
        requests,
        events: counters.events,
        bytesIn: counters.bytesIn,
        reads: counters.reads,
        coalescedReads: counters.coalescedReads,
        cpuMs: start && end ? end.cpuMs - start.cpuMs : used.active,
        wallMs: performance.now() - startMs,
        utilization: used.utilization,
        loopDelayP50Ms: delayMs(delays.percentile(50)),
        loopDelayP99Ms: delayMs(delays.percentile(99)),
        loopDelayMaxMs: delayMs(delays.max),
        watch: {
          stampWait: turns.stampWait(),
          readWork: turns.readWork(),
          sendDelay: sendDelay.read(),
          gc: collections(),
          cpuWaitMs: start && end ? end.waitMs - start.waitMs : null,
          socketsOpened: turns.sockets,
          outputs: counters.outputs,
          sharedOutputs: counters.sharedOutputs,
          ownFailures,
        },
      };
    },
  };
}

/** Counts pauses of this thread's garbage collector; the returned function ends it. */
function watchCollections(): () => { count: number; totalMs: number; maxMs: number } {
  const sum = { count: 0, totalMs: 0, maxMs: 0 };
  const add = (entries: readonly { duration: number }[]) => {
    for (const { duration } of entries) {
      sum.count++;
      sum.totalMs += duration;
      sum.maxMs = Math.max(sum.maxMs, duration);
    }
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    add(observer.takeRecords());
    observer.disconnect();
    return sum;
  };
}
