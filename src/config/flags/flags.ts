/** The values of the command line's flags, checked all at once. */
import { Option, type OptionValues } from 'commander';
import type { PrecisionTarget } from '../../core/precision.ts';
import { cachePolicies } from '../../core/run.ts';
import { COMMAND_LINE, type Mistake, throwMistakes } from '../mistakes.ts';
import { didYouMean } from '../nearest.ts';
import type { CachePolicy } from './cache-policy.ts';
import { accuracyModes, accuracyModeText, flagsNotOurs } from './not-ours.ts';
import { readPrecision } from './precision-targets.ts';

export interface RunFlags {
  /** Path of the positional config file; null when tasks are named. */
  config: string | null;
  models: string[];
  datasets: string[];
  summarizer: string | null;
  mode: 'perf' | 'perf_viz';
  pressure: boolean;
  /** null when not given. */
  pressureTimeS: number | null;
  search: boolean;
  debug: boolean;
  /** null: a new run; 'latest' or a folder's time stamp. */
  reuse: string | null;
  workDir: string | null;
  configDir: string | null;
  dryRun: boolean;
  maxNumWorkers: number;
  numPrompts: number | null;
  /** null when not given. */
  numWarmups: number | null;
  customDatasetPath: string | null;
  customDatasetMetaPath: string | null;
  /** `auto`: the first row tells. */
  customDatasetDataType: 'auto' | 'qa' | 'mcq';
  /** Data sets of one type become one task. */
  mergeDs: boolean;
  /** Ask the service what its speculative decoding did. */
  specDecode: boolean;
  workers: number | null;
  seed: number;
  /** False: `seed` is the default. */
  seeded: boolean;
  cache: CachePolicy | null;
  cacheSalt: string | null;
  graceS: number | null;
  stallTimeoutS: number | null;
  /** Percent. */
  maxErrorRate: number | null;
  /** null when not given. */
  waitS: number | null;
  keepText: boolean;
  verify: boolean;
  requireSteady: boolean;
  untilPrecise: PrecisionTarget[] | null;
  maxTimeS: number | null;
  holdS: number | null;
  /** Seconds of `--ramp staggered:SECONDS`; `e2el`: as long as the warm-ups take, before the run. */
  rampS: number | 'e2el' | null;
}

const modes = ['perf', 'perf_viz'] as const;
const dataTypes = ['auto', 'qa', 'mcq'] as const;
const DAY_S = 86_400;
const MOST_THREADS = 1024;
const MOST_SEED = 2 ** 32 - 1;
const RUN_FOLDER = /^(latest|\d{8}_\d{6}\w*)$/;

type Wrong = (flag: string, problem: string) => void;

/** Throws one `UserError` that names every wrong flag, its value and what was expected. */
export function readFlags(given: OptionValues, config: string | undefined): RunFlags {
  const mistakes: Mistake[] = [];
  const wrong: Wrong = (flag, problem) => mistakes.push({ file: COMMAND_LINE, path: flag, problem });
  refuseNotOurs(given, wrong);
  const { whole, seconds, text } = readers(wrong);
  const flags: RunFlags = {
    config: config ?? null,
    models: given.models ?? [],
    datasets: given.datasets ?? [],
    summarizer: text('--summarizer', given.summarizer),
    mode: readMode(given.mode, wrong),
    pressure: given.pressure === true,
    pressureTimeS: seconds('--pressure-time', given.pressureTime, 1),
    search: given.search === true,
    debug: given.debug === true,
    reuse: readReuse(given.reuse, wrong),
    workDir: text('--work-dir', given.workDir),
    configDir: text('--config-dir', given.configDir),
    dryRun: given.dryRun === true,
    maxNumWorkers: whole('--max-num-workers', given.maxNumWorkers, 1, MOST_THREADS) ?? 1,
    // The original's way to say "all rows".
    numPrompts: given.numPrompts === 'none' ? null : whole('--num-prompts', given.numPrompts, 1),
    numWarmups: whole('--num-warmups', given.numWarmups, 0),
    customDatasetPath: text('--custom-dataset-path', given.customDatasetPath),
    customDatasetMetaPath: text('--custom-dataset-meta-path', given.customDatasetMetaPath),
    customDatasetDataType: readDataType(given, wrong),
    mergeDs: given.mergeDs !== false,
    specDecode: given.specDecode === true,
    workers: whole('--workers', given.workers, 0, MOST_THREADS),
    seed: whole('--seed', given.seed, 0, MOST_SEED) ?? 0,
    seeded: given.seed !== undefined,
    cache: readCache(given.cache, wrong),
    cacheSalt: text('--cache-salt', given.cacheSalt),
    graceS: seconds('--grace', given.grace, 0),
    stallTimeoutS: seconds('--stall-timeout', given.stallTimeout, 1),
    maxErrorRate: readPercent('--max-error-rate', given.maxErrorRate, wrong),
    waitS: seconds('--wait', given.wait, 0),
    keepText: given.keepText !== false,
    verify: given.verify === true,
    requireSteady: readRequire(given.require, wrong),
    untilPrecise: readPrecision(given.untilPrecise, (problem) => wrong('--until-precise', problem)),
    maxTimeS: seconds('--max-time', given.maxTime, 1),
    holdS: seconds('--hold', given.hold, 0),
    rampS: readRamp(given, wrong),
  };
  throwMistakes(mistakes, '', []);
  return flags;
}

