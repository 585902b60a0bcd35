/** Where tasks come from: named config files, or one file that holds them all. */
import { basename, extname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isObject, type Source } from '../check-model.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import { COMMAND_LINE, type Findings } from '../mistakes.ts';
import { didYouMean } from '../nearest.ts';
import { datasetTaskOf } from '../python/dataset-task.ts';
import { modelTaskOf } from '../python/model-task.ts';
import { summarizerOf } from '../python/summarizer-task.ts';
import { existingFile, findConfigs, loadWorld, type Places, type TaskFile } from './find-config.ts';
import { loadConfig } from './load-config.ts';

export interface TaskSources {
  models: Source[];
  datasets: Source[];
  /** null: none was named. */
  summarizer: (Source & { name: string }) | null;
  /** `work_dir` of the one file, if it has one. */
  workDir: Source | null;
  /** `model_dataset_combinations` of the one file, if it has them. */
  combinations: Source | null;
}

const DEFAULT_SUMMARIZER = 'default_perf';

/** Loads every file the flags name; what is missing or broken goes to `findings`. */
export async function readTasks(flags: RunFlags, places: Places, findings: Findings): Promise<TaskSources> {
  if (flags.config !== null) return readOneFile(flags, flags.config, places, findings);
  return {
    models: await readLists(flags.models, 'models', '--models', isModels, places, findings),
    datasets: [
      ...(await readLists(flags.datasets, 'datasets', '--datasets', isDatasets, places, findings)),
      ...customDataset(flags, places, findings),
    ],
    summarizer: await readSummarizer(flags.summarizer ?? DEFAULT_SUMMARIZER, places, findings),
    workDir: null,
    combinations: null,
  };
}

async function readOneFile(
  flags: RunFlags,
  path: string,
  places: Places,
  findings: Findings,
): Promise<TaskSources> {
  const sources: TaskSources = {
    models: [],
    datasets: [],
    summarizer: null,
    workDir: null,
    combinations: null,
  };
  const wrong = (flag: string, problem: string) =>
    findings.mistakes.push({ file: COMMAND_LINE, path: flag, problem });
  for (const [flag, names] of [
    ['--models', flags.models],
    ['--datasets', flags.datasets],
  ] as const) {
    if (names.length > 0)
      wrong(flag, `expected nothing beside the config file "${path}", which holds the tasks`);
  }
  const found = existingFile(resolve(places.cwd, path));
  if (!found) {
    wrong('config', `no such file: "${path}" (tasks are named with --models and --datasets)`);
    return sources;
  }
  const { file } = found;
  const values = await load(file, places, findings);
  if (!values) return sources;
  sources.models = listsOf(values, 'models', isModels, file, findings);
  sources.datasets = [
    ...('datasets' in values || flags.customDatasetPath === null
      ? listsOf(values, 'datasets', isDatasets, file, findings)
      : []),
    ...customDataset(flags, places, findings, 'datasets' in values),
  ];
  if (flags.summarizer !== null || !('summarizer' in values)) {
    sources.summarizer = await readSummarizer(flags.summarizer ?? DEFAULT_SUMMARIZER, places, findings);
  } else {
    sources.summarizer = summarizerFrom(found, values.summarizer, findings);
  }
  const exported = (name: string) => (name in values ? { file, path: name, value: values[name] } : null);
  sources.workDir = exported('work_dir');
  sources.combinations = exported('model_dataset_combinations');
  return sources;
}

async function readLists(
  names: readonly string[],
  kind: 'models' | 'datasets',
  flag: string,
  isList: (name: string) => boolean,
  places: Places,
  findings: Findings,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const { file } of findConfigs(names, kind, flag, places, findings)) {
    const values = await load(file, places, findings);
    if (values) sources.push(...listsOf(values, kind, isList, file, findings));
  }
  return sources;
}

