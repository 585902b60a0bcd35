/** What a run measured, as far as it says: two runs that differ in it answer different questions. */
import type { RunInfo } from '../../core/run.ts';

/** By the name a user knows it under, and may allow to differ. */
export type Settings = Record<string, string>;

export interface SettingDifference {
  setting: string;
  /** Value and the first run that has it, base side first. */
  values: { value: string; label: string }[];
}

/** Two runs may differ in length, in place and in seed, never in what was asked of the service. */
export const settingNames = [
  'model',
  'dataset',
  'protocol',
  'stream',
  'batch_size',
  'load',
  'ramp',
  'max_out_len',
  'generation_kwargs',
  'rows',
  'test_range',
  'cache',
  'token_counts',
  'recorded_by',
] as const;

/** `tokenCounts`: where most of the output counts came from. */
export function settingsOf(info: RunInfo, tokenCounts: string): Settings {
  const task = taskOf(info);
  return {
    model: info.model,
    dataset: info.datasetAbbr,
    protocol: info.protocol,
    stream: String(info.stream),
    batch_size: String(info.batchSize),
    load: loadOf(info.schedule),
    ramp: rampOf(info.schedule),
    max_out_len: shown(task.model.maxOutTokens),
    generation_kwargs: shown(task.model.generation),
    rows: String(info.samples),
    test_range: shown(task.dataset.testRange),
    cache: info.cache?.policy ?? (info.imported ? 'not known' : 'as-is'),
    token_counts: tokenCounts,
    recorded_by: info.imported?.from ?? 'ais_bench',
  } satisfies Record<(typeof settingNames)[number], string>;
}

/** Settings of which not all runs have the same value. */
export function differingSettings(
  runs: readonly { label: string; settings: Settings }[],
): SettingDifference[] {
  return settingNames.flatMap((setting) => {
    const values = new Map<string, string>();
    for (const { label, settings } of runs)
      if (!values.has(settings[setting])) values.set(settings[setting], label);
    if (values.size < 2) return [];
    return [{ setting, values: Array.from(values, ([value, label]) => ({ value, label })) }];
  });
}

/** A stress test keeps its slots busy like a closed loop; only its beginning and its end differ. */
function loadOf(schedule: RunInfo['schedule']): string {
  if (schedule.kind === 'timestamps') return 'time stamps of the data';
  if (schedule.kind !== 'rate') return 'closed loop';
  const { requestsPerS, burstiness, ramp } = schedule;
  return ramp
    ? `${ramp.strategy} ramp from ${ramp.startRps} to ${ramp.endRps} requests/s, burstiness ${burstiness}`
    : `${requestsPerS} requests/s, burstiness ${burstiness}`;
}

/** How the slots of a closed loop are opened. */
function rampOf(schedule: RunInfo['schedule']): string {
  if (schedule.kind === 'closed' && schedule.rampMs) return `over ${schedule.rampMs / 1000} s`;
  if (schedule.kind !== 'pressure' || schedule.clientsPerS === 0) return 'at once';
  return `${schedule.clientsPerS} clients/s${schedule.traffic ? `, ${JSON.stringify(schedule.traffic)}` : ''}`;
}

interface StoredTask {
  model: { abbr?: unknown; maxOutTokens?: unknown; generation?: unknown };
  dataset: { abbr?: unknown; testRange?: unknown };
}

/** The stored config is plain JSON of any version, and empty in an imported run. */
function taskOf({ config, modelAbbr, datasetAbbr }: RunInfo): StoredTask {
  const { tasks = [] } = (config ?? {}) as { tasks?: StoredTask[] };
  const own = tasks.find(({ model, dataset }) => model.abbr === modelAbbr && dataset.abbr === datasetAbbr);
  return own ?? { model: {}, dataset: {} };
}

function shown(value: unknown): string {
  return value === undefined || value === '' ? 'none' : JSON.stringify(sorted(value));
}

/** The order of keys means nothing. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
