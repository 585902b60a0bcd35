/**
 * Names and places of a run's files:
 * `<workDir>/<YYYYmmdd_HHMMSS>/performances/<model abbr>/<dataset abbr>…`.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { EXIT, UserError } from '../core/errors.ts';

/** Absolute paths of what the store keeps of one (model, dataset). */
export interface TaskFiles {
  /** Only while the run goes on, or after it was killed. */
  journal: string;
  h5: string;
  jsonl: string;
}

/** One (model, dataset) that a run folder has records of. */
export interface RecordedTask {
  modelAbbr: string;
  datasetAbbr: string;
}

const STAMP = /^\d{8}_\d{6}$/;
const RECORDS = /^(.+)(?:_details\.h5|\.journal)$/;
/** A name that was too long and has been cut. */
const CUT = /~[0-9a-f]{8}$/;
const LONGEST_NAME = 120;
const SHOWN_RUNS = 8;

/** Local time as `YYYYmmdd_HHMMSS`. */
export function stampOf(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${String(time.getFullYear()).padStart(4, '0')}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}_${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

/**
 * An abbr as a file name, different abbrs giving different names: letters, digits and `._-+@=` stay,
 * everything else becomes `%XX` bytes. A long name is cut and closed with `~` and a checksum.
 */
export function safeName(abbr: string): string {
  if (CUT.test(abbr)) return abbr;
  const name = abbr.replace(/[^\p{L}\p{N}_.+@=-]|^\./gu, percentBytes);
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const kept = Buffer.from(name)
    .toString('utf8', 0, LONGEST_NAME)
    .replace(/\uFFFD+$/, '');
  return `${kept}~${crc32(abbr).toString(16).padStart(8, '0')}`;
}

function percentBytes(part: string): string {
  return [...Buffer.from(part)].map((b) => `%${b.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** The abbr that a file name was made from; a cut name stands for itself. */
function abbrOf(name: string): string {
  try {
    return CUT.test(name) ? name : decodeURIComponent(name);
  } catch {
    return name;
  }
}

/**
 * Makes a new run folder and returns its absolute path. Its stamp is later than that of every earlier run, so that the
 * latest is the latest: runs that start in the same second get neighbouring stamps, and so does a run after the clock
 * went back, as at the end of summer time. `UserError` when the work dir cannot be written.
 */
export function createRunFolder(workDir: string, now: Date): string {
  const root = resolve(workDir);
  try {
    mkdirSync(root, { recursive: true });
    for (let at = firstFreeMs(root, now); ; at += 1000) {
      const dir = join(root, wallStamp(at));
      if (makeAlone(dir)) return dir;
    }
  } catch (cause) {
    throw new UserError(EXIT.usage, `cannot make a run folder in ${root}: ${(cause as Error).message}`, {
      hint: 'give a folder you may write to with --work-dir',
      cause,
    });
  }
}

/** A stamp that is further ahead was written under a clock that was wrong; the latest run is then not the one to follow. */
const MOST_BACK_MS = 25 * 3_600_000;

function firstFreeMs(root: string, now: Date): number {
  const nowMs = wallMs(stampOf(now));
  const newestMs = Math.max(
    0,
    ...stampsIn(root)
      .map(wallMs)
      .filter((ms) => ms < nowMs + MOST_BACK_MS),
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
  return join(resolve(runDir), 'performances', safeName(modelAbbr));
}

/** Where the records of one data set are in a model's folder; creates nothing. */
export function taskFiles(folder: string, datasetAbbr: string): TaskFiles {
  const stem = join(resolve(folder), safeName(datasetAbbr));
  return { journal: `${stem}.journal`, h5: `${stem}_details.h5`, jsonl: `${stem}_details.jsonl` };
}

/**
 * Absolute path of an earlier run: the one with this stamp, or the latest.
 * `UserError` naming what is there when it does not exist.
 */
export function findRun(workDir: string, reuse: string): string {
  const root = resolve(workDir);
  const stamps = stampsIn(root);
  if (stamps.length === 0) {
    throw new UserError(EXIT.usage, `no earlier run in ${root}: it holds no YYYYmmdd_HHMMSS folder`, {
      hint: 'measure first with --mode perf, or name the right folder with --work-dir',
    });
  }
  const stamp = reuse === 'latest' ? stamps[0] : stamps.find((s) => s === reuse);
  if (stamp === undefined) {
    throw new UserError(EXIT.usage, `no run ${JSON.stringify(reuse)} in ${root}`, {
      hint: `there are: ${shortList(stamps)}; --reuse without a value takes the latest`,
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
  const results = join(resolve(runDir), 'performances');
  return namesIn(results, 'directory').flatMap((model) => {
    const datasets = namesIn(join(results, model), 'file').flatMap((n) => RECORDS.exec(n)?.[1] ?? []);
    return [...new Set(datasets)].map((dataset) => ({
      modelAbbr: abbrOf(model),
      datasetAbbr: abbrOf(dataset),
    }));
  });
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
