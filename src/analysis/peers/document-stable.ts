/** Plug-in: the steady stage as the AISBench document draws it. */
import { stableDocument } from '../windows/stable-document.ts';
import { isNoWindow } from '../windows/window.ts';
import { document } from './document.ts';
import { usualLatencies, usualRates } from './figures.ts';
import type { Peer } from './peer.ts';

export const documentStable: Peer = {
  ...document,
  title: 'stable (doc)',
  basis: 'the AISBench document, stable stage (what stable_stage prints here)',
  measure(reading) {
    const found = stableDocument(reading.table, reading.run.info.batchSize, null);
    if (isNoWindow(found)) return found.reason;
    const { startMs, endMs } = found.interval;
    const successes = found.members.filter((row) => reading.table.success[row] === 1);
    return {
      window: { startMs, endMs },
      latencies: usualLatencies(reading, successes),
      ...usualRates(reading, successes, endMs - startMs),
    };
  },
};
