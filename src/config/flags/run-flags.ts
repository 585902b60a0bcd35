/**
 * Every flag of a run: how it is written, how its value is read, and what it does. Commander's options, the typed
 * `RunFlags`, docs/configuration.md, and the warnings of flags that need another one follow from this table, and
 * `RunConfig` has every value under the same name. A new flag is one row here and its use.
 */
import { flag } from './flag.ts';
import { readPrecision } from './precision-targets.ts';
import {
  cachePolicy,
  choice,
  isGiven,
  isNotRefused,
  mode,
  names,
  orElse,
  percent,
  ramp,
  rowCount,
  runName,
  seconds,
  text,
  whole,
} from './readers.ts';

const MAX_THREADS = 1024;
const MAX_SEED = 2 ** 32 - 1;

export const runFlags = {
  models: flag('--models <names...>', names, 'model tasks: names of their config files'),
  datasets: flag('--datasets <names...>', names, 'dataset tasks, by the names of their config files'),
  summarizer: flag(
    '--summarizer <name>',
    text,
    'result tables: default_perf or stable_stage (default: default_perf)',
  ),
  mode: flag(
    '-m, --mode <mode>',
    mode,
    'perf: send and summarize; perf_viz: summarize a recorded run (default: perf)',
  ),
  pressure: flag(
    '--pressure',
    isGiven,
    'stress test: add clients at request_rate and cycle the dataset for --pressure-time',
  ),
  pressureMs: flag(
    '--pressure-time <s>',
    orElse(seconds(1), 15_000),
    'duration of the stress test in seconds, 1 to 86400 (default: 15)',
    { needs: 'pressure' },
  ),
  untilPrecise: flag(
    '--until-precise <metric:pct,...>',
    readPrecision,
    "keep running until each metric's 95% confidence interval is within ±PCT%, e.g. throughput:1,ttft_p99:5",
  ),
  maxTimeMs: flag(
    '--max-time <s>',
    orElse(seconds(1), 1_800_000),
    'time limit of --until-precise in seconds, 1 to 86400 (default: 1800)',
    { needs: 'untilPrecise' },
  ),
  /** `e2el`: as long as the warm-ups take, before the run. */
  rampMs: flag(
    '--ramp <staggered[:s]>',
    ramp,
    'fill the slots of a closed loop one after another, over one E2EL before the run; with :s, over s seconds within the run',
  ),
  holdMs: flag(
    '--hold <s>',
    seconds(0),
    'maximum seconds to keep sending extra load while measured requests finish; 0 disables (default: three times the slowest request with --pressure or --until-precise, else 0)',
  ),
  search: flag('-s, --search', isGiven, 'print the paths of the task configs and exit'),
  debug: flag('--debug', isGiven, 'write a detailed log to the screen instead of to files'),
  reuse: flag('-r, --reuse [timestamp]', runName, 'recalculate a recorded run: the named one, or the latest'),
  workDir: flag('-w, --work-dir <dir>', text, 'folder for results (default: outputs/default)'),
  configDir: flag(
    '--config-dir <dir>',
    text,
    'folder of your own task configs, which take precedence over the packaged ones (default: configs)',
  ),
  dryRun: flag('--dry-run', isGiven, 'print the resolved plan without sending anything'),
  maxNumWorkers: flag(
    '--max-num-workers <n>',
    orElse(whole(1, MAX_THREADS), 1),
    'maximum number of tasks to run in parallel; parallel tasks share the client and the service (default: 1)',
  ),
  numPrompts: flag('--num-prompts <n>', rowCount, 'use only the first n rows of each dataset'),
  warmups: flag(
    '--num-warmups <n>',
    whole(0),
    'warm-up requests before the measurement; 0 for none (default: 1; one per slot with --ramp staggered)',
  ),
  customDatasetPath: flag(
    '--custom-dataset-path <file>',
    text,
    '.jsonl or .csv file of questions, instead of --datasets',
  ),
  customDatasetMetaPath: flag(
    '--custom-dataset-meta-path <file>',
    text,
    'meta file of the custom dataset (default: FILE.meta.json if it exists)',
  ),
  customDatasetDataType: flag(
    '--custom-dataset-data-type <type>',
    orElse(choice('auto', 'qa', 'mcq'), 'auto'),
    'qa, mcq, or auto (default: auto, decided by the first row)',
  ),
  customDatasetInferMethod: flag(
    '--custom-dataset-infer-method <method>',
    choice('gen'),
    'accepted for compatibility; only gen is supported',
  ),
  mergeDs: flag(
    '--merge-ds',
    isNotRefused,
    'run datasets of one type as one task with one result (default)',
    { negated: 'run each dataset as its own task' },
  ),
  specDecode: flag(
    '--spec-decode',
    isGiven,
    'report the acceptance of speculative decoding, read from /metrics before and after the measured requests',
  ),
  workers: flag(
    '--workers <n>',
    whole(0, MAX_THREADS),
    'number of sending threads; 0: automatic (default: WORKERS_NUM)',
  ),
  seed: flag(
    '--seed <n>',
    orElse(whole(0, MAX_SEED), 0),
    'seed for arrival times and synthetic data (default: 0)',
  ),
  cache: flag(
    '--cache <policy>',
    cachePolicy,
    'fresh: every request begins with a salt, so that no prefix cache holds it; primed: prefixes shared by prompts are sent before the run; as-is: rows are sent unchanged (default: fresh for synthetic data, else as-is)',
  ),
  cacheSalt: flag(
    '--cache-salt <text>',
    text,
    'source of the salts; the value recorded by an earlier run repeats its requests (default: from --seed, else random)',
  ),
  waitMs: flag(
    '--wait <s>',
    seconds(0),
    'seconds to wait for a service that is loading (HTTP 503); 0 disables; when given, also for one that refuses connections (default: 60)',
  ),
  graceMs: flag(
    '--grace <s>',
    seconds(0),
    'seconds to wait for in-flight requests after the run ends (default: automatic)',
  ),
  stallMs: flag(
    '--stall-timeout <s>',
    orElse(seconds(1), 600_000),
    'seconds without output after which a request counts as failed (default: 600)',
  ),
  /** Percent of the finished attempts that may fail; 100: any share may. */
  maxErrorPct: flag(
    '--max-error-rate <pct>',
    orElse(percent, 100),
    'end a task early when more than this percentage of its attempts fail (default: 100, never)',
  ),
  keepText: flag('--keep-text', isNotRefused, 'store generated texts (default)', {
    negated: 'do not store generated texts',
  }),
  requireSteady: flag(
    '--require <verdict>',
    (given, wrong) => choice('steady')(given, wrong) !== null,
    'steady: exit with 1 unless throughput and latency are both steady',
  ),
  verify: flag(
    '--verify',
    isGiven,
    'parse every event instead of scanning it; slower, with the same records',
  ),
};

export type FlagKey = keyof typeof runFlags;

export type FlagValues = { -readonly [K in FlagKey]: ReturnType<(typeof runFlags)[K]['read']> };

/** What the command line asks for. A default stands where there is one that nothing else can change, else null. */
export interface RunFlags extends FlagValues {
  /** Path of the positional config file; null when tasks are named. */
  config: string | null;
  /** The flags that were given, whatever their values. */
  given: ReadonlySet<FlagKey>;
}
