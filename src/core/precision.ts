/** Runs that go on until their figures are precise enough: what was asked for, and what came of it. */

/** The 95 % interval of `metric` shall be no wider than ± `percent` of its value. */
export interface PrecisionTarget {
  /** As on the command line, e.g. `throughput` or `ttft_p99`. */
  metric: string;
  percent: number;
}

export interface PrecisionState extends PrecisionTarget {
  /** Half the width of the interval at the last look, % of the value; null where there is none, and `refused` says why. */
  halfWidthPercent: number | null;
  refused: string;
}

/** Stored with a run's end. */
export interface PrecisionEnd {
  reached: boolean;
  /** Why the measurement ended, in words. */
  why: string;
  /** How often the intervals were looked at. */
  looks: number;
  targets: PrecisionState[];
}
