/** `--cache primed`: the shared parts of the data go out once before anything else, so that the service's cache holds them. */
import type { Plan } from '../core/plan.ts';
import type { WarmupCount } from './messages.ts';
import { sendWarmups, type WarmupOptions } from './warmups.ts';
import type { Sender } from './wire/client.ts';
import { framedBodies } from './wire/http/request.ts';

/**
 * One after the other, waited for and tried again as warm-ups are. They leave no record and count among the warm-ups,
 * but say nothing of how long a request takes.
 */
export async function sendPrimers(
  sender: Pick<Sender, 'send'>,
  plan: Plan,
  options: Omit<WarmupOptions, 'slots'>,
): Promise<WarmupCount> {
  if (plan.primers === undefined) return { total: 0, ok: 0, failed: 0, failures: [], e2elMs: [] };
  const bodies = [...framedBodies(plan, plan.primers)];
  const primer: Pick<Sender, 'send'> = {
    send: (job, done) => sender.send({ ...job, bytes: bodies[job.index] }, done),
  };
  const count = await sendWarmups(primer, [...bodies.keys()], { ...options, slots: 1 });
  return { ...count, e2elMs: [] };
}
