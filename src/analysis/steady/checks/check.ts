/** What a check is made of. */
import type { Claim, SteadyCheck } from '../../../core/steady.ts';

export const both: Claim[] = ['throughput', 'latency'];
export const latencyOnly: Claim[] = ['latency'];

export type Level = 'ok' | 'reservation' | 'failed';

interface Outcome {
  name: string;
  concerns: Claim[];
  threshold: string;
  found: string;
  advice: string;
}

/** A check that was made; the advice is dropped when all is well. */
export function checked(number: number, result: Level, outcome: Outcome): SteadyCheck {
  return { number, ...outcome, result, advice: result === 'ok' ? '' : outcome.advice };
}

/** A check that says nothing about this run, and why. */
export function unchecked(
  number: number,
  result: 'not tested' | 'not applicable',
  { name, concerns, threshold }: Omit<Outcome, 'found' | 'advice'>,
  why: string,
): SteadyCheck {
  return { number, name, concerns, threshold, result, found: why, advice: '' };
}

/** Amber above the first limit, red above the second. */
export function above(value: number, reservation: number, failure: number): Level {
  if (value > failure) return 'failed';
  return value > reservation ? 'reservation' : 'ok';
}

/** Amber below the first limit, red below the second. */
export function below(value: number, reservation: number, failure: number): Level {
  return above(-value, -reservation, -failure);
}

export function worst(levels: readonly Level[]): Level {
  if (levels.includes('failed')) return 'failed';
  return levels.includes('reservation') ? 'reservation' : 'ok';
}

export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

export const noWindow = 'no steady window';
