/** Requests before the run, on the connections of the run; they leave no record. */
import { OUTCOME } from '../core/records.ts';
import type { Sender } from './client.ts';
import type { Job } from './job.ts';
import type { WarmupCount } from './messages.ts';
import type { RetryPause } from './retry-pause.ts';

export interface WarmupOptions {
  sender: Sender;
  /** At most so many at a time. */
  slots: number;
  /** How many more attempts after the first. */
  retries: number;
  retryPause: RetryPause;
  /** Calls `act` in so many ms. */
  wait(ms: number, act: () => void): void;
  /** Called when a request is over, retries included. */
  onOne(): void;
}

/** Sends the requests `indices`. Counted is how each of them ended at last. */
export function warmUp(indices: readonly number[], options: WarmupOptions): Promise<WarmupCount> {
  const { sender, slots, retries, retryPause, wait, onOne } = options;
  const count: WarmupCount = { total: indices.length, ok: 0, failed: 0, reasons: {}, e2elMs: [] };
  if (indices.length === 0) return Promise.resolve(count);
  return new Promise((resolve) => {
    let next = 0;
    const sendNext = () => {
      if (next < indices.length)
        send({ index: indices[next++], turn: 0, attempt: 0, due: 0, measured: false });
    };
    const send = (job: Job) =>
      sender.send(job, (end) => {
        if (end.retryable && job.attempt < retries) {
          wait(retryPause(end, job.attempt), () => send({ ...job, attempt: job.attempt + 1 }));
          return;
        }
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
    for (let slot = 0; slot < slots; slot++) sendNext();
  });
}
