/** Plug-in: time stamps. Each request leaves when a recorded trace says; a full client delays it. */
import type { Schedule, ScheduleSpec } from '../core/plan.ts';

type Spec = Extract<ScheduleSpec, { kind: 'timestamps' }>;

export function timestamps(spec: Spec): Schedule {
  const { atMs } = spec;
  return {
    paced: true,
    dueAt: (index) => atMs[index],
    slotOpensAt: () => 0,
    limit: spec.limit,
    requests: atMs.length,
    durationMs: Number.POSITIVE_INFINITY,
  };
}
