/** From flags, environment and task configs to the one `RunConfig`. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkDataset } from './check-dataset.ts';
import { checkModel, isObject, type Source } from './check-model.ts';
import { checkCombinations } from './combinations.ts';
import type { Places } from './files/find-config.ts';
import { readGlobalConstants } from './files/global-constants.ts';
import { mergeDatasets } from './files/merge-datasets.ts';
import { readTasks, type TaskSources } from './files/task-sources.ts';
import { noEffectWarnings } from './flags/no-effect.ts';
import type { RunFlags } from './flags/run-flags.ts';
import { checkValue, shown } from './issue-text.ts';
import { COMMAND_LINE, type Findings, noFindings, throwMistakes } from './mistakes.ts';
import {
  type DatasetConfig,
  type ModelConfig,
  otherFlags,
  type RunConfig,
  type Settings,
  type SummarizerConfig,
} from './run-config.ts';
import { LEAST_RATE, summarizerTask } from './schemas.ts';

export interface World {
  cwd: string;
  env: Record<string, string | undefined>;
  /** Folder of this package; its `configs/` are searched last. */
  packageRoot: string;
}

const DEFAULT_WORK_DIR = 'outputs/default';

/**
 * Finds, loads and checks everything the flags name, and fills in every default. Reads files, writes
 * none, sends nothing. Throws one `UserError` (exit code 2) that lists all mistakes of all files.
 */
export async function resolveConfig(
  flags: RunFlags,
  world: World,
): Promise<{ config: RunConfig; warnings: string[] }> {
  const findings = noFindings();
  const places: Places = { ...world, configDir: flags.configDir };
  checkPlaces(flags, world, findings);
  const sources = await readTasks(flags, places, findings);
  const constants = await readGlobalConstants(places, world.env, findings);
  const willSend = flags.mode === 'perf' && flags.reuse === null;
  const models = sources.models.map((s) => checkModel(s, { ...world, willSend }, findings));
  const datasets = sources.datasets.map((s) => checkDataset(s, findings));
  const summarizer = checkSummarizer(sources.summarizer, findings);
  const workDir = flags.workDir ?? checkWorkDir(sources.workDir, findings);
  checkNames(sources.models, findings);
  checkNames(sources.datasets, findings);
  const combinations = checkCombinations(sources.combinations, sources, findings);
  if (flags.config === null) checkNothingMissing(flags, willSend, findings);
  if (willSend) checkNoneEmpty(flags, sources, findings);
  throwMistakes(findings.mistakes, world.cwd, secretsOf(sources, world.env));
  if (!summarizer) throw new Error('a summarizer without a mistake was lost');
  const tasks = (models as ModelConfig[]).flatMap((model) => {
    const only = combinations?.(model.abbr);
    const own = (datasets as DatasetConfig[]).filter(({ abbr }) => only?.has(abbr) ?? true);
    return (flags.mergeDs ? mergeDatasets(own) : own).map((dataset) => ({ model, dataset }));
  });
  const config: RunConfig = {
    ...settingsOf(flags),
    tasks,
    summarizer,
    workDir,
    pressure: flags.pressure ? { durationMs: flags.pressureMs } : null,
    untilPrecise: flags.untilPrecise && { targets: flags.untilPrecise, maxTimeMs: flags.maxTimeMs },
    workers: flags.workers ?? constants.workers,
    requestTimeoutMs: constants.requestTimeoutMs,
    logLevel: constants.logLevel,
    specDecode: flags.specDecode && willSend,
    cache: {
      policy: flags.cache,
      salt: flags.cacheSalt ?? '',
      sentBefore: {},
      seeded: flags.given.has('seed'),
    },
  };
  const warnings = [...new Set([...findings.warnings, ...warningsOf(flags, config)])];
  return { config, warnings };
}

/** What the flags say of the run, without what has another form in the configuration. */
function settingsOf(flags: RunFlags): Settings {
  const others: readonly string[] = otherFlags;
  return Object.fromEntries(
    Object.entries(flags).filter(([key]) => !others.includes(key)),
  ) as unknown as Settings;
}