function readDataType(given: OptionValues, wrong: Wrong): RunFlags['customDatasetDataType'] {
  const { customDatasetDataType: type = 'auto', customDatasetInferMethod: method = 'gen' } = given;
  if (method !== 'gen') wrong('--custom-dataset-infer-method', `expected "gen", got "${method}"`);
  const known = dataTypes.find((name) => name === type);
  if (!known) wrong('--custom-dataset-data-type', `expected "auto", "qa" or "mcq", got "${type}"`);
  return known ?? 'auto';
}

function readPercent(flag: string, value: string | undefined, wrong: Wrong): number | null {
  if (value === undefined) return null;
  const percent = value.trim() === '' ? Number.NaN : Number(value);
  if (percent >= 0 && percent <= 100) return percent;
  wrong(flag, `expected a percentage from 0 to 100, got "${value}"`);
  return null;
}

function readRequire(value: unknown, wrong: Wrong): boolean {
  if (value === undefined || value === 'steady') return value === 'steady';
  wrong('--require', `expected "steady", got "${value}"`);
  return false;
}

function readCache(value: unknown, wrong: Wrong): CachePolicy | null {
  if (value === undefined) return null;
  const known = cachePolicies.find((policy) => policy === value);
  if (!known)
    wrong(
      '--cache',
      `expected "fresh", "primed" or "as-is", got "${value}"${didYouMean(String(value), cachePolicies)}`,
    );
  return known ?? null;
}

function readRamp({ ramp: value, numWarmups, specDecode }: OptionValues, wrong: Wrong): RunFlags['rampS'] {
  if (value === undefined) return null;
  if (value === 'staggered') {
    if (Number(numWarmups) === 0)
      wrong(
        '--ramp',
        'staggered takes its time from the warm-ups, but --num-warmups is 0; give staggered:SECONDS',
      );
    if (specDecode === true)
      wrong(
        '--ramp',
        'staggered fills the service with requests that --spec-decode would count; give staggered:SECONDS',
      );
    return 'e2el';
  }
  const seconds = Number(/^staggered:(\d+(?:\.\d+)?)$/.exec(String(value))?.[1] ?? Number.NaN);
  if (seconds > 0 && seconds <= DAY_S) return seconds;
  wrong('--ramp', `expected "staggered", or "staggered:SECONDS" with about one E2EL, got "${value}"`);
  return null;
}

/** Readers of one value each; null when it was not given or is wrong. */
function readers(wrong: Wrong) {
  function within(flag: string, value: unknown, min: number, max: number, expected: string): number | null {
    if (value === undefined) return null;
    const n = /^[+-]?\d+$/.test(String(value)) ? Number(value) : Number.NaN;
    if (n >= min && n <= max) return n;
    wrong(flag, `expected ${expected}, got "${value}"`);
    return null;
  }
  return {
    whole: (flag: string, value: unknown, min: number, max?: number) =>
      max === undefined
        ? within(flag, value, min, Number.MAX_SAFE_INTEGER, `a whole number of at least ${min}`)
        : within(flag, value, min, max, `a whole number from ${min} to ${max}`),
    seconds: (flag: string, value: unknown, min: number) =>
      within(flag, value, min, DAY_S, `a whole number of seconds from ${min} to ${DAY_S}`),
    text(flag: string, value: unknown): string | null {
      if (value === undefined) return null;
      if (String(value).trim() === '') wrong(flag, 'expected a value, got ""');
      return String(value);
    },
  };
}

function readMode(value: unknown, wrong: Wrong): RunFlags['mode'] {
  const known = modes.find((mode) => mode === (value ?? 'perf'));
  if (known) return known;
  const isAccuracy = accuracyModes.some((mode) => mode === value);
  const problem = isAccuracy
    ? `"${value}": ${accuracyModeText}`
    : `expected "perf" or "perf_viz", got "${value}"${didYouMean(String(value), modes)}`;
  wrong('--mode', problem);
  return 'perf';
}

function readReuse(value: unknown, wrong: Wrong): string | null {
  if (value === undefined) return null;
  const name = String(value);
  if (!RUN_FOLDER.test(name)) {
    wrong(
      '--reuse',
      `expected the name of a run's folder like 20250628_151326, or nothing for the latest, got "${name}"`,
    );
  }
  return name;
}

function refuseNotOurs(given: OptionValues, wrong: Wrong): void {
  for (const [notation, reason] of Object.entries(flagsNotOurs)) {
    const option = new Option(notation);
    const value = given[option.attributeName()];
    const isGiven = option.negate ? value === false : value !== undefined && value !== false;
    if (isGiven) wrong(notation.split(' ')[0], reason);
  }
}
