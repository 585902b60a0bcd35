/** Two sides of recorded runs set against each other, figure by figure. SI units, full precision. */
import type { Verdict } from './steady.ts';
import type { Unit } from './unit.ts';

/** `changed`: by the margin or more, of a figure that is neither good nor bad in itself. */
export type Finding = 'better' | 'worse' | 'changed' | 'no change' | 'inconclusive' | 'not compared';

/** What a gate says of one figure. */
export type GateResult = 'ok' | 'regression' | 'undecided';

/**
 * Where the error of a ratio comes from: the spread between the runs of both sides; of one, because the other is a
 * single run; or the noise within two single runs and an assumed spread between runs.
 */
export type ComparisonBasis = 'both sides' | 'one side' | 'single runs';

export interface ComparedFigure {
  /** `name` and `stat` as in the steady table. */
  name: string;
  stat: string;
  unit: Unit;
  /** Geometric means over the side's runs; NaN when a run has no such figure. */
  base: number;
  new: number;
  /** new ÷ base with its 95 % interval; null when not compared, and `why` says why. */
  ratio: number | null;
  low: number | null;
  high: number | null;
  /** Student's t test of ratio 1, two-sided. */
  pValue: number | null;
  /** A change smaller than this does not matter, %. */
  marginPercent: number;
  finding: Finding;
  why: string;
  /** Runs a side that would decide, as far as the present spread tells; null when decided or out of reach. */
  runsNeeded: number | null;
  /** null: the gate does not look at it. */
  gate: GateResult | null;
  /** Median of the ratios of every new run to every base run (Hodges and Lehmann 1963); null with single runs. */
  medianRatio: number | null;
  /** Share of pairs of runs in which the new one is higher, less the share in which it is lower (Cliff 1993). */
  cliffsDelta: number | null;
}

export interface ComparedRun {
  label: string;
  verdict: Record<'throughput' | 'latency', Verdict>;
}

export interface Comparison {
  base: ComparedRun[];
  new: ComparedRun[];
  basis: ComparisonBasis;
  /** What must be known of the runs, one sentence each. */
  notes: string[];
  figures: ComparedFigure[];
  /** The worst of the figures that the gate looks at; null without a gate. */
  gate: GateResult | null;
}
