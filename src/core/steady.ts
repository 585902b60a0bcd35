/** What analysis says of a run's steady state: numbers with their uncertainty, and whether to believe them. */
import type { Unit } from './unit.ts';

/** A number with its 95 % interval. */
export interface SteadyFigure {
  /** As in the document's tables where it stands there too. */
  name: string;
  /** `Mean`, `P50`, `P90` or `P99`. */
  stat: string;
  unit: Unit;
  /** NaN when it does not exist. */
  value: number;
  /** The true value is this or more: requests that outlived the window hide the rest. */
  atLeast: boolean;
  /** Ends of the interval; null with the reason in `refused`. */
  low: number | null;
  high: number | null;
  refused: string;
  /** Observations behind it, and how many independent ones they are worth; null for rates. */
  n: number | null;
  effectiveN: number | null;
  /** The document's figure of the same name; null where it has none. */
  document: number | null;
}

/** A part of the run that is not in the steady window. Times in ms after the run's start. */
export interface SteadyCut {
  fromMs: number;
  toMs: number;
  why: string;
}

/** Moments in (startMs, endMs] belong to it. */
interface SteadyWindow {
  startMs: number;
  endMs: number;
  /** One request cycle: the median E2EL. */
  cycleMs: number;
  /** How many cycles it holds. */
  cycles: number;
}

/** Values of equal batches of the load phase, each averaged over one cycle, for the plot. */
export interface SteadySeries {
  /** Output tokens per second over the whole run, ramp and drain included, in plain bins; `fromMs`: where the first begins. */
  bins: { fromMs: number; widthMs: number; tokensPerS: number[] };
  /** Middle of each batch, ms after the run's start. */
  atMs: number[];
  tokensPerS: number[];
  level: number[];
  /** Mean gap between output events and mean TTFT, s; empty when the run did not stream. */
  itlS: number[];
  ttftS: number[];
}

/** Does a series of the window rise or fall from end to end? Changes relative to its mean. */
export interface SteadyDrift {
  metric: 'throughput' | 'itl' | 'ttft';
  change: number;
  /** Of the 90 % interval of `change`. */
  halfWidth: number;
  /** A change of so much makes a run unsteady. */
  delta: number;
  result: 'steady' | 'inconclusive' | 'drift';
  /** A step of the level in the load phase, relative to the level before it; null when there is none. */
  step: number | null;
}

export type Verdict = 'steady' | 'steady with reservations' | 'not steady';
export type Claim = 'throughput' | 'latency';

export interface SteadyCheck {
  number: number;
  name: string;
  /** `ok`, amber, red, or why it says nothing. */
  result: 'ok' | 'reservation' | 'failed' | 'not tested' | 'not applicable';
  /** What was found, in words. */
  found: string;
  /** When it is a reservation and when it fails. */
  threshold: string;
  /** What to do about it; '' when all is well. */
  advice: string;
  /** Which verdicts it speaks for. */
  concerns: Claim[];
}

export interface SteadySummary {
  /** null: no steady window, and `noWindow` says why. */
  window: SteadyWindow | null;
  noWindow: string;
  /** `closed`: the client held the level; `open`: arrivals came by the clock; null when there was no load. */
  loop: 'closed' | 'open' | null;
  cuts: SteadyCut[];
  /** Rates and the mean level. */
  rates: SteadyFigure[];
  /** TTFT, TPOT, ITL and E2EL. */
  latencies: SteadyFigure[];
  /** One sentence on why the document's figures differ. */
  why: string;
  /** Requests in flight before and after their first output event, time averages. */
  meanWaiting: number | null;
  meanDecoding: number | null;
  /** λR̄/N̄ − 1 of the window; 0 for a stationary run. */
  littleResidual: number | null;
  /** Of the window's series; empty without a window. */
  drifts: SteadyDrift[];
  /** 0 for requests out of phase, 1 for all in lock step. */
  synchrony: number | null;
  /** Whether tokens were placed by the events that brought them, or spread evenly over each request. */
  tokenTimes: 'events' | 'prorated';
  series: SteadySeries | null;
  checks: SteadyCheck[];
  verdict: Record<Claim, Verdict>;
}
