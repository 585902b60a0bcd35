/** What the host allows and how busy it is. Linux tells; elsewhere the facts are null. */
import { readFileSync } from 'node:fs';
import type { HostLimits, MachineHealth } from '../../core/health.ts';

/** Reads a text file of the system; null when it cannot be read. */
type ReadText = (path: string) => string | null;

/** Jiffies of all cores since boot. */
interface CpuTimes {
  total: number;
  busy: number;
  steal: number;
}

/** Node raises its own soft limit to the hard one when it starts, so the soft limit is what counts. */
export function hostLimits(read: ReadText = readText): HostLimits {
  const files = /^Max open files\s+(\S+)/m.exec(read('/proc/self/limits') ?? '')?.[1];
  const ports = /^(\d+)\s+(\d+)/.exec(read('/proc/sys/net/ipv4/ip_local_port_range') ?? '');
  return {
    openFiles: files === undefined || !/^\d+$/.test(files) ? null : Number(files),
    ephemeralPorts: ports === null ? null : { from: Number(ports[1]), to: Number(ports[2]) },
  };
}

/** Begins to watch; the returned function ends it. Costs two reads of a small file (0.1 ms each). */
export function watchMachine(read: ReadText = readText): () => MachineHealth {
  const start = cpuTimes(read);
  return () => {
    const end = cpuTimes(read);
    const total = start && end ? end.total - start.total : 0;
    const share = (name: 'busy' | 'steal') =>
      start && end && total > 0 ? (end[name] - start[name]) / total : null;
    return { ...hostLimits(read), stealShare: share('steal'), busyShare: share('busy') };
  };
}

/** proc(5): user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user time. */
function cpuTimes(read: ReadText): CpuTimes | null {
  const line = /^cpu +(.*)$/m.exec(read('/proc/stat') ?? '')?.[1];
  if (line === undefined) return null;
  const [user, nice, system, idle, ioWait, irq, softIrq, steal] = line.split(' ').map(Number);
  const busy = user + nice + system + irq + softIrq;
  return { total: busy + idle + ioWait + steal, busy, steal };
}

/**
 * CPU time of the calling thread and the time it waited for a core, ms; null where the system does not
 * tell (`process.cpuUsage` counts the whole process). In ns, the first two fields of this file.
 */
export function threadTimes(read: ReadText = readText): { cpuMs: number; waitMs: number } | null {
  const text = read('/proc/thread-self/schedstat');
  if (text === null) return null;
  const [cpuNs, waitNs] = text.split(' ').map(Number);
  return { cpuMs: cpuNs / 1e6, waitMs: waitNs / 1e6 };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
