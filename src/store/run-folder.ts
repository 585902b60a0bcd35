/**
 * Names and places of a run's files:
 * `<workDir>/<YYYYmmdd_HHMMSS>/performances/<model abbr>/<dataset abbr>…`.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, UserError } from '../core/errors.ts';
import {
  ENDING,
  type FileEnding,
  fileStem,
  type NamedTask,
  nameOfStem,
  PART,
  stemOfVersion010,
} from '../core/text/file-name.ts';
import { makeFolder, makePath } from './own-files.ts';

/** Absolute paths of what is kept of one (model, dataset). */
export interface TaskFiles {
  /** The model's. */
  folder: string;
  /** Only while the run goes on, or after it was killed. */
  journal: string;
  h5: string;
  jsonl: string;
  /** That of one of its files. */
  path(ending: FileEnding): string;
}

/** One (model, dataset) that a run folder has records of. */
export interface RecordedTask extends NamedTask {
  files: TaskFiles;
}

const STAMP = /^\d{8}_\d{6}$/;
const RECORDS = /^(.+)(?:_details\.h5|\.journal)$/;
/** In a run folder, the folder of the models' folders. */
const RESULTS = 'performances';
const SHOWN_RUNS = 8;

/** Local time as `YYYYmmdd_HHMMSS`. */
export function stampOf(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${String(time.getFullYear()).padStart(4, '0')}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}_${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

/**
 * Makes a new run folder and returns its absolute path. Its stamp is later than that of every earlier run, so that the
 * latest is the latest: runs that start in the same second get neighboring stamps, and so does a run after the clock
 * went back, as at the end of summer time. `UserError` when the work dir cannot be written.
 */
export function createRunFolder(workDir: string, now: Date): string {
  const root = resolve(workDir);
  try {
    makePath(root);
    for (let at = firstFreeMs(root, now); ; at += 1000) {
      const dir = join(root, wallStamp(at));
      if (makeAlone(dir)) return dir;
    }
  } catch (cause) {
    throw new UserError(EXIT.usage, `cannot make a run folder in ${root}: ${(cause as Error).message}`, {
      hint: 'Name a writable folder with --work-dir.',
      cause,
    });
  }
}

/** A stamp that is further ahead was written under a clock that was wrong; the latest run is then not the one to follow. */
const MAX_BACK_MS = 25 * 3_600_000;

function firstFreeMs(root: string, now: Date): number {
  const nowMs = wallMs(stampOf(now));
  const newestMs = Math.max(
    0,
    ...stampsIn(root)
      .map(wallMs)
      .filter((ms) => ms < nowMs + MAX_BACK_MS),
  );
  return Math.max(nowMs, newestMs + 1000);
}

/** The wall time of a stamp as if it were UTC: such times have no hour twice. */
function wallMs(stamp: string): number {
  const [year, month, day, hour, minute, second] =
    /^(....)(..)(..)_(..)(..)(..)$/.exec(stamp)?.slice(1).map(Number) ?? [];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function wallStamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', '_').replaceAll(/[-:]/g, '');
}

function makeAlone(dir: string): boolean {
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The folder of one model's results in a run folder; creates nothing. */
export function modelFolder(runDir: string, modelAbbr: string): string {
  const results = join(resolve(runDir), RESULTS);
  return join(
    results,
    stemIn(modelAbbr, (stem) => existsSync(join(results, stem))),
  );
}

/** Makes such a folder; `UserError` when it leads out of the run's, or cannot be made. */
export function makeModelFolder(folder: string): void {
  const results = dirname(resolve(folder));
  makeFolder(dirname(results), basename(results), basename(folder));
}

/** Where the records of one data set are in a model's folder; creates nothing. */
export function taskFiles(folder: string, datasetAbbr: string): TaskFiles {
  const hasRecords = (stem: string) =>
    [ENDING.h5, ENDING.journal].some((ending) => existsSync(join(folder, stem + ending)));
  return filesOfStem(folder, stemIn(datasetAbbr, hasRecords));
}

/** A run of version 0.1.0 may have other names for what it recorded; what is new gets the names of today. */
function stemIn(abbr: string, isThere: (stem: string) => boolean): string {
  const stem = fileStem(abbr);
  const earlier = stemOfVersion010(abbr);
  return earlier !== null && earlier !== stem && !isThere(stem) && isThere(earlier) ? earlier : stem;
}

function filesOfStem(folder: string, stem: string): TaskFiles {
  const path = (ending: FileEnding) => join(resolve(folder), stem + ending);
  return {
    folder: resolve(folder),
    journal: path(ENDING.journal),
    h5: path(ENDING.h5),
    jsonl: path(ENDING.jsonl),
    path,
  };
}

/**
 * Makes the folders that the tasks of a new run write to, and tries their names on this disk, so that no task is sent
 * whose records could not be kept. `UserError` naming the task.
 */
export function reserveNames(runDir: string, tasks: readonly NamedTask[]): void {
  const tried = new Map<string, NamedTask>();
  try {
    for (const task of tasks) {
      const folder = makeFolder(runDir, RESULTS, fileStem(task.modelAbbr));
      const file = taskFiles(folder, task.datasetAbbr).path(ENDING.actualRps) + PART;
      tryName(file, task, tried);
      tried.set(file, task);
    }
  } finally {
    for (const file of tried.keys()) rmSync(file, { force: true });
  }
}

function tryName(file: string, task: NamedTask, tried: ReadonlyMap<string, NamedTask>): void {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const name = `${task.modelAbbr}/${task.datasetAbbr}`;
    const [other] = code === 'EEXIST' ? [...tried.values()] : [];
    const why = other
      ? 'on this disk, its files would overwrite those of another task, whose name differs only in upper and lower case'
      : message;
    throw new UserError(EXIT.usage, `cannot keep the results of ${name}: ${why}`, {
      hint: 'Give it another abbr, or choose another --work-dir.',
      cause,
    });
  }
}

/**
 * Absolute path of an earlier run: the one with this stamp, or the latest.
 * `UserError` naming what is there when it does not exist.
 */
export function findRun(workDir: string, reuse: string): string {
  const root = resolve(workDir);
  const stamps = stampsIn(root);
  if (stamps.length === 0) {
    throw new UserError(EXIT.usage, `There is no run in ${root}: it contains no YYYYmmdd_HHMMSS folder.`, {
      hint: 'Measure first with --mode perf, or name the right folder with --work-dir.',
    });
  }
  const stamp = reuse === 'latest' ? stamps[0] : stamps.find((s) => s === reuse);
  if (stamp === undefined) {
    throw new UserError(EXIT.usage, `There is no run ${JSON.stringify(reuse)} in ${root}.`, {
      hint: `Use one of ${shortList(stamps)}, or --reuse without a value for the latest.`,
    });
  }
  return join(root, stamp);
}

/** Absolute path of the newest run in a work dir; `UserError` when there is none. */
export function latestRun(workDir: string): string {
  return findRun(workDir, 'latest');
}

/** Stamps of the runs in a work dir, newest first; empty when the folder does not exist. */
export function stampsIn(workDir: string): string[] {
  return namesIn(workDir, 'directory')
    .filter((name) => STAMP.test(name))
    .sort()
    .reverse();
}

/** The (model, dataset) pairs that a run folder has records of, by name. */
export function recordedTasks(runDir: string): RecordedTask[] {
  const results = join(resolve(runDir), RESULTS);
  return namesIn(results, 'directory').flatMap((model) => {
    const folder = join(results, model);
    const datasets = namesIn(folder, 'file').flatMap((n) => RECORDS.exec(n)?.[1] ?? []);
    return [...new Set(datasets)].map((dataset) => ({
      modelAbbr: nameOfStem(model),
      datasetAbbr: nameOfStem(dataset),
      files: filesOfStem(folder, dataset),
    }));
  });
}

/** What a run folder has, or would have, of one (model, dataset). */
export function recordedTask(runDir: string, { modelAbbr, datasetAbbr }: NamedTask): RecordedTask {
  const there = recordedTasks(runDir).find(
    (task) => task.modelAbbr === modelAbbr && task.datasetAbbr === datasetAbbr,
  );
  return there ?? { modelAbbr, datasetAbbr, files: taskFiles(modelFolder(runDir, modelAbbr), datasetAbbr) };
}

function namesIn(dir: string, kind: 'directory' | 'file'): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => (kind === 'directory' ? entry.isDirectory() : entry.isFile()))
    .map((entry) => entry.name)
    .sort();
}

function shortList(stamps: string[]): string {
  const rest = stamps.length - SHOWN_RUNS;
  return stamps.slice(0, SHOWN_RUNS).join(', ') + (rest > 0 ? ` and ${rest} older` : '');
}
