/** Plug-in: the steady stage as the document draws it, t2 to t4. */

import type { NoWindow } from '../../core/summary.ts';
import { formatSeconds } from '../../core/text/format-numbers.ts';
import { type Edges, edgesOf, highestLevel, loadPlateau } from '../concurrency.ts';
import { sentWithin, type WindowRule } from './window.ts';

/**
 * t1: first moment at the maximum; t2: send time of the first attempt sent after t1; t4: the moment the
 * level leaves the maximum for the last time. Members were sent within [t2, t4]; the length is t4 − t2.
 * Failed attempts hold their slots. Dips inside are part of the stage.
 */
export const stableDocument: WindowRule = (table, maxConcurrency) => {
  const edges = edgesOf(table);
  const plateau = loadPlateau(edges, maxConcurrency);
  const none = (reason: string, hints: string[]): NoWindow => {
    const highest = highestLevel(edges);
    return { reason, highestLevel: highest.level, highestAtMs: highest.atMs, hints };
  };
  if (plateau === null) return neverReached(edges, maxConcurrency);

  const { fullMs: t1Ms, releasedMs: t4Ms } = plateau;
  const t2Row = table.bySent.find((row) => table.sentMs[row] > t1Ms);
  const reached = `the maximum concurrency of ${maxConcurrency} was reached at ${formatSeconds(t1Ms / 1000)}`;
  if (t2Row === undefined) {
    return none(`${reached}, but no request was sent after that`, [
      `Send well over ${maxConcurrency} requests (a larger dataset or --num-prompts), or use --pressure.`,
      'Or lower batch_size.',
    ]);
  }
  const t2Ms = table.sentMs[t2Row];
  if (t2Ms >= t4Ms) {
    return none(
      `${reached} and left for good at ${formatSeconds(t4Ms / 1000)}, before the next request was sent at ${formatSeconds(t2Ms / 1000)}`,
      [
        'Raise request_rate or set it to 0, or lower batch_size.',
        'Or keep the clients busy with --pressure.',
      ],
    );
  }
  return {
    interval: { startMs: t2Ms, endMs: t4Ms, t1Ms, t2Ms, t4Ms },
    members: sentWithin(table, t2Ms, t4Ms),
  };
};

function neverReached(edges: Edges, maximum: number): NoWindow {
  const { level, atMs } = highestLevel(edges);
  const hints = [
    `Send well over ${maximum} requests: a larger dataset, a larger --num-prompts, or --pressure.`,
    'Raise request_rate or set it to 0; in a stress test, also raise --pressure-time.',
    `Or lower batch_size to ${Math.max(level, 1)} or less.`,
  ];
  return {
    reason: `the maximum concurrency of ${maximum} was never reached; the highest was ${level} at ${formatSeconds(atMs / 1000)}`,
    highestLevel: level,
    highestAtMs: atMs,
    hints,
  };
}
