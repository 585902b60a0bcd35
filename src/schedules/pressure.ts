/** Plug-in: pressure. Clients are added at a steady pace and send one request after another until time is up. */
import type { Schedule, ScheduleSpec } from '../core/plan.ts';

type Spec = Extract<ScheduleSpec, { kind: 'pressure' }>;

export function pressure(spec: Spec): Schedule {
  const gapMs = spec.clientsPerS > 0 ? 1000 / spec.clientsPerS : 0;
  return {
    paced: false,
    dueAt: () => 0,
    slotOpensAt: (slot) => slot * gapMs,
    limit: spec.limit,
    requests: Number.POSITIVE_INFINITY,
    durationMs: spec.durationMs,
  };
}
