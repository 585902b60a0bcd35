/** The client watches itself: was this worker ever the bottleneck? */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { WorkerHealth } from '../core/run.ts';
import type { ReadCounters } from './connection.ts';

export interface HealthWatch {
  end(worker: number, requests: number, counters: ReadCounters): WorkerHealth;
}

/** The histogram holds times between wake-ups of a timer of this period; the excess is the delay. */
const RESOLUTION_MS = 10;

export function watchHealth(): HealthWatch {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const utilisation = performance.eventLoopUtilization();
  const startMs = performance.now();
  const startCpuMs = threadCpuMs();
  const delayMs = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  return {
    end(worker, requests, counters) {
      delays.disable();
      const used = performance.eventLoopUtilization(utilisation);
      const cpuMs = threadCpuMs();
      return {
        worker,
        requests,
        events: counters.events,
        bytesIn: counters.bytesIn,
        reads: counters.reads,
        coalescedReads: counters.coalescedReads,
        cpuMs: cpuMs === null || startCpuMs === null ? used.active : cpuMs - startCpuMs,
        wallMs: performance.now() - startMs,
        utilisation: used.utilization,
        loopDelayP50Ms: delayMs(delays.percentile(50)),
        loopDelayP99Ms: delayMs(delays.percentile(99)),
        loopDelayMaxMs: delayMs(delays.max),
      };
    },
  };
}

/**
 * CPU time of the calling thread, or null where it cannot be had; `process.cpuUsage` counts the whole
 * process. Linux tells it in ns, in the first field of this file.
 */
function threadCpuMs(): number | null {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}
