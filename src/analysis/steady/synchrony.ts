/** Are requests in phase? A burst of equally long ones stays in lock step for ever, and its latencies are those of a burst. */
import type { RequestTable } from '../request-table.ts';

const BINS_PER_CYCLE = 20;

/**
 * (variance ÷ mean − 1) ÷ (0.95 C) of the starts in bins of a twentieth of a cycle, not below 0: 0 for starts at
 * random or evenly staggered, 1 for all slots in lock step. NaN without starts.
 */
export function synchronyOf(
  table: RequestTable,
  { fromMs, toMs, cycleMs }: { fromMs: number; toMs: number; cycleMs: number },
  level: number,
): number {
  const bins = Math.floor(((toMs - fromMs) / cycleMs) * BINS_PER_CYCLE);
  const counts = new Float64Array(bins);
  const width = cycleMs / BINS_PER_CYCLE;
  let starts = 0;
  for (const sent of table.sentMs) {
    const bin = Math.floor((sent - fromMs) / width);
    if (bin < 0 || bin >= bins) continue;
    counts[bin]++;
    starts++;
  }
  const mean = starts / bins;
  let squares = 0;
  for (const count of counts) squares += (count - mean) ** 2;
  return Math.max(0, (squares / bins / mean - 1) / ((1 - 1 / BINS_PER_CYCLE) * level));
}
