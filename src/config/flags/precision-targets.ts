/** `--until-precise METRIC:PCT[,…]`. */
import { precisionMetrics } from '../../analysis/steady/until-precise.ts';
import type { PrecisionTarget } from '../../core/precision.ts';
import { didYouMean } from '../nearest.ts';
import type { Wrong } from './flag.ts';

/** Narrower than this no run ever gets, and wider says nothing. */
const MIN_PERCENT = 0.01;
const MAX_PERCENT = 50;

/** null when it was not given or is wrong; `wrong` is told of every mistake. */
export function readPrecision(value: unknown, wrong: Wrong): PrecisionTarget[] | null {
  if (value === undefined) return null;
  const targets: PrecisionTarget[] = [];
  for (const part of String(value).split(',')) {
    const [metric, number, ...rest] = part.trim().split(':');
    const percent = /^\d+(\.\d+)?$/.test(number ?? '') ? Number(number) : Number.NaN;
    if (!precisionMetrics.includes(metric)) {
      const hint = didYouMean(metric, precisionMetrics);
      wrong(`expected one of ${precisionMetrics.join(', ')}, got "${metric}"${hint}`);
    } else if (rest.length > 0 || !(percent >= MIN_PERCENT && percent <= MAX_PERCENT)) {
      wrong(`expected ${metric}:PCT with PCT from ${MIN_PERCENT} to ${MAX_PERCENT}, got "${part.trim()}"`);
    } else if (targets.some((target) => target.metric === metric)) {
      wrong(`expected each metric once, got "${metric}" twice`);
    } else targets.push({ metric, percent });
  }
  return targets.length > 0 ? targets : null;
}
