/** Plug-in: AISBench's stable_stage as its code computes it. */
import { stableUpstream } from '../windows/stable-upstream.ts';
import { isNoWindow } from '../windows/window.ts';
import { aisbench, aisbenchLatencies } from './aisbench.ts';
import { usualRates } from './figures.ts';
import type { Peer } from './peer.ts';

export const aisbenchStable: Peer = {
  ...aisbench,
  title: 'AISBench stable',
  basis: 'AISBench main branch since August 2026, stable_stage',
  measure(reading) {
    const found = stableUpstream(reading.table, reading.run.info.batchSize, null);
    if (isNoWindow(found)) return found.reason;
    const { startMs, endMs } = found.interval;
    const successes = found.members.filter((row) => reading.table.success[row] === 1);
    return {
      window: { startMs, endMs },
      latencies: aisbenchLatencies(reading, successes),
      ...usualRates(reading, successes, endMs - startMs),
    };
  },
};
