/** What argv, environment and task configs come to. Nothing in it is optional that a default can fill. */
import type { StageRule } from '../analysis/windows/registry.ts';
import type { PrecisionTarget } from '../core/precision.ts';
import type { DatasetName } from '../datasets/registry.ts';
import type { ProtocolName } from '../protocols/registry.ts';
import type { CachePolicy } from './flags/cache-policy.ts';
import type { RunFlags } from './flags/run-flags.ts';

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

/** Flags that say which tasks run, and those that stand in `RunConfig` in another form. */
export const otherFlags = [
  'config',
  'given',
  'models',
  'datasets',
  'summarizer',
  'configDir',
  'search',
  'customDatasetPath',
  'customDatasetMetaPath',
  'customDatasetDataType',
  'customDatasetInferMethod',
  'mergeDs',
  'workDir',
  'pressure',
  'pressureMs',
  'untilPrecise',
  'maxTimeMs',
  'workers',
  'cache',
  'cacheSalt',
] as const satisfies (keyof RunFlags)[];

/** Flags that stand in `RunConfig` as they were given; a new flag is one of them by itself. */
export type Settings = Omit<RunFlags, (typeof otherFlags)[number]>;

export interface RunConfig extends Settings {
  /** In the order in which they start. Empty only when a recorded run is recalculated: then every recorded task. */
  tasks: { model: ModelConfig; dataset: DatasetConfig }[];
  summarizer: SummarizerConfig;
  /** As given: a relative one starts at the working directory. */
  workDir: string;
  pressure: { durationMs: number } | null;
  /** Measure until these figures are known so well, for `maxTimeMs` at most. */
  untilPrecise: { targets: PrecisionTarget[]; maxTimeMs: number } | null;
  /** Worker threads; 0: automatic. */
  workers: number;
  /** For a whole response; null: no limit. */
  requestTimeoutMs: number | null;
  logLevel: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
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
}

/** Where runs lie when neither a flag nor a config says it. */
export const DEFAULT_WORK_DIR = 'outputs/default';

/** Whether requests are sent, or only records summarized. */
export function isSending({ mode, reuse }: Pick<RunConfig, 'mode' | 'reuse'>): boolean {
  return mode === 'perf' && reuse === null;
}
