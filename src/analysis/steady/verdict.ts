/** Two verdicts on a run's steady numbers, one for its throughput and one for its latencies, from 22 checks; MLPerf's profile has three more. */
import type { Claim, SteadyCheck, Verdict } from '../../core/steady.ts';
import { cacheShare } from './checks/cache-check.ts';
import {
  clientHost,
  clientLoop,
  coalescedReads,
  hostClocks,
  sendLateness,
  turnaround,
} from './checks/client-checks.ts';
import {
  lengthAgainstTail,
  lengthInWaves,
  occupancy,
  plateauFound,
  quantilesIdentified,
  queueGrowth,
  synchrony,
  wallClock,
} from './checks/load-checks.ts';
import { earlyStopping, mlperfWallClock, superPassDrift, superPassShift } from './checks/mlperf-checks.ts';
import {
  driftAndShift,
  errors,
  inputMix,
  intervalIdentity,
  lengthControl,
  littleResidual,
  tokenAccount,
} from './checks/record-checks.ts';
import type { RunFacts } from './facts.ts';

/** In the order of their numbers; docs/statistics.md gives the reason of each threshold. */
const checks: readonly ((facts: RunFacts) => SteadyCheck)[] = [
  plateauFound,
  lengthInWaves,
  lengthAgainstTail,
  wallClock,
  occupancy,
  driftAndShift,
  littleResidual,
  intervalIdentity,
  synchrony,
  clientLoop,
  clientHost,
  sendLateness,
  turnaround,
  coalescedReads,
  errors,
  tokenAccount,
  lengthControl,
  inputMix,
  queueGrowth,
  hostClocks,
  quantilesIdentified,
  cacheShare,
];

/** MLPerf's: the length in its own form, and three checks more. */
const mlperfChecks = [
  ...checks.map((check) => (check === wallClock ? mlperfWallClock : check)),
  superPassDrift,
  superPassShift,
  earlyStopping,
];

export interface Judgement {
  checks: SteadyCheck[];
  verdict: Record<Claim, Verdict>;
}

/** Any failed check that concerns a claim makes it `not steady`, any reservation `steady with reservations`. */
export function judge(facts: RunFacts): Judgement {
  const results = (facts.profile === 'mlperf' ? mlperfChecks : checks).map((check) => check(facts));
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
