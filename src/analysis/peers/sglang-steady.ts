/** Plug-in: SGLang's steady_state_serving: tokens by the time stamps of their chunks, in the longest busy stretch. */
import { knownTokens } from '../request-table.ts';
import { edgesAt, longestSpan } from './busy-span.ts';
import { everywhere } from './figures.ts';
import type { Peer, Reading } from './peer.ts';
import { sglang } from './sglang.ts';

/** The tool has no default; 0.95 of the peak lets single gaps between requests pass. */
const RATIO = 0.95;

export const sglangSteady: Peer = {
  ...sglang,
  title: 'SGLang steady',
  basis: `sglang.benchmark.steady_state_serving, autumn 2026, concurrency ratio ${RATIO} (it has no default)`,
  measure(reading) {
    const { table, endUs } = reading;
    const members = reading.successes.filter((row) => endUs[row] > 0);
    const endMs = (row: number) => table.sentMs[row] + endUs[row] / 1000;
    const span = longestSpan(
      edgesAt(members, (row) => table.sentMs[row], endMs),
      RATIO,
    );
    if (span === null) return 'no successful request of any length';
    const { startMs, endMs: untilMs } = span;
    const seconds = (untilMs - startMs) / 1000;
    const none = everywhere('not reported');
    return {
      window: { startMs, endMs: untilMs },
      latencies: { TTFT: none, TPOT: none, ITL: none, E2EL: none },
      outputTokensPerS: tokensWithin(reading, members, startMs, untilMs) / seconds,
      requestsPerS: 'not reported',
      durationS: seconds,
      requests: members.filter((row) => endMs(row) >= startMs && endMs(row) <= untilMs).length,
    };
  },
};

/** Each chunk carries an equal share of its request's tokens; one without chunks counts at its start. */
function tokensWithin({ run, table }: Reading, members: Uint32Array, fromMs: number, toMs: number): number {
  const isMember = new Uint8Array(table.count);
  for (const row of members) isMember[row] = 1;
  const inside = (ms: number) => (ms >= fromMs && ms <= toMs ? 1 : 0);
  let tokens = 0;
  let base = 0;
  for (const batch of run.batches()) {
    for (let at = 0; at < batch.rows; at++) {
      const row = base + at;
      const out = table.outTokens[row];
      if (isMember[row] === 0 || Number.isNaN(knownTokens(out))) continue;
      let us = 0;
      let within = 0;
      for (let event = batch.eventStart[at]; event < batch.eventStart[at + 1]; event++) {
        us += batch.eventGapUs[event];
        if (sglang.points[batch.eventKind[event]] === 1) within += inside(table.sentMs[row] + us / 1000);
      }
      const points = table.points[row];
      tokens += points > 0 ? (out * within) / points : out * inside(table.sentMs[row]);
    }
    base += batch.rows;
  }
  return tokens;
}
