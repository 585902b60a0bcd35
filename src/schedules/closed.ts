/** Plug-in: closed loop. A fixed number of slots, each sending its next request when its last one is answered. */
import type { Schedule, ScheduleSpec } from '../core/plan.ts';

type Spec = Extract<ScheduleSpec, { kind: 'closed' }>;

export function closed(spec: Spec): Schedule {
  return {
    paced: false,
    dueAt: () => 0,
    slotOpensAt: (slot) => (slot / spec.limit) * (spec.rampMs ?? 0),
    limit: spec.limit,
    requests: spec.requests,
    durationMs: Number.POSITIVE_INFINITY,
  };
}
