/** One recorded run under the definitions of several tools. SI units, full precision. */

/** Why a tool has no number here. */
export type Absent = 'not reported' | 'not recorded' | 'not stated' | 'none';

/** A number, or why there is none: the tool prints none, the record lacks what it needs, nobody says how, no request has one. */
export type Cell = number | Absent;

export const latencyNames = ['TTFT', 'TPOT', 'ITL', 'E2EL'] as const;
export type LatencyName = (typeof latencyNames)[number];

/** In seconds. */
export interface LatencyCells {
  mean: Cell;
  median: Cell;
  p99: Cell;
}

const rateNames = ['outputTokensPerS', 'requestsPerS', 'durationS', 'requests'] as const;
export type RateName = (typeof rateNames)[number];

/** What a tool would print of the run. */
export interface ToolFigures extends Record<RateName, Cell> {
  durationS: number;
  requests: number;
  latencies: Record<LatencyName, LatencyCells>;
  /** The part of the run that it looks at, ms after the run's start; null: all of it. */
  window: { startMs: number; endMs: number } | null;
}

/** Why some of a tool's numbers differ from the first tool's. */
export interface DifferenceCause {
  name: string;
  /** The rows that it changes. */
  rows: (LatencyName | RateName)[];
  /** One line, with the number. */
  text: string;
}

export interface ToolExplanation {
  tool: string;
  /** Whose definition it is: version or page that was read. */
  basis: string;
  /** null: the tool finds nothing to measure; `reason` says why. */
  figures: ToolFigures | null;
  reason: string | null;
  causes: DifferenceCause[];
}

/** The first tool is the one that the others are compared with. */
export interface Explanation {
  /** What must be known of the records themselves, one sentence each. */
  notes: string[];
  tools: ToolExplanation[];
}
