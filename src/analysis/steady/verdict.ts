/** Two verdicts on a run's steady numbers, one for its throughput and one for its latencies, from the checks of its profile. */
import type { Claim, SteadyCheck, Verdict } from '../../core/steady.ts';
import { runCheck } from './checks/check.ts';
import { checks } from './checks/registry.ts';
import type { RunFacts } from './facts.ts';

export interface Judgement {
  checks: SteadyCheck[];
  verdict: Record<Claim, Verdict>;
}

/** Any failed check that concerns a claim makes it `not steady`, any reservation `steady with reservations`. */
export function judge(facts: RunFacts): Judgement {
  const results = checks[facts.profile].map((check, i) => runCheck(check, i + 1, facts));
  return {
    checks: results,
    verdict: { throughput: verdictOf(results, 'throughput'), latency: verdictOf(results, 'latency') },
  };
}

function verdictOf(results: readonly SteadyCheck[], claim: Claim): Verdict {
  const heard = results.filter((check) => check.concerns.includes(claim)).map((check) => check.result);
  if (heard.includes('failed')) return 'not steady';
  return heard.includes('reservation') ? 'steady with reservations' : 'steady';
}
