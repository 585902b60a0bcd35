/** All checks. The number of a check is its place here, counted from 1, so add new ones at the end. */
import type { SteadyProfile } from '../facts.ts';
import { cacheShare } from './cache-check.ts';
import type { Check } from './check.ts';
import {
  clientHost,
  clientLoop,
  coalescedReads,
  hostClocks,
  sendLateness,
  turnaround,
} from './client-checks.ts';
import {
  lengthAgainstTail,
  lengthInWaves,
  occupancy,
  plateauFound,
  quantilesIdentified,
  queueGrowth,
  synchrony,
  wallClock,
} from './load-checks.ts';
import { earlyStopping, mlperfWallClock, superPassDrift, superPassShift } from './mlperf-checks.ts';
import {
  driftAndShift,
  errors,
  inputMix,
  intervalIdentity,
  lengthControl,
  littleResidual,
  tokenAccount,
} from './record-checks.ts';

const ownChecks: readonly Check[] = [
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

/** MLPerf's profile has the length in its own form, and three checks more. */
export const checks: Record<SteadyProfile, readonly Check[]> = {
  default: ownChecks,
  mlperf: [
    ...ownChecks.map((check) => (check === wallClock ? mlperfWallClock : check)),
    superPassDrift,
    superPassShift,
    earlyStopping,
  ],
};
