/** What the checks of the verdict look at. */
import type { ClientHealth } from '../../core/health.ts';
import type { RecordedRun } from '../../core/run.ts';
import type { SteadyFigure } from '../../core/steady.ts';
import type { RequestTable } from '../request-table.ts';
import type { Plateau } from './find-plateau.ts';
import type { Cohort } from './latencies.ts';
import type { LoadPhase } from './load-phase.ts';
import type { Drift } from './series-tests.ts';
import type { SteadyRates } from './token-rates.ts';

/** Whose checks the verdict is made of. */
export type SteadyProfile = 'default' | 'mlperf';

export interface RunFacts {
  run: RecordedRun;
  table: RequestTable;
  /** null: there was no load. */
  load: LoadPhase | null;
  /** null: the workers did not report. */
  health: ClientHealth | null;
  profile: SteadyProfile;
  /** null: no steady window. */
  steady: SteadyFacts | null;
}

export interface SteadyFacts {
  load: LoadPhase;
  plateau: Plateau;
  cohort: Cohort;
  rates: SteadyRates;
  latencies: SteadyFigure[];
  synchrony: number;
  /** Of the level, of tokens asked for and given per request, over the window; null where they cannot be computed. */
  levelDrift: Drift;
  outputMixDrift: Drift | null;
  inputMixDrift: Drift | null;
  /** Mean level by sweeping over starts and ends, to set against the sum of overlaps. */
  sweptLevel: number;
}

/** The figure of that name; NaN without one. */
export function latencyOf(latencies: readonly SteadyFigure[], name: string, stat: string): number {
  return latencies.find((figure) => figure.name === name && figure.stat === stat)?.value ?? Number.NaN;
}
