/** Rates from arrival times: the rate of each gap, its moving average, and the gaps that stand out. Times in seconds. */
import type { Ramp } from '../../src/core/plan.ts';
import { rateOnRamp } from '../../src/schedules/rate.ts';

export const KIND = { normal: 0, short: 1, odd: 2 } as const;

/** One entry per gap; gap i ends with arrival i + `first`. */
export interface Rates {
  count: number;
  first: number;
  at: Float64Array;
  gap: Float64Array;
  /** 1 / gap; Infinity for two arrivals in the same moment. */
  perS: Float64Array;
}

/** What the rate was meant to be. */
export interface Target {
  targetRps: number;
  burstiness: number;
  ramp: Ramp | null;
}

/** With `fromStart` the first gap is the one between the run's start and the first arrival. */
export function ratesOf(at: Float64Array, fromStart: boolean): Rates {
  const first = fromStart ? 0 : 1;
  const count = Math.max(0, at.length - first);
  const gap = Float64Array.from(
    { length: count },
    (_, i) => at[i + first] - (i + first > 0 ? at[i + first - 1] : 0),
  );
  return { count, first, at: at.subarray(first), gap, perS: gap.map((g) => 1 / g) };
}

/** The meant rate of gap i of `rates`, of a plan of `arrivals`. */
export function meantRate({ targetRps, ramp }: Target, i: number, arrivals: number): number {
  return ramp ? rateOnRamp(ramp, i / Math.max(arrivals - 1, 1)) : targetRps;
}

const SHORT_S = 1e-3;
/** Above 100 arrivals a second a gap of 1 ms is nothing special: then a tenth of the meant gap counts as short. */
const SHORT_SHARE = 0.1;
const ODD_SHARE = 0.5;

/** `short`: a gap too short to be kept by most clients; `odd`: more than half off the meant gap, as random arrivals often are. */
export function kindsOf(rates: Rates, target: Target): Uint8Array {
  const kinds = new Uint8Array(rates.count);
  for (let i = 0; i < rates.count; i++) {
    const meant = meantRate(target, i + rates.first, rates.count + rates.first);
    const gap = rates.gap[i];
    if (gap < Math.min(SHORT_S, SHORT_SHARE / meant)) kinds[i] = KIND.short;
    else if (target.burstiness > 0 && Math.abs(gap * meant - 1) > ODD_SHARE) kinds[i] = KIND.odd;
  }
  return kinds;
}

/** More gaps, a longer window: 20, 50, 100 or 200 of them. */
export function windowFor(count: number): number {
  if (count <= 1e3) return 20;
  if (count <= 1e4) return 50;
  return count <= 1e5 ? 100 : 200;
}

/**
 * The moving average of the rate: `window` gaps divided by the time they take together, in the middle of that time.
 * The mean of 1 / gap would be no rate: it does not even exist for Poisson arrivals. Centred, so that it does not lag
 * behind a ramp. Empty with fewer gaps than the window holds.
 */
export function movingAverage(rates: Rates, window: number): { at: Float64Array; perS: Float64Array } {
  const { count, at, gap } = rates;
  const length = Math.max(0, count - window + 1);
  const begin = (i: number) => at[i] - gap[i];
  const middle = Float64Array.from({ length }, (_, i) => (begin(i) + at[i + window - 1]) / 2);
  const perS = Float64Array.from({ length }, (_, i) => window / (at[i + window - 1] - begin(i)));
  return { at: middle, perS };
}
