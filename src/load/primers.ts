/** `--cache primed`: the shared parts of the data go out once before anything else, so that the service's cache holds them. */
import type { Plan } from '../core/plan.ts';
import { OUTCOME } from '../core/records.ts';
import type { Sender } from './client.ts';
import type { AttemptEnd } from './connection.ts';
import type { WarmupCount } from './messages.ts';
import { framedBodies } from './request.ts';
import { failedWarmup } from './warmup.ts';

/** One after the other; they leave no record and count among the warm-ups, but say nothing of how long a request takes. */
export async function sendPrimers(sender: Sender, plan: Plan): Promise<WarmupCount> {
  const count: WarmupCount = { total: 0, ok: 0, failed: 0, failures: [], e2elMs: [] };
  if (plan.primers === undefined) return count;
  let index = 0;
  for (const bytes of framedBodies(plan, plan.primers)) {
    const job = { index, turn: 0, attempt: 0, due: 0, measured: false, bytes };
    const end = await new Promise<AttemptEnd>((resolve) => sender.send(job, resolve));
    count.total++;
    if (end.outcome === OUTCOME.ok) count.ok++;
    else {
      count.failed++;
      count.failures.push(failedWarmup(index, 0, end));
    }
    index++;
  }
  return count;
}
