/** `--search`: where the task configs are. */

import type { RunFlags } from '../flags/run-flags.ts';
import { noFindings, throwMistakes } from '../mistakes.ts';
import { findConfigs, listConfigs, type Places, type TaskKind } from './find-config.ts';

export interface SearchRow {
  /** The flag that names such a task: `--models`, `--datasets` or `--summarizer`. */
  taskType: string;
  name: string;
  /** Absolute. */
  path: string;
}

/** Headings of the table, as in the document. */
export const searchHeadings = ['Task Type', 'Task Name', 'Config File Path'] as const;

const kinds: [string, TaskKind][] = [
  ['--models', 'models'],
  ['--datasets', 'datasets'],
  ['--summarizer', 'summarizers'],
];

/**
 * A row for each task that the flags name, in the order of the flags; every known task config when they
 * name none. Nothing is loaded or written. Throws a `UserError` that lists every name without a file.
 */
export function searchTable(
  flags: Pick<RunFlags, 'models' | 'datasets' | 'summarizer' | 'configDir'>,
  world: { cwd: string; packageRoot: string },
): { rows: SearchRow[]; warnings: string[] } {
  const places: Places = { ...world, configDir: flags.configDir };
  const findings = noFindings();
  const named = {
    models: flags.models,
    datasets: flags.datasets,
    summarizers: flags.summarizer === null ? [] : [flags.summarizer],
  };
  const nothingNamed = Object.values(named).every((names) => names.length === 0);
  const rows = kinds.flatMap(([flag, kind]) => {
    const found = nothingNamed
      ? listConfigs(kind, places)
      : findConfigs(named[kind], kind, flag, places, findings);
    return found.map(({ name, file }) => ({ taskType: flag, name, path: file }));
  });
  throwMistakes(findings.mistakes, world.cwd, []);
  return { rows, warnings: findings.warnings };
}
