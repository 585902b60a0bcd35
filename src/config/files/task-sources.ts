/** Where tasks come from: named config files, or one file that holds them all. */
import { basename, extname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../core/json-object.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import type { Loading } from '../loading.ts';
import { COMMAND_LINE, type Findings } from '../mistakes.ts';
import { didYouMean } from '../nearest.ts';
import { datasetTaskOf } from '../python/dataset-task.ts';
import { modelTaskOf } from '../python/model-task.ts';
import { summarizerOf } from '../python/summarizer-task.ts';
import type { Source } from '../source.ts';
import { existingFile } from './find-config.ts';
import { type LoadedFile, loadFiles, loadNamed } from './load-files.ts';

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

type ListKind = 'models' | 'datasets';

const DEFAULT_SUMMARIZER = 'default_perf';

/** Loads every file the flags name; what is missing or broken goes to `loading`. */
export async function readTasks(flags: RunFlags, loading: Loading): Promise<TaskSources> {
  if (flags.config !== null) return readOneFile(flags, flags.config, loading);
  return {
    models: await namedTasks(flags.models, 'models', loading),
    datasets: [
      ...(await namedTasks(flags.datasets, 'datasets', loading)),
      ...customDataset(flags, flags.datasets.length > 0, loading),
    ],
    summarizer: await namedSummarizer(flags.summarizer ?? DEFAULT_SUMMARIZER, loading),
    workDir: null,
    combinations: null,
  };
}

async function readOneFile(flags: RunFlags, path: string, loading: Loading): Promise<TaskSources> {
  const wrong = (flag: string, problem: string) =>
    loading.mistakes.push({ file: COMMAND_LINE, path: flag, problem });
  for (const kind of ['models', 'datasets'] as const) {
    if (flags[kind].length > 0)
      wrong(`--${kind}`, `expected nothing besides the config file "${path}", which contains the tasks`);
  }
  const found = existingFile(resolve(loading.cwd, path));
  if (!found) wrong('config', `no such file: "${path}" (name tasks with --models and --datasets)`);
  const [loaded] = await loadFiles(found ? [found] : [], loading);
  if (!loaded) return { models: [], datasets: [], summarizer: null, workDir: null, combinations: null };
  const { file, values } = loaded;
  const exported = (name: string) => (name in values ? { file, path: name, value: values[name] } : null);
  const hasDatasets = 'datasets' in values;
  const custom = flags.customDatasetPath !== null;
  const models = tasksIn(loaded, 'models', loading);
  const datasets = hasDatasets || !custom ? tasksIn(loaded, 'datasets', loading) : [];
  return {
    models,
    datasets: [...datasets, ...customDataset(flags, hasDatasets || flags.datasets.length > 0, loading)],
    summarizer:
      flags.summarizer === null && 'summarizer' in values
        ? summarizerIn(loaded, loading)
        : await namedSummarizer(flags.summarizer ?? DEFAULT_SUMMARIZER, loading),
    workDir: exported('work_dir'),
    combinations: exported('model_dataset_combinations'),
  };
}

async function namedTasks(names: readonly string[], kind: ListKind, loading: Loading): Promise<Source[]> {
  const files = await loadNamed(names, kind, loading);
  return files.flatMap((file) => tasksIn(file, kind, loading));
}

/** The original names lists of data sets after what they hold: `gsm8k_datasets`. */
const isList: Record<ListKind, (name: string) => boolean> = {
  models: (name) => name === 'models',
  datasets: (name) => name === 'datasets' || name.endsWith('_datasets'),
};

/** The items of every export that is a list of such tasks. */
function tasksIn({ file, values }: LoadedFile, kind: ListKind, findings: Findings): Source[] {
  const names = Object.keys(values).filter(isList[kind]);
  if (names.length === 0) {
    const near = didYouMean(kind, Object.keys(values));
    const problem = `expected the file to export ${kind}, a list of tasks${near}`;
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

async function namedSummarizer(name: string, loading: Loading): Promise<TaskSources['summarizer']> {
  const [loaded] = await loadNamed([name], 'summarizers', loading);
  if (!loaded) return null;
  if ('summarizer' in loaded.values) return summarizerIn(loaded, loading);
  const near = didYouMean('summarizer', Object.keys(loaded.values));
  const problem = `expected the file to export summarizer${near}`;
  loading.mistakes.push({ file: loaded.file, path: '', problem });
  return null;
}

function summarizerIn({ file, name, values }: LoadedFile, findings: Findings): TaskSources['summarizer'] {
  const source = { file, path: 'summarizer', value: values.summarizer, name };
  return extname(file) === '.py' ? summarizerOf(source, findings) : source;
}

/** `--custom-dataset-path` stands in for `--datasets`; its abbr is the file's name up to the first dot. */
function customDataset(flags: RunFlags, hasOthers: boolean, { cwd, warnings }: Loading): Source[] {
  const flag = '--custom-dataset-path';
  const { customDatasetPath: path, customDatasetMetaPath: metaPath } = flags;
  if (path === null) return [];
  if (hasOthers) {
    warnings.push(`${flag} has no effect because datasets are named already`);
    return [];
  }
  const file = resolve(cwd, path);
  const parts = basename(file).split('.');
  const value = {
    abbr: parts.find((part) => part !== '') ?? 'custom',
    type: 'custom',
    path: file,
    meta_path: metaPath === null ? '' : resolve(cwd, metaPath),
    prompt: flags.customDatasetDataType,
  };
  return [{ file: COMMAND_LINE, path: flag, value }];
}
