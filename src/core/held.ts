/** Which attempts were only there to hold the load. */
import type { RecordBatch } from './records.ts';
import type { RunEnd, RunInfo } from './run.ts';

export type RowTest = (batch: RecordBatch, row: number) => boolean;

/**
 * Null when nothing was held. Planned requests are told by their numbers: their retries and later turns may be sent
 * after the hold began.
 */
export function heldTest({ info, end }: { info: RunInfo; end: RunEnd | null }): RowTest | null {
  const measuredMs = end?.measuredMs;
  if (measuredMs === undefined) return null;
  const { schedule } = info;
  if ('durationMs' in schedule || !('requests' in schedule)) return ({ sent }, row) => sent[row] > measuredMs;
  return ({ index }, row) => index[row] >= schedule.requests;
}
