/** Numbers as the document prints them: at most 4 decimals, at least one, and the unit in the cell. */
import type { CommonMetric, Summary, Unit } from '../core/summary.ts';

type Definitions = Summary['definitions'];

/** Stands where a number does not exist. */
export const NOT_AVAILABLE = 'n/a';

const suffix: Record<Unit, string> = {
  s: ' ms',
  tokens: '',
  'tokens/s': ' token/s',
  requests: '',
  'requests/s': ' req/s',
  ratio: '',
};

/** A cell of the Performance Parameters table: `50.332 ms`, `1481.0`, `115.9216 token/s`. */
export function statCell(value: number, unit: Unit, definitions: Definitions): string {
  return Number.isFinite(value) ? withPoint(shown(value, unit, definitions)) + suffix[unit] : NOT_AVAILABLE;
}

/** A cell of the Common Metric table: as above, but counts are whole (`12100`). */
export function commonCell(
  metric: CommonMetric,
  common: readonly CommonMetric[],
  definitions: Definitions,
): string {
  if (!Number.isFinite(metric.value)) return NOT_AVAILABLE;
  if (isWhole(metric, common)) return String(metric.value);
  if (metric.unit === 's') return durationCell(metric.value, definitions);
  return statCell(metric.value, metric.unit, definitions);
}

/** Of a stage: AISBench rounds it in milliseconds, unlike the latencies above it. */
function durationCell(s: number, definitions: Definitions): string {
  const round = definitions === 'upstream' ? round4HalfEven : round4;
  return withPoint(round(s * 1000)) + suffix.s;
}

/** The value of the csv's JSON twin: a number where the unit needs no words, null where there is none. */
export function commonJson(
  metric: CommonMetric,
  common: readonly CommonMetric[],
  definitions: Definitions,
): number | string | null {
  if (!Number.isFinite(metric.value)) return null;
  if (suffix[metric.unit] !== '') return commonCell(metric, common, definitions);
  return shown(metric.value, metric.unit, definitions);
}

/** 4 decimals; ties go up. */
export function round4(value: number): number {
  return Number(value.toFixed(4));
}

/**
 * 4 decimals as Python's `round` gives them: ties go to the even digit. `toFixed` works on the exact
 * binary value, so it differs only where a tie can be represented: at odd multiples of 1/32.
 */
export function round4HalfEven(value: number): number {
  if (Math.abs((value * 32) % 2) !== 1) return round4(value);
  const below = Math.floor(value * 10_000);
  return (below % 2 === 0 ? below : below + 1) / 10_000;
}

/** Milliseconds keep 4 decimals; AISBench rounds the seconds to 4 and multiplies then. */
function shown(value: number, unit: Unit, definitions: Definitions): number {
  const round = definitions === 'upstream' ? round4HalfEven : round4;
  if (unit !== 's') return round(value);
  return definitions === 'upstream' ? round4(round(value) * 1000) : round4(value * 1000);
}

/** Like Python's repr of a float: a whole number keeps `.0`. */
function withPoint(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Counts are whole, and so is a Concurrency that is shown as Max Concurrency. */
function isWhole(metric: CommonMetric, common: readonly CommonMetric[]): boolean {
  if (metric.unit === 'requests' || metric.unit === 'tokens') return true;
  return (
    metric.name === 'Concurrency' && metric.value === common.find((m) => m.name === 'Max Concurrency')?.value
  );
}
