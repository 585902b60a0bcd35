/** Plug-in: rate. Arrivals at a constant rate or along a ramp, evenly spaced or random (open loop). */
import type { Schedule, ScheduleSpec } from '../core/plan.ts';
import { type Random, seededRandom } from '../core/random.ts';

type Spec = Extract<ScheduleSpec, { kind: 'rate' }>;

/** Below this a rate cannot be told from none; a ramp that starts at 0 begins without a gap. */
const MIN_RATE = 1e-9;

export function rate(spec: Spec): Schedule {
  const { held = 0 } = spec;
  const atMs = arrivals({ ...spec, requests: spec.requests + held });
  return {
    paced: true,
    dueAt: (index) => atMs[index],
    slotOpensAt: () => 0,
    limit: spec.limit,
    requests: spec.requests,
    held,
    durationMs: spec.durationMs ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Arrival times in ms after the run's start, ascending, computed once from the seed. Gap i is the inverse
 * of the rate at i, times a gamma variate of mean 1 (shape = burstiness; 1 is Poisson) unless burstiness
 * is 0. The first arrival comes after the first gap.
 *
 * AISBench stretches an unramped series so that its last arrival falls exactly on N / rate. We do not: a
 * Poisson process whose N-th arrival is known in advance is none, its gaps are no longer independent and
 * its counts vary too little. With burstiness 0 both readings give the same times.
 */
export function arrivals(spec: Omit<Spec, 'kind' | 'limit'>): Float64Array {
  const { requests, burstiness, ramp } = spec;
  const atMs = new Float64Array(requests);
  if (burstiness === 0 && !ramp) {
    // A product instead of a sum: no rounding piles up over millions of requests.
    for (let i = 0; i < requests; i++) atMs[i] = ((i + 1) / spec.requestsPerS) * 1000;
    return atMs;
  }
  const random = seededRandom(spec.seed, 'arrivals');
  let seconds = 0;
  for (let i = 0; i < requests; i++) {
    const perSecond = ramp ? rateOnRamp(ramp, i / Math.max(requests - 1, 1)) : spec.requestsPerS;
    if (perSecond >= MIN_RATE) seconds += drawStretch(random, burstiness) / perSecond;
    atMs[i] = seconds * 1000;
  }
  return atMs;
}

/** The next gap as a multiple of the mean gap. */
function drawStretch(random: Random, burstiness: number): number {
  if (burstiness === 0) return 1;
  return burstiness === 1 ? random.exponential() : random.gamma(burstiness) / burstiness;
}

/** Requests per second at `progress` (0 … 1, by request number) of the ramp. */
export function rateOnRamp(ramp: NonNullable<Spec['ramp']>, progress: number): number {
  const { startRps, endRps } = ramp;
  if (ramp.strategy === 'linear') return startRps + (endRps - startRps) * progress;
  return startRps > 0 ? startRps * (endRps / startRps) ** progress : endRps;
}
