/** Requests before the run, on the connections of the run; they leave no record. */
import { OUTCOME } from '../core/records.ts';
import type { Sender } from './client.ts';
import type { WarmupCount } from './messages.ts';

/** Sends the requests `indices`, at most `slots` at a time. */
export function warmUp(
  sender: Sender,
  indices: readonly number[],
  slots: number,
  onOne: () => void,
): Promise<WarmupCount> {
  const count: WarmupCount = { total: indices.length, ok: 0, failed: 0, reasons: {}, e2elMs: [] };
  if (indices.length === 0) return Promise.resolve(count);
  return new Promise((resolve) => {
    let next = 0;
    const sendNext = () => {
      if (next >= indices.length) return;
      const job = { index: indices[next++], turn: 0, attempt: 0, due: 0, measured: false };
      sender.send(job, (end) => {
        if (end.outcome === OUTCOME.ok) {
          count.ok++;
          count.e2elMs.push(end.endMs - end.sentMs);
        } else {
          count.failed++;
          count.reasons[end.cause] = (count.reasons[end.cause] ?? 0) + 1;
        }
        onOne();
        if (count.ok + count.failed === count.total) resolve(count);
        else sendNext();
      });
    };
    for (let slot = 0; slot < slots; slot++) sendNext();
  });
}