function checkPlaces(flags: RunFlags, { cwd }: World, findings: Findings): void {
  const wrong = (path: string, problem: string) =>
    findings.mistakes.push({ file: COMMAND_LINE, path, problem });
  const { configDir, customDatasetPath, customDatasetMetaPath } = flags;
  if (configDir !== null && !isFolder(resolve(cwd, configDir))) {
    wrong('--config-dir', `expected a folder, got "${configDir}"`);
  }
  if (customDatasetPath !== null && !existsSync(resolve(cwd, customDatasetPath))) {
    wrong(
      '--custom-dataset-path',
      `expected a .jsonl or .csv file, but "${customDatasetPath}" does not exist`,
    );
  }
  if (customDatasetMetaPath !== null && !existsSync(resolve(cwd, customDatasetMetaPath))) {
    wrong(
      '--custom-dataset-meta-path',
      `expected a JSON file, but "${customDatasetMetaPath}" does not exist`,
    );
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A recalculation that names no tasks takes every recorded one. */
function checkNothingMissing(flags: RunFlags, willSend: boolean, findings: Findings): void {
  const noModels = flags.models.length === 0;
  const noDatasets = flags.datasets.length === 0 && flags.customDatasetPath === null;
  if (!willSend && noModels && noDatasets) return;
  const orNone = willSend ? '' : ', or neither models nor data sets for every recorded task';
  const missing = (path: string, expected: string) =>
    findings.mistakes.push({
      file: COMMAND_LINE,
      path,
      problem: `expected at least one ${expected}${orNone}, got nothing`,
    });
  if (noModels) missing('--models', 'model task, e.g. vllm_api_stream_chat');
  if (noDatasets) {
    missing(
      '--datasets',
      'data-set task, e.g. demo_gsm8k_gen_4_shot_cot_chat_prompt (or --custom-dataset-path)',
    );
  }
}

/** Without a task nothing would be sent, and nobody told. What another mistake emptied is not told twice. */
function checkNoneEmpty(flags: RunFlags, sources: TaskSources, findings: Findings): void {
  if (findings.mistakes.length > 0) return;
  for (const kind of ['models', 'datasets'] as const) {
    if (sources[kind].length > 0) continue;
    const [file, path] = flags.config === null ? [COMMAND_LINE, `--${kind}`] : [flags.config, kind];
    findings.mistakes.push({ file, path, problem: 'expected at least one task, got an empty list' });
  }
}

function checkSummarizer(source: TaskSources['summarizer'], findings: Findings): SummarizerConfig | null {
  if (!source) return null;
  const { value, findings: found } = checkValue(summarizerTask, source.value, source.path);
  findings.mistakes.push(...found.map((f) => ({ file: source.file, ...f })));
  if (!value) return null;
  const { window, rule, definitions, profile, stats_list } = value;
  return { name: source.name, window, rule, definitions, profile, statsList: stats_list, file: source.file };
}

function checkWorkDir(source: Source | null, findings: Findings): string {
  if (!source) return DEFAULT_WORK_DIR;
  const { file, path, value } = source;
  if (typeof value === 'string' && value.trim() !== '') return value;
  findings.mistakes.push({
    file,
    path,
    problem: `expected the path of a folder, got ${shown(value, [path])}`,
  });
  return DEFAULT_WORK_DIR;
}

/** Results are kept by abbr, so two tasks of one abbr would write over each other. */
function checkNames(sources: readonly Source[], findings: Findings): void {
  const seen = new Map<string, Source>();
  for (const source of sources) {
    const given = isObject(source.value) ? source.value.abbr : undefined;
    if (typeof given !== 'string') continue;
    const abbr = given.trim();
    const first = seen.get(abbr);
    if (!first) {
      seen.set(abbr, source);
      continue;
    }
    findings.mistakes.push({
      file: source.file,
      path: `${source.path}.abbr`,
      problem: `expected a name of its own, got "${abbr}" like ${first.path} of ${first.file}: their results would share one folder`,
    });
  }
}

/** Whatever was given as a key, so that no message repeats it. */
function secretsOf(sources: TaskSources, env: World['env']): string[] {
  const keys = sources.models.map((s) => (isObject(s.value) ? s.value.api_key : undefined));
  return [...keys, env.AIS_BENCH_API_KEY, env.OPENAI_API_KEY].filter((k) => typeof k === 'string');
}

function warningsOf(flags: RunFlags, config: RunConfig): string[] {
  const warnings = noEffectWarnings(flags, config);
  if (config.mode === 'perf_viz' || config.reuse !== null) return warnings;
  const models = [...new Set(config.tasks.map((t) => t.model))];
  return [...warnings, ...models.flatMap((m) => [...fillWarnings(config, m), ...atOnceWarnings(config, m)])];
}

/** `--ramp staggered` needs a warm-up a slot. */
function fillWarnings({ rampMs, warmups, pressure }: RunConfig, model: ModelConfig): string[] {
  const { abbr, batchSize, useTimestamp, traffic, requestsPerS } = model;
  const isByClock = !pressure && (useTimestamp || traffic.ramp || requestsPerS >= LEAST_RATE);
  if (rampMs !== 'e2el' || isByClock || warmups === null || warmups >= batchSize) return [];
  return [
    `${abbr}: ${warmups} warm-up request(s) do not fill ${batchSize} slots, so --ramp staggered takes E2EL for shorter than it is under load; leave --num-warmups out, or give staggered:SECONDS`,
  ];
}

function atOnceWarnings({ rampMs, pressure }: RunConfig, model: ModelConfig): string[] {
  const { abbr, batchSize, traffic, requestsPerS } = model;
  if (!pressure || rampMs !== null || traffic.ramp || requestsPerS > 0) return [];
  return [
    `${abbr}: request_rate is 0, so all ${batchSize} clients of the stress test start at once; set it to add them gradually`,
  ];
}
