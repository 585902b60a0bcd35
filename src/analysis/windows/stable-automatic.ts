/** Plug-in: the steady stage as the plateau found in the data. */
import { edgesOf, highestLevel } from '../level.ts';
import type { WindowRule } from './window.ts';

/** Members were sent within (start, end] of the plateau: half open, as everything the plateau's own numbers count. */
export const stableAutomatic: WindowRule = (table, _maxConcurrency, plateau) => {
  if (!plateau?.window) {
    const { level, atMs } = highestLevel(edgesOf(table));
    return {
      reason: plateau?.noWindow ?? 'the run holds no request',
      highestLevel: level,
      highestAtMs: atMs,
      hints: ['Send more requests, or use --pressure with a longer --pressure-time.'],
    };
  }
  const { startMs, endMs } = plateau.window;
  const members = table.bySent.filter((row) => table.sentMs[row] > startMs && table.sentMs[row] <= endMs);
  return { interval: { startMs, endMs }, members };
};
