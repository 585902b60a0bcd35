/** A recorded run: what was meant, what the client was, and the records. */
import type { MachineHealth, WorkerWatch } from './health.ts';
import type { ScheduleSpec } from './plan.ts';
import type { PrecisionEnd } from './precision.ts';
import type { Note, Outcome, RecordBatch } from './records.ts';

/** Requests before time zero; they leave no record. */
export interface Warmup {
  total: number;
  ok: number;
  failed: number;
  /** How many failed of each kind, in one line with the service's words. */
  reasons: Record<string, number>;
  /** The slots were filled before time zero, one after the other over so long, ms. Absent: the run began empty. */
  filledOverMs?: number;
}

export const cachePolicies = ['fresh', 'primed', 'as-is'] as const;

/** What the service's prefix cache could find of a run's prompts. */
export interface CacheUse {
  /**
   * `fresh`: every request begins with a salt of its own, behind what the data were asked to share. `primed`: so too,
   * and what is shared was sent before the run. `as-is`: rows are sent as they are.
   */
  policy: (typeof cachePolicies)[number];
  /** What the salts were made from: `--cache-salt` with it brings the same bytes back. */
  salt: string;
  /** Tokens of a salt. In synthetic prompts they take the place of as many others, elsewhere they come on top. */
  saltTokens: number;
  /** Share of the prompts' characters that stand before the salts, from 0 to 1. */
  sharedShare: number;
  /** Shared starts that were sent before the run. */
  primed: number;
  /** As they are only: the earlier run of the same work dir that sent the same rows to the same service; '' without one. */
  repeats: string;
}

/** A request of the warm-up that failed. */
export interface FailedWarmup extends Omit<Note, 'row'> {
  cause: string;
  /** Of the row that it sent. */
  index: number;
  attempt: number;
  outcome: Outcome;
  /** HTTP status, 0 when there was none. */
  status: number;
  /** ms, of a clock that only differences are to be taken of. */
  sentMs: number;
  endMs: number;
}

/** Everything about a run that is known before its first request. No secrets. JSON-clean. */
export interface RunInfo {
  /** Version of the stored layout. */
  format: 1;
  tool: { name: string; version: string };
  host: { node: string; platform: string; cpu: string; cores: number; memoryBytes: number };
  /** Wall clock at run time 0, ms since 1970 UTC. */
  startedAtUnixMs: number;
  modelAbbr: string;
  /** The model's name above the tables, where it is not to be the abbr. */
  shownAs?: string;
  datasetAbbr: string;
  protocol: string;
  stream: boolean;
  url: string;
  model: string;
  /** Max Concurrency of the tables: the configured `batch_size`. */
  batchSize: number;
  workers: number;
  schedule: ScheduleSpec | { kind: 'timestamps'; limit: number; requests: number };
  /** Requests the plan holds; null when a duration ends the run. */
  plannedRequests: number | null;
  /** Distinct requests in the data. */
  samples: number;
  /**
   * Output tokens that request i must get, by i % samples, or one number for all. Present only when the service was
   * told to go on past the end of text (`ignore_eos`), so that a shorter output means a changed workload.
   */
  forcedOutTokens?: number | number[];
  seed: number;
  /** Which counter fills in what the service's usage leaves open, e.g. `embedded o200k_base`. */
  tokenizer: string;
  warmup: Warmup;
  /** Absent from runs recorded before it existed, and from imported ones. */
  cache?: CacheUse | undefined;
  /** Only in a run made of another tool's log: whose, and what that log does not hold, one sentence each. */
  imported?: { from: string; unknown: string[] };
  /** The resolved config, secrets removed. */
  config: unknown;
}

/** How one worker did. Times in ms; shares from 0 to 1. */
export interface WorkerHealth {
  worker: number;
  requests: number;
  events: number;
  bytesIn: number;
  /** Socket reads that held events, and those of them that held more than one. */
  reads: number;
  coalescedReads: number;
  cpuMs: number;
  wallMs: number;
  /** Event-loop utilization. */
  utilization: number;
  loopDelayP50Ms: number;
  loopDelayP99Ms: number;
  loopDelayMaxMs: number;
  /** Absent from runs recorded before it existed. */
  watch?: WorkerWatch;
}

export interface RunEnd {
  /** Run time at which the last record ended, ms. */
  endMs: number;
  /** Run time after which no request was started, ms. */
  lastIssueMs: number;
  /** Requests started (first attempts). */
  issued: number;
  interrupted: boolean;
  /** Why the run ended before its time, in a sentence; absent: it did not, or a person ended it. */
  stoppedEarly?: string;
  /** Slots that were open when issuing stopped; below `batchSize` when a ramp never got there. */
  slotsOpened: number;
  /** Requests that filled the slots before time zero; they leave no record. Absent without such a fill. */
  fillers?: number;
  health: WorkerHealth[];
  /** Requests that went out again because the connection of the first sending had been given up; absent: none. */
  resent?: number;
  /** Absent from runs recorded before it existed. */
  machine?: MachineHealth;
  /** Requests sent later only held the load up until the measured ones had ended, ms. Absent when there was no hold. */
  measuredMs?: number;
  /** Names of the tasks of the same command that ran at the same time. Absent when there was none. */
  beside?: string[];
  /** Only of a run that went on until it was precise. */
  precision?: PrecisionEnd;
}

export interface RecordedRun {
  info: RunInfo;
  /** null when the run was killed before its end. */
  end: RunEnd | null;
  /**
   * The records in storage order; may be called several times. With `needed`, 1 for each row (counted over all
   * batches) whose events will be looked at, the events of a batch without such a row may be missing.
   */
  batches(needed?: Uint8Array): Iterable<RecordBatch>;
}

/** Figures that change while a run goes on, summed over workers. */
export interface LiveFigures {
  phase: 'warm-up' | 'running' | 'draining' | 'done';
  warmupDone: number;
  posted: number;
  received: number;
  failed: number;
  cancelled: number;
  /** Attempts that were followed, or will be, by another one of the same request. */
  retried: number;
  inFlight: number;
  /** Output events so far. */
  events: number;
  bytesIn: number;
  elapsedMs: number;
}
