/** Plug-in: the steady stage as the plateau found in the data. */
import { edgesOf, highestLevel } from '../concurrency.ts';
import { sentIn } from '../request-table.ts';
import type { WindowRule } from './window.ts';

/** Half the clock's resolution, ms: the plateau's edges were moved to the run's clock, and lost a bit on the way. */
const SAME_MOMENT_MS = 0.5e-6;

/** Members were sent within (start, end] of the plateau: half open, as everything the plateau's own numbers count. */
export const stableAutomatic: WindowRule = (table, _maxConcurrency, plateau) => {
  if (!plateau?.window) {
    const { level, atMs } = highestLevel(edgesOf(table));
    return {
      reason: plateau?.noWindow ?? 'the run contains no request',
      highestLevel: level,
      highestAtMs: atMs,
      hints: ['Send more requests, or use --pressure with a longer --pressure-time.'],
    };
  }
  const { startMs, endMs } = plateau.window;
  const members = sentIn(table, startMs + SAME_MOMENT_MS, endMs + SAME_MOMENT_MS);
  return { interval: { startMs, endMs }, members };
};
