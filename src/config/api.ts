/**
 * What a task config imports from `ais-bench`: helpers that return their argument unchanged, so that an
 * editor completes and checks every field. Keys are those of AISBench's own configs.
 */
import type { ModelTask, SummarizerTask } from './api.generated.ts';
import type { DatasetTask } from './dataset-task.ts';

export type { ModelTask, SummarizerTask, TrafficTask } from './api.generated.ts';
export type { DatasetTask, RowsTask } from './dataset-task.ts';
export {
  type NeedleBench,
  type NeedleBenchSet,
  type NeedleBenchSizes,
  needlebench,
  needlebenchTasks,
} from './needlebench-tasks.ts';

/** Services to test, one task each. */
export function defineModels(models: ModelTask[]): ModelTask[] {
  return models;
}

/** Data sets, one task each. */
export function defineDatasets(datasets: DatasetTask[]): DatasetTask[] {
  return datasets;
}

/** The result presentation. */
export function defineSummarizer(summarizer: SummarizerTask): SummarizerTask {
  return summarizer;
}
