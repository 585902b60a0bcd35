/** What the checks of the client's health look at: the workers' reports, and the scale of what was measured. */
import type { MachineHealth } from '../core/health.ts';
import type { RunEnd, RunInfo, WorkerHealth } from '../core/run.ts';
import { e2elUs, type RequestTable } from './request-table.ts';
import { distributionOf } from './stats.ts';

/** Times in ms; 0 where the run does not tell. */
export interface HealthReading {
  /** Those that sent anything. */
  workers: readonly WorkerHealth[];
  machine: MachineHealth | null;
  /** Other tasks of the same command that ran at the same time. */
  tasksBeside: number;
  stream: boolean;
  /** Requests were due by the clock, not when a slot came free. */
  paced: boolean;
  /** Medians over successful requests: E2EL, and the mean gap between a request's tokens. */
  e2elMs: number;
  gapMs: number;
  /** From the first to the last due time of first attempts, and the mean gap between two of them. */
  spanMs: number;
  meanGapMs: number;
}

export function readingOf(info: RunInfo, end: RunEnd, table: RequestTable): HealthReading {
  const e2el: number[] = [];
  const gaps: number[] = [];
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  let sends = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.attempt[row] === 0) {
      sends++;
      firstMs = Math.min(firstMs, table.dueMs[row]);
      lastMs = Math.max(lastMs, table.dueMs[row]);
    }
    if (table.success[row] === 0) continue;
    e2el.push(e2elUs(table, row) / 1000);
    const points = table.points[row];
    if (points > 1) gaps.push((table.lastUs[row] - table.firstUs[row]) / 1000 / (points - 1));
  }
  const spanMs = sends > 1 ? lastMs - firstMs : 0;
  return {
    workers: end.health.filter((worker) => worker.requests > 0),
    machine: end.machine ?? null,
    tasksBeside: end.beside?.length ?? 0,
    stream: info.stream,
    paced: info.schedule.kind === 'rate' || info.schedule.kind === 'timestamps',
    e2elMs: medianOf(e2el),
    gapMs: medianOf(gaps),
    spanMs,
    meanGapMs: sends > 1 ? spanMs / (sends - 1) : 0,
  };
}

/** The largest of the workers' values; 0 when there is no worker. */
export function worstOf(workers: readonly WorkerHealth[], of: (worker: WorkerHealth) => number): number {
  return Math.max(0, ...workers.map(of));
}

function medianOf(values: number[]): number {
  return values.length === 0 ? 0 : distributionOf(Float64Array.from(values)).quantile(0.5);
}
