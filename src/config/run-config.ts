/** What argv, environment and task configs come to. Nothing in it is optional that a default can fill. */
import type { StageRule } from '../analysis/windows/registry.ts';
import type { PrecisionTarget } from '../core/precision.ts';
import type { DatasetName } from '../datasets/registry.ts';
import type { ProtocolName } from '../protocols/registry.ts';
import type { CachePolicy } from './flags/cache-policy.ts';

export interface TrafficConfig {
  burstiness: number;
  ramp: { strategy: 'linear' | 'exponential'; startRps: number; endRps: number } | null;
}

export interface ModelConfig {
  abbr: string;
  /** Name above the tables, where it is not to be the abbr. */
  shownAs?: string;
  protocol: ProtocolName;
  stream: boolean;
  /** Absolute path of the tokenizer folder; '' when the service's usage or the embedded tokenizer shall do. */
  path: string;
  /** '' until detected from `v1/models`. */
  model: string;
  /** Base URL with scheme and a trailing slash on its path. */
  url: string;
  /** Endpoint relative to `url`, where it is not the protocol's own. */
  endpoint?: string;
  requestsPerS: number;
  traffic: TrafficConfig;
  useTimestamp: boolean;
  retries: number;
  apiKey: string;
  /** `user:password` of the address, where it has them; sent in place of the key. */
  credentials?: string;
  maxOutTokens: number;
  batchSize: number;
  generation: Record<string, unknown>;
  /** Absolute path of a PEM file, or ''. */
  caFile: string;
  insecureSkipVerify: boolean;
  /** Where it was defined, for messages. */
  file: string;
}

export interface DatasetConfig {
  abbr: string;
  type: DatasetName;
  /** Options of that data-set type, already checked by its schema. */
  options: Record<string, unknown>;
  /** Python-like slice `[a:b:c]` over rows, or a number of rows to take by chance, '' for all. */
  testRange: string;
  /** The data sets that run as this one task, in the order in which they are sent; else absent. */
  parts?: DatasetConfig[];
  file: string;
}

export interface SummarizerConfig {
  name: string;
  /** Which window: `total` for default_perf, `stable_stage` for the steady stage. */
  window: 'total' | 'stable_stage';
  rule: StageRule;
  definitions: 'product' | 'upstream';
  /** Whose checks the steady window is held against. */
  profile: 'default' | 'mlperf';
  statsList: string[];
  file: string;
}

export interface RunConfig {
  mode: 'perf' | 'perf_viz';
  /** In the order in which they start. Empty only when a recorded run is recalculated: then every recorded task. */
  tasks: { model: ModelConfig; dataset: DatasetConfig }[];
  summarizer: SummarizerConfig;
  /** As given: a relative one starts at the working directory. */
  workDir: string;
  /** null: a new run; 'latest' or a folder's time stamp. */
  reuse: string | null;
  debug: boolean;
  dryRun: boolean;
  pressure: { durationS: number } | null;
  numPrompts: number | null;
  /** null: one, or one a slot where their time spreads the ramp. */
  warmups: number | null;
  /** Worker threads; 0: automatic. */
  workers: number;
  /** Most tasks at a time; above 1 they share client and service, which every report then says. */
  maxNumWorkers: number;
  /** For a whole response; null: no limit. */
  requestTimeoutMs: number | null;
  logLevel: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  seed: number;
  cache: {
    /** null: as the type of data asks. */
    policy: CachePolicy | null;
    /** What the salts of requests are made from; '' until the run is about to start. */
    salt: string;
    /** The latest earlier run of the work dir that sent the same rows as they are to the same service, by task. */
    sentBefore: Record<string, string>;
    /** The seed was given, so the salts follow from it. */
    seeded: boolean;
  };
  keepText: boolean;
  verify: boolean;
  /** Read the services' counters of speculative decoding around the measured requests. */
  specDecode: boolean;
  /** Exit 1 unless both verdicts are `steady`. */
  requireSteady: boolean;
  /** Measure until these figures are known so well, for `maxTimeS` at most. */
  untilPrecise: { targets: PrecisionTarget[]; maxTimeS: number } | null;
  /** The slots of a closed loop open spread over so long; null: as the load shape says. */
  rampS: number | 'e2el' | null;
  /** How long the load may be held after the measured time; 0: not at all, null: the default of the load shape. */
  holdMs: number | null;
  /** A response without an output event for so long has failed, whatever else it says. */
  stallMs: number;
  /** Percent of finished attempts that may fail before a task ends early; 100: any share may. */
  maxErrorPct: number;
  /** How long requests in flight may go on after the run's end; null: as the run's own latencies ask. */
  graceMs: number | null;
  /** Seconds to wait for a service that is loading; null: not given. */
  waitS: number | null;
}
