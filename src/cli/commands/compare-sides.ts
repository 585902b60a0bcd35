/** From what the user typed to the runs of each side, and which of their tasks belong together. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, UserError } from '../../core/errors.ts';
import { findRun, type RecordedTask, recordedTasks, stampsIn } from '../../store/run-folder.ts';

/** One recorded task of one run. */
export interface TaskRun extends RecordedTask {
  folder: string;
}

export interface TaskPair {
  name: string;
  base: TaskRun[];
  new: TaskRun[];
}

/**
 * Absolute paths of a side's run folders: a folder, a time stamp in the work dir, several of these separated by commas,
 * or a folder whose runs are all meant. `UserError` when one holds no run.
 */
export function runsOfSide(cwd: string, side: string, workDir: string): string[] {
  const parts = existsSync(resolve(cwd, side)) ? [side] : side.split(',').filter((part) => part !== '');
  const folders = parts.flatMap((part) => {
    const path = resolve(cwd, part);
    return existsSync(path) ? foldersAt(path) : [findRun(resolve(cwd, workDir), part)];
  });
  for (const folder of folders) {
    if (recordedTasks(folder).length > 0) continue;
    throw new UserError(EXIT.usage, `There is no recorded run in ${folder}.`, {
      hint: 'Name a folder that contains performances/<model>/<dataset>_details.h5, or one that contains such folders.',
    });
  }
  return [...new Set(folders)];
}

function foldersAt(path: string): string[] {
  const stamps = existsSync(join(path, 'performances')) ? [] : stampsIn(path);
  return stamps.length > 0 ? stamps.reverse().map((stamp) => join(path, stamp)) : [path];
}

/**
 * Tasks of one name on both sides; a single task on each side belongs together whatever its name. `alone`: what only
 * some runs hold. `UserError` when nothing belongs together.
 */
export function pairTasks(
  base: readonly string[],
  next: readonly string[],
): { pairs: TaskPair[]; alone: string[] } {
  const [a, b] = [tasksOf(base), tasksOf(next)];
  if (a.size === 1 && b.size === 1) {
    const [[name, ours]] = a;
    const [[other, theirs]] = b;
    const both = name === other ? name : `${name} and ${other}`;
    return { pairs: [{ name: both, base: ours, new: theirs }], alone: [] };
  }
  const pairs: TaskPair[] = [];
  const alone: string[] = [];
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [ours, theirs] = [a.get(name), b.get(name)];
    if (ours && theirs) pairs.push({ name, base: ours, new: theirs });
    else alone.push(`${name} is only in the ${ours ? 'base' : 'new'} runs and is not compared`);
  }
  if (pairs.length > 0) return { pairs, alone };
  throw new UserError(EXIT.usage, `There is nothing to compare: ${alone.join('; ')}.`);
}

function tasksOf(folders: readonly string[]): Map<string, TaskRun[]> {
  const tasks = new Map<string, TaskRun[]>();
  for (const folder of folders) {
    for (const task of recordedTasks(folder)) {
      const name = `${task.modelAbbr}/${task.datasetAbbr}`;
      tasks.set(name, [...(tasks.get(name) ?? []), { folder, ...task }]);
    }
  }
  return tasks;
}
