/** What a check is made of, and how one is run. */
import type { Claim, SteadyCheck } from '../../../core/steady.ts';
import type { RunFacts, SteadyFacts } from '../facts.ts';

export const both: Claim[] = ['throughput', 'latency'];
export const latencyOnly: Claim[] = ['latency'];

export type Severity = 'ok' | 'reservation' | 'failed';

/** What one check says of a run. */
export interface Finding {
  result: SteadyCheck['result'];
  /** What was found, in words. */
  found: string;
  /** What to do about it; dropped when all is well. */
  advice?: string;
  /** Where they differ from what the check says of itself. */
  concerns?: Claim[];
  threshold?: string;
}

/** A run that has a steady window. */
export type WindowFacts = RunFacts & { steady: SteadyFacts };

interface About {
  name: string;
  /** Which verdicts it speaks for. */
  concerns: Claim[];
  /** When it is a reservation and when it fails; docs/statistics.md gives the reason. */
  threshold: string;
}

/** Its number is its place in the registry. */
export type Check = About &
  (
    | { needs: 'nothing'; run: (facts: RunFacts) => Finding }
    | { needs: 'window'; run: (facts: WindowFacts) => Finding }
    | {
        /** A window of such a loop. */
        needs: 'closed' | 'open';
        /** Why it says nothing of the other kind of loop. */
        otherwise: string;
        run: (facts: WindowFacts) => Finding;
      }
  );

export function runCheck(check: Check, number: number, facts: RunFacts): SteadyCheck {
  const { name, concerns, threshold } = check;
  const finding = find(check, facts);
  const advice = finding.result === 'ok' ? '' : (finding.advice ?? '');
  return { number, name, concerns, threshold, ...finding, advice };
}

function find(check: Check, facts: RunFacts): Finding {
  if (check.needs === 'nothing') return check.run(facts);
  if (!hasWindow(facts)) return { result: 'not tested', found: 'no steady window' };
  if (check.needs !== 'window' && check.needs !== facts.steady.load.kind) {
    return { result: 'not applicable', found: check.otherwise };
  }
  return check.run(facts);
}

function hasWindow(facts: RunFacts): facts is WindowFacts {
  return facts.steady !== null;
}

/** Amber above the first limit, red above the second. */
export function above(value: number, reservation: number, failure: number): Severity {
  if (value > failure) return 'failed';
  return value > reservation ? 'reservation' : 'ok';
}

/** Amber below the first limit, red below the second. */
export function below(value: number, reservation: number, failure: number): Severity {
  return above(-value, -reservation, -failure);
}

export function worst(severities: readonly Severity[]): Severity {
  if (severities.includes('failed')) return 'failed';
  return severities.includes('reservation') ? 'reservation' : 'ok';
}
