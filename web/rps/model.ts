/** Everything the page shows, worked out once from its data. Times in seconds after the run's start. */
import type { PackedTimes, RpsData } from '../../src/reporters/rps-plot.ts';
import { decodeTimes } from '../../src/reporters/rps-times.ts';
import { unpack } from '../plot/load.ts';
import { expectedCounts } from './gamma-law.ts';
import { type Bins, binsFor, countsIn, spansDecades } from './histogram.ts';
import { KIND, kindsOf, meantRate, movingAverage, type Rates, ratesOf, windowFor } from './rates.ts';

export interface Line {
  at: Float64Array;
  perS: Float64Array;
}

export interface Histogram {
  bins: Bins;
  expected: Float64Array;
  actual: Float64Array | null;
  /** The law of the arrivals; null where it has no density. */
  law: Float64Array | null;
}

export interface Model {
  data: RpsData;
  expected: Rates;
  kinds: Uint8Array;
  kindCounts: [number, number, number];
  window: number;
  average: Line;
  ramp: Line | null;
  actual: Rates | null;
  actualAverage: Line | null;
  /** [0, last moment]. */
  endsAt: number;
  /** What the rate axis shows; logarithmic when the rates of single gaps span powers of ten. */
  rateRange: { min: number; max: number; log: boolean };
  counts: Histogram;
  gaps: Histogram;
}

const RAMP_POINTS = 400;

export async function loadModel(data: RpsData): Promise<Model> {
  const times = async ({ times, count }: PackedTimes) => decodeTimes(await unpack(times), count);
  const at = await times(data.expected);
  const sent = data.actual && (await times(data.actual));
  const expected = ratesOf(at, data.arriving === 'requests');
  const actual = sent && ratesOf(sent, false);
  const kinds = kindsOf(expected, data);
  const window = windowFor(expected.count);
  const average = movingAverage(expected, window);
  const actualAverage = actual && movingAverage(actual, window);
  const ramp = data.ramp && rampLine(data, at);
  const normal = sorted(expected.perS.filter((_, i) => kinds[i] !== KIND.short));
  const log = spansDecades(normal);
  return {
    data,
    expected,
    kinds,
    kindCounts: [KIND.normal, KIND.short, KIND.odd].map(
      (k) => kinds.filter((x) => x === k).length,
    ) as Model['kindCounts'],
    window,
    average,
    ramp,
    actual,
    actualAverage,
    endsAt: Math.max(at.at(-1) ?? 0, sent?.at(-1) ?? 0) || 1,
    rateRange: rateRange([normal, average.perS, ramp?.perS, actualAverage?.perS, actual?.perS], log),
    counts: histogram(normal, actual && sorted(actual.perS.filter(Number.isFinite)), log, () => null),
    gaps: histogram(sorted(expected.gap), actual && sorted(actual.gap), false, (bins) =>
      expectedCounts(bins, data, expected.count),
    ),
  };
}

/** The meant rate against the time at which the plan reaches it without chance: the running sum of 1 / rate. */
function rampLine(data: RpsData, arrivals: Float64Array): Line {
  const n = arrivals.length;
  const step = Math.max(1, Math.floor(n / RAMP_POINTS));
  const line = { at: [] as number[], perS: [] as number[] };
  let at = 0;
  for (let i = 0; i < n; i++) {
    const perS = meantRate(data, i, n);
    if (perS > 0) at += 1 / perS;
    if (i % step !== 0 && i !== n - 1) continue;
    line.at.push(at);
    line.perS.push(perS);
  }
  return { at: Float64Array.from(line.at), perS: Float64Array.from(line.perS) };
}

function histogram(
  expected: Float64Array,
  actual: Float64Array | null,
  log: boolean,
  law: (bins: Bins) => Float64Array | null,
): Histogram {
  // A constant rate is one bar; what was really sent spreads around it and needs bins of its own.
  const own = binsFor(trimmed(expected), log);
  const bins = own.edges.length === 2 && actual && actual.length > 0 ? binsFor(trimmed(actual), log) : own;
  return {
    bins,
    expected: countsIn(bins, expected),
    actual: actual && countsIn(bins, actual),
    law: law(bins),
  };
}

/** Without the longest 0.1 %, which would squeeze everything else together. `values` ascend. */
function trimmed(values: Float64Array): Float64Array {
  return values.length < 1000 ? values : values.subarray(0, Math.ceil(values.length * 0.999));
}

function rateRange(shown: (Float64Array | undefined)[], log: boolean): Model['rateRange'] {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const values of shown) {
    if (!values || values.length === 0) continue;
    const ascending = sorted(values);
    const at = (q: number) => ascending[Math.round(q * (ascending.length - 1))];
    min = Math.min(min, at(0.002));
    max = Math.max(max, at(ascending.length < 100 ? 0.95 : 0.99));
  }
  if (!(max > 0)) return { min: 0, max: 1, log: false };
  if (!Number.isFinite(max)) max = 2 * min;
  return log ? { min: Math.max(min, max / 1e6) / 1.3, max: max * 1.6, log } : { min: 0, max: max * 1.2, log };
}

function sorted(values: Float64Array): Float64Array {
  return values.slice().sort();
}
