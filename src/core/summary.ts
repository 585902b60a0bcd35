/** What analysis says of a run: every number in SI units at full precision. Rounding is for reporters. */

import type { ClientHealth } from './health.ts';
import type { Outcome } from './records.ts';
import type { SteadySummary } from './steady.ts';
import type { FileEnding } from './text/file-name.ts';
import type { Unit } from './unit.ts';

export type { Unit };

/** One row of the Performance Parameters table. */
export interface MetricRow {
  name: string;
  unit: Unit;
  /** In the order of the summarizer's `stats_list`. */
  stats: { name: string; value: number }[];
  /** Requests that contributed. */
  n: number;
}

/** One row of the Common Metric table. */
export interface CommonMetric {
  name: string;
  unit: Unit;
  value: number;
}

/** The interval a window rule picked, ms after the run's start, with the document's marks where it has them. */
export interface Interval {
  startMs: number;
  endMs: number;
  /** First moment at the maximum concurrency. */
  t1Ms?: number;
  t2Ms?: number;
  t4Ms?: number;
}

/** A window rule found nothing, and says why and what to do. */
export interface NoWindow {
  reason: string;
  highestLevel: number;
  highestAtMs: number;
  hints: string[];
}

/** One entry per attempt in order of `sentMs`, for the plot and for readers. All ms after the run's start. */
export interface Timeline {
  count: number;
  index: Uint32Array;
  attempt: Uint16Array;
  sentMs: Float64Array;
  /** NaN when there was no token. */
  firstTokenMs: Float64Array;
  /** Last output event; NaN when there was none. */
  lastTokenMs: Float64Array;
  endMs: Float64Array;
  outcome: Uint8Array;
  inTokens: Uint32Array;
  outTokens: Uint32Array;
}

export interface Summary {
  stage: 'total' | 'stable';
  summarizer: string;
  rule: string;
  definitions: 'product' | 'upstream';
  /** Whose checks the steady window was held against. */
  profile: 'default' | 'mlperf';
  statsList: string[];
  /** null only when `noWindow` says why. */
  window: Interval | null;
  noWindow: NoWindow | null;
  perRequest: MetricRow[];
  common: CommonMetric[];
  /** Latency from `due`, present when it differs from `sent` by more than 1 % in the mean. */
  fromDue: MetricRow[];
  /** Attempts of the whole run by outcome. */
  outcomes: Record<Outcome, number>;
  /** Attempts of the whole run by where their output count came from. */
  tokenSources: Record<string, number>;
  /** Highest level of the run, unclamped, and its time average over the window. */
  maxLevel: number;
  meanLevel: number | null;
  notes: string[];
  /** What the run was in its steady state; null when there was nothing to summarize. */
  steady?: SteadySummary | null;
  /** Was the client the limit? null when the run was killed before its workers reported. */
  clientHealth: ClientHealth | null;
  timeline: Timeline;
}

export interface ReportFile {
  /** Follows the data set's name in the file's. */
  ending: FileEnding;
  content: string | Uint8Array;
}
