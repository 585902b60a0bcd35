/** Tasks that were checked before the first of them sends, of which only some keep their data in memory until then. */
import type { RunInfo } from '../../core/run.ts';
import type { PreparedTask } from './prepare-task.ts';

/** What the command has to know of a task that waits for its turn. */
export interface CheckedTask {
  name: string;
  workers: number;
  connections: number;
  schedule: PreparedTask['plan']['schedule'];
  /** Host and port of its service. */
  address: string;
  info: RunInfo;
  /** Hands the task out, once; prepares it again where its data was not kept. */
  take(): Promise<PreparedTask>;
}

export type CheckTask = (task: PreparedTask, again: () => Promise<PreparedTask>) => CheckedTask;

/** Of request bodies; the rows that they were made from take about as much again. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/** Keeps tasks while their bodies together take no more than `mostBytes`: preparing twice costs time, keeping all memory. */
export function createTaskCheck(mostBytes = MAX_KEPT_BYTES): CheckTask {
  let keptBytes = 0;
  return (task, again) => {
    const { name, workers, connections, info, plan } = task;
    const bytes = plan.bodies.bytes.byteLength;
    let kept = keptBytes + bytes <= mostBytes ? task : null;
    if (kept !== null) keptBytes += bytes;
    return {
      name,
      workers,
      connections,
      schedule: plan.schedule,
      address: new URL(plan.target.url).host,
      info,
      take() {
        const held = kept;
        kept = null;
        if (held === null) return again();
        keptBytes -= bytes;
        return Promise.resolve(held);
      },
    };
  };
}
