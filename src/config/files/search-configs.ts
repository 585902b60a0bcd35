/** `--search`: where the task configs are. */

import type { RunFlags } from '../flags/run-flags.ts';
import { startLoading, type World } from '../loading.ts';
import { throwMistakes } from '../mistakes.ts';
import { findConfigs, flagOf, listConfigs, type TaskKind } from './find-config.ts';

export interface SearchRow {
  /** The flag that names such a task: `--models`, `--datasets` or `--summarizer`. */
  taskType: string;
  name: string;
  /** Absolute. */
  path: string;
}

/** Headings of the table, as in the document. */
export const searchHeadings = ['Task Type', 'Task Name', 'Config File Path'] as const;

const kinds = Object.keys(flagOf) as TaskKind[];

/**
 * A row for each task that the flags name, in the order of the flags; every known task config when they
 * name none. Nothing is loaded or written. Throws a `UserError` that lists every name without a file.
 */
export function searchTable(flags: RunFlags, world: World): { rows: SearchRow[]; warnings: string[] } {
  const loading = startLoading(flags, world);
  const named = {
    models: flags.models,
    datasets: flags.datasets,
    summarizers: flags.summarizer === null ? [] : [flags.summarizer],
  };
  const nothingNamed = Object.values(named).every((names) => names.length === 0);
  const rows = kinds.flatMap((kind) => {
    const found = nothingNamed ? listConfigs(kind, loading) : findConfigs(named[kind], kind, loading);
    return found.map(({ name, file }) => ({ taskType: flagOf[kind], name, path: file }));
  });
  throwMistakes(loading.mistakes, world.cwd, []);
  return { rows, warnings: loading.warnings };
}