/** The items of every export that is such a list. */
function listsOf(
  values: Record<string, unknown>,
  expected: string,
  isList: (name: string) => boolean,
  file: string,
  findings: Findings,
): Source[] {
  const names = Object.keys(values).filter(isList);
  if (names.length === 0) {
    const near = didYouMean(expected, Object.keys(values));
    const problem = `expected the file to export ${expected}, a list of tasks${near}`;
    findings.mistakes.push({ file, path: '', problem });
  }
  const sources = names.flatMap((name) => {
    const list = values[name];
    if (Array.isArray(list)) {
      const given = list.map((value, i) => ({ file, path: `${name}[${i}]`, value }));
      return extname(file) === '.py' ? given.flatMap((source) => fromPython(source, findings)) : given;
    }
    findings.mistakes.push({ file, path: name, problem: 'expected a list of tasks' });
    return [];
  });
  return withoutGathered(sources);
}

/** A file that gathers its lists in one more, as the original's collections do, still names each task once. */
function withoutGathered(sources: Source[]): Source[] {
  const listOf = ({ path }: Source) => path.split('[')[0];
  const seen = new Map<unknown, Source[]>();
  return sources.filter((source) => {
    const abbr = isObject(source.value) ? source.value.abbr : undefined;
    const alike = seen.get(abbr) ?? [];
    seen.set(abbr, [...alike, source]);
    return !alike.some((a) => listOf(a) !== listOf(source) && isDeepStrictEqual(a.value, source.value));
  });
}

/** Tasks of the original in our own form; one with a mistake is gone, and the mistake is in `findings`. */
function fromPython(source: Source, findings: Findings): Source[] {
  const isModel = source.path.startsWith('models[');
  const task = isModel ? modelTaskOf(source, findings) : datasetTaskOf(source, findings);
  return task ? [task] : [];
}

const isModels = (name: string) => name === 'models';
/** The original names them after what they hold: `gsm8k_datasets`. */
const isDatasets = (name: string) => name === 'datasets' || name.endsWith('_datasets');

async function readSummarizer(
  name: string,
  places: Places,
  findings: Findings,
): Promise<TaskSources['summarizer']> {
  const [found] = findConfigs([name], 'summarizers', '--summarizer', places, findings);
  const values = found && (await load(found.file, places, findings));
  if (!values) return null;
  if ('summarizer' in values) return summarizerFrom(found, values.summarizer, findings);
  const near = didYouMean('summarizer', Object.keys(values));
  findings.mistakes.push({
    file: found.file,
    path: '',
    problem: `expected the file to export summarizer${near}`,
  });
  return null;
}

function summarizerFrom(
  { file, name }: TaskFile,
  value: unknown,
  findings: Findings,
): TaskSources['summarizer'] {
  const source = { file, path: 'summarizer', value, name };
  return extname(file) === '.py' ? summarizerOf(source, findings) : source;
}

/** `--custom-dataset-path` stands in for `--datasets`; its abbr is the file's name up to the first dot. */
function customDataset(flags: RunFlags, places: Places, findings: Findings, hasOthers = false): Source[] {
  const flag = '--custom-dataset-path';
  const path = flags.customDatasetPath;
  if (path === null) return [];
  if (hasOthers || flags.datasets.length > 0) {
    findings.warnings.push(`${flag} has no effect: data sets are named already`);
    return [];
  }
  const file = resolve(places.cwd, path);
  const abbr =
    basename(file)
      .split('.')
      .find((part) => part !== '') ?? 'custom';
  const value = {
    abbr,
    type: 'custom',
    path: file,
    meta_path: flags.customDatasetMetaPath === null ? '' : resolve(places.cwd, flags.customDatasetMetaPath),
    prompt: flags.customDatasetDataType,
  };
  return [{ file: COMMAND_LINE, path: flag, value }];
}

async function load(
  file: string,
  places: Places,
  findings: Findings,
): Promise<Record<string, unknown> | null> {
  const loaded = await loadConfig(file, loadWorld(places));
  if ('values' in loaded) return loaded.values;
  findings.mistakes.push(loaded.mistake);
  return null;
}
