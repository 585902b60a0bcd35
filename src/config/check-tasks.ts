/** From tasks as their files give them to those that run. */

import { isObject } from '../core/json-object.ts';
import { checkDataset } from './check-dataset.ts';
import { checkModel } from './check-model.ts';
import { checkCombinations } from './combinations.ts';
import { mergeDatasets } from './files/merge-datasets.ts';
import type { TaskSources } from './files/task-sources.ts';
import type { RunFlags } from './flags/run-flags.ts';
import { checkSource, shown } from './issue-text.ts';
import type { Loading } from './loading.ts';
import { COMMAND_LINE, type Findings } from './mistakes.ts';
import type { DatasetConfig, ModelConfig, RunConfig, SummarizerConfig } from './run-config.ts';
import { summarizerTask } from './schemas.ts';
import type { Source } from './source.ts';

export interface CheckedTasks {
  tasks: RunConfig['tasks'];
  summarizer: SummarizerConfig;
  /** Of a config file that names one. */
  workDir: string | null;
}

/** null when `loading` holds a mistake, whoever found it. */
export function checkTasks(sources: TaskSources, flags: RunFlags, loading: Loading): CheckedTasks | null {
  const models = sources.models.map((source) => checkModel(source, loading));
  const datasets = sources.datasets.map((source) => checkDataset(source, loading));
  const summarizer = checkSummarizer(sources.summarizer, loading);
  const workDir = flags.workDir === null ? checkWorkDir(sources.workDir, loading) : null;
  checkNames(sources.models, loading);
  checkNames(sources.datasets, loading);
  const combinations = checkCombinations(sources.combinations, sources, loading);
  if (loading.willSend) checkNoneEmpty(flags, sources, loading);
  if (loading.mistakes.length > 0 || summarizer === null) return null;
  const tasks = (models as ModelConfig[]).flatMap((model) => {
    const only = combinations?.(model.abbr);
    const own = (datasets as DatasetConfig[]).filter(({ abbr }) => only?.has(abbr) ?? true);
    return (flags.mergeDs ? mergeDatasets(own) : own).map((dataset) => ({ model, dataset }));
  });
  return { tasks, summarizer, workDir };
}

/** Without a task nothing would be sent, and nobody told. What another mistake emptied is not told twice. */
function checkNoneEmpty(flags: RunFlags, sources: TaskSources, { mistakes }: Findings): void {
  if (mistakes.length > 0) return;
  for (const kind of ['models', 'datasets'] as const) {
    if (sources[kind].length > 0) continue;
    const [file, path] = flags.config === null ? [COMMAND_LINE, `--${kind}`] : [flags.config, kind];
    mistakes.push({ file, path, problem: 'expected at least one task, got an empty list' });
  }
}

function checkSummarizer(source: TaskSources['summarizer'], findings: Findings): SummarizerConfig | null {
  const value = source && checkSource(summarizerTask, source, findings);
  if (!value) return null;
  const { window, rule, definitions, profile, stats_list } = value;
  return { name: source.name, window, rule, definitions, profile, statsList: stats_list, file: source.file };
}

function checkWorkDir(source: Source | null, findings: Findings): string | null {
  if (!source) return null;
  const { file, path, value } = source;
  if (typeof value === 'string' && value.trim() !== '') return value;
  findings.mistakes.push({
    file,
    path,
    problem: `expected the path of a folder, got ${shown(value, [path])}`,
  });
  return null;
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
      problem: `expected a unique name, got "${abbr}", which ${first.path} of ${first.file} also uses for its results`,
    });
  }
}
