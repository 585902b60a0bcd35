/** From a recorded run to its tables and files; the normal path after sending, and the whole of recalculation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { summarize } from '../../analysis/summarize.ts';
import type { SummarizerConfig } from '../../config/run-config.ts';
import { addFailures, createFailureGroups } from '../../core/failures/failure-groups.ts';
import type { Summary } from '../../core/summary.ts';
import { renderClientHealth } from '../../reporters/client-health-table.ts';
import { reporters } from '../../reporters/registry.ts';
import { renderTables } from '../../reporters/tables.ts';
import { makeModelFolder, type RecordedTask, type TaskFiles } from '../../store/run-folder.ts';
import { type ReadH5, readTask, type StoredRun } from '../../store/store.ts';
import type { Host } from '../host/host.ts';
import { storageWarnings } from '../host/storage-warnings.ts';
import { writeWhole } from '../host/write-whole.ts';
import { failureTable } from '../screen/failure-list.ts';
import { calibrationPath, quoteFor, readCalibrations } from './calibration/calibration-file.ts';
import { writeRpsPlots } from './rps-plots.ts';

export interface SummarizedTask {
  summary: Summary;
  /** `model/dataset`, as the tables are headed. */
  name: string;
  /** The tables, ready for the screen. */
  tables: string;
  /** What failed, in groups with their counts; '' when nothing did. */
  failures: string;
  /** What the reader of the numbers must know of how they were stored; empty for a run that ended well. */
  warnings: string[];
  /** Writes every report and returns their paths. `UserError` when the disk refuses one. */
  writeFiles(): string[];
}

/**
 * Reads what is stored of a task and computes it under the summarizer's rule. The settings that shaped the run come
 * from its own record. Writes nothing by itself: the numbers are to be seen before a disk can refuse.
 */
export async function summarizeTask(
  host: Host,
  task: RecordedTask,
  summarizer: SummarizerConfig,
  readH5: ReadH5,
): Promise<SummarizedTask> {
  const run = await readTask(task, readH5);
  const summary = summarize(run, {
    summarizer: summarizer.name,
    window: summarizer.window,
    rule: summarizer.rule,
    profile: summarizer.profile,
    definitions: summarizer.definitions,
    statsList: summarizer.statsList,
  });
  if (summary.clientHealth !== null)
    summary.clientHealth.calibration = quoteFor(readCalibrations(calibrationPath(host.env)), run.info);
  const name = `${run.info.shownAs ?? run.info.modelAbbr}/${run.info.datasetAbbr}`;
  return {
    summary,
    name,
    tables: tablesOf(summary),
    failures: failuresOf(run, summary),
    warnings: storageWarnings(run),
    writeFiles: () => writeReports(host, task.files, run, summary),
  };
}

function writeReports(host: Host, task: TaskFiles, { info, end }: StoredRun, summary: Summary): string[] {
  const assets = { plotTemplate: readFileSync(join(host.packageRoot, 'dist/web/plot.html'), 'utf8') };
  const files: string[] = [];
  makeModelFolder(task.folder);
  for (const reporter of Object.values(reporters)) {
    const { ending, content } = reporter(summary, info, end, assets);
    writeWhole(task.path(ending), content);
    files.push(task.path(ending));
  }
  return [...files, ...writeRpsPlots(host, task, info, summary.timeline)];
}

function failuresOf(run: StoredRun, { outcomes }: Summary): string {
  const attempts = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  if (outcomes.ok === attempts) return '';
  const { url, model, stream } = run.info;
  const groups = createFailureGroups({ url, model, stream });
  // No row's events are needed.
  for (const batch of run.batches(new Uint8Array(run.rows))) addFailures(groups, batch);
  return failureTable(groups, run.rows);
}

function tablesOf(summary: Summary): string {
  return [renderTables(summary), renderClientHealth(summary.clientHealth)].filter((t) => t !== '').join('\n');
}
