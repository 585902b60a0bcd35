/** Plug-in: pressure. Clients are added at a steady pace or as `traffic_cfg` says, and send one request after another until time is up. */
import type { Schedule, ScheduleSpec } from '../core/plan.ts';
import { arrivals } from './rate.ts';

type Spec = Extract<ScheduleSpec, { kind: 'pressure' }>;

export function pressure(spec: Spec): Schedule {
  return {
    paced: false,
    dueAt: () => 0,
    slotOpensAt: openings(spec),
    limit: spec.limit,
    requests: Number.POSITIVE_INFINITY,
    durationMs: spec.durationMs,
  };
}

/** The first client starts with the run, so that no time of it is spent on waiting for a gap. */
function openings({ limit, clientsPerS, traffic, seed = 0 }: Spec): Schedule['slotOpensAt'] {
  if (traffic && (traffic.ramp || (traffic.burstiness > 0 && clientsPerS > 0))) {
    const atMs = arrivals({ requests: limit, requestsPerS: clientsPerS, ...traffic, seed });
    return (slot) => atMs[slot] - atMs[0];
  }
  const gapMs = clientsPerS > 0 ? 1000 / clientsPerS : 0;
  return (slot) => slot * gapMs;
}
