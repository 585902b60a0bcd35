/** Looks for the most streams at which stamps are still good, by doubling and then halving the step. */
import { type CalibrationRow, SERVICE_KEPT } from '../task/calibration/calibration-run.ts';

export interface SearchOptions {
  first: number;
  most: number;
  /** P99 limits of the stamp error, ms, ascending. */
  limitsMs: readonly number[];
  measure(streams: number): Promise<CalibrationRow>;
  /** False when no further measurement may start. */
  hasTime(): boolean;
}

export interface HighestCount {
  limitMs: number;
  /** Most streams measured below the limit; 0 when even the fewest were above it. */
  streams: number;
  /** Fewest streams measured above the limit; null when the client was never above it. */
  failedAt: number | null;
}

/** Counts closer than this share of the lower one are the same within what a window can tell. */
const RESOLUTION = 0.25;

/** Rows that count, by number of streams: those at which the service kept its rate. */
export async function searchStreams(options: SearchOptions): Promise<CalibrationRow[]> {
  const { first, most, limitsMs, measure, hasTime } = options;
  const rows: CalibrationRow[] = [];
  let ceiling = Number.POSITIVE_INFINITY;
  async function add(streams: number): Promise<boolean> {
    const row = await measure(streams);
    if (row.service.kept < SERVICE_KEPT) ceiling = Math.min(ceiling, streams);
    else rows.push(row);
    return row.service.kept >= SERVICE_KEPT && row.p99Ms < limitsMs[limitsMs.length - 1];
  }
  for (let streams = first; streams <= most && hasTime(); streams *= 2) {
    if (!(await add(streams))) break;
  }
  for (const limitMs of limitsMs) {
    for (let halvings = 0; halvings < 2 && hasTime(); halvings++) {
      const { streams, failedAt } = highestBelow(rows, limitMs);
      const above = Math.min(failedAt ?? ceiling, ceiling, most + 1);
      const middle = Math.round((streams + above) / 2);
      if (!Number.isFinite(above) || above - streams <= RESOLUTION * streams || middle < first / 4) break;
      await add(middle);
    }
  }
  return rows.sort((a, b) => a.streams - b.streams);
}

/** Counts above the first failure do not count: a lucky window is no capacity. */
export function highestBelow(rows: readonly CalibrationRow[], limitMs: number): HighestCount {
  const failed = rows.filter((row) => row.p99Ms >= limitMs).map((row) => row.streams);
  const failedAt = failed.length === 0 ? null : Math.min(...failed);
  const passed = rows.filter(
    (row) => row.p99Ms < limitMs && row.streams < (failedAt ?? Number.POSITIVE_INFINITY),
  );
  return { limitMs, streams: Math.max(0, ...passed.map((row) => row.streams)), failedAt };
}
