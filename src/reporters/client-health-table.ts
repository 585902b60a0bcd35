/** The Client Health block under the tables, and the same as JSON. */
import type { CalibrationQuote, ClientHealth, HealthCheck } from '../core/health.ts';
import { fancyGrid } from './fancy-grid.ts';
import { round4 } from './format.ts';

/** Shown when all is well: what a reader would ask first. */
const KEY_FIGURES = ['loop_delay', 'stamp_wait', 'cpu', 'shared_reads'];

/** One line when the client was fine, else a table of the checks that say otherwise. No trailing newline. */
export function renderClientHealth(health: ClientHealth | null): string {
  if (health === null) return '';
  const { result, voided, checks, calibration } = health;
  const lines = [`Client health: ${result}${detail(health)}`];
  const failing = checks.filter((check) => check.result !== 'ok');
  if (result !== 'ok') {
    lines.push(
      fancyGrid(
        ['Client Health', 'Value', 'Suspect above', 'Void above', 'Result', 'Concerns'],
        failing.map((check) => [
          check.name,
          amount(check, check.value),
          amount(check, check.suspectAbove),
          check.voidAbove === null ? '-' : amount(check, check.voidAbove),
          check.result,
          check.concerns.join(', '),
        ]),
      ),
      ...failing.map((check) => `  - ${check.name} (${check.measures}): ${check.advice}`),
    );
  }
  if (voided.length > 0)
    lines.push(`The client was the limit, so the ${voided.join(' and ')} figures of this run are void.`);
  if (calibration !== null) lines.push(quoted(calibration));
  return lines.join('\n');
}

/** Times in s, shares from 0 to 1; null when there is nothing to say. */
export function clientHealthJson(health: ClientHealth | null) {
  if (health === null) return null;
  return {
    result: health.result,
    voided: health.voided,
    checks: health.checks.map((check) => ({
      name: check.name,
      measures: check.measures,
      unit: check.unit === 'ms' ? 's' : check.unit,
      value: inSeconds(check, check.value),
      suspect_above: inSeconds(check, check.suspectAbove),
      void_above: check.voidAbove === null ? null : inSeconds(check, check.voidAbove),
      result: check.result,
      concerns: check.concerns,
      reason: check.reason,
      advice: check.result === 'ok' ? null : check.advice,
    })),
    calibration: health.calibration && {
      streams: health.calibration.streams,
      tokens_per_s: health.calibration.tokensPerS,
      stamp_error_p50_s: health.calibration.p50Ms / 1000,
      stamp_error_p99_s: health.calibration.p99Ms / 1000,
      stamp_error_max_s: health.calibration.maxMs / 1000,
      calibrated_at: health.calibration.calibratedAt,
    },
  };
}

function detail({ result, checks }: ClientHealth): string {
  if (result !== 'ok') return '';
  const figures = KEY_FIGURES.map((name) => checks.find((check) => check.name === name))
    .filter((check) => check !== undefined)
    .map((check) => `${check.measures} ${amount(check, check.value)}`);
  return ` (${figures.join('; ')})`;
}

function quoted({ streams, tokensPerS, p99Ms, calibratedAt }: CalibrationQuote): string {
  const count = streams.toLocaleString('en-US');
  return `This machine adds ${Number(p99Ms.toPrecision(2))} ms at P99 to a timestamp with ${count} streams of ${tokensPerS} tokens/s (calibrated ${calibratedAt.slice(0, 10)}).`;
}

function amount({ unit }: HealthCheck, value: number): string {
  if (unit === 'ratio') return `${round4(value * 100)} %`;
  return unit === 'ms' ? `${round4(value)} ms` : String(value);
}

function inSeconds({ unit }: HealthCheck, value: number): number {
  return unit === 'ms' ? value / 1000 : value;
}
