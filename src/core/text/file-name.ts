/**
 * From the name of a model or a data set, whoever gave it, to the names of its files: the one place that does so.
 * A name that comes out of here holds no separator, no control character and nothing that a file system reads in a way of its own.
 */
import { crc32 } from 'node:zlib';

/** What follows the data set's name in each file of a task, all of them in its model's folder. */
export const ENDING = {
  journal: '.journal',
  h5: '_details.h5',
  jsonl: '_details.jsonl',
  /** Only when requests of the warm-up failed. */
  warmups: '_warmup_details.jsonl',
  csv: '.csv',
  json: '.json',
  summaryJson: '_summary.json',
  plot: '_plot.html',
  expectedRps: '_rps_distribution_plot.html',
  actualRps: '_rps_distribution_plot_with_actual_rps.html',
} as const;
export type FileEnding = (typeof ENDING)[keyof typeof ENDING];

/** What a file is called while it is written. */
export const PART = '.part';
/** In bytes: with the longest ending a name stays below the 255 bytes that file systems take. */
const MAX_NAME_BYTES = 120;
/** Closes a name that could not be kept whole. No other name holds a tilde. */
const CUT = /~[0-9a-f]{8}$/;
/** Half of a surrogate pair: UTF-8 has no bytes for it. */
const HALF_CHARACTER = /\p{Surrogate}/u;
const UNSAFE = /[^\p{L}\p{N}_.+@=-]|^\.|\.$/gu;
/** Names that Windows takes for devices, and those of the files beside the models' folders. */
const RESERVED = /^(?:(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|spec_decode_.*\.json$)/i;

/**
 * A name as a file name, different names giving different ones: letters, digits and `_-+@=.` stay, everything else
 * becomes `%XX` bytes. A name that is too long, empty or no valid Unicode is cut and closed with `~` and a checksum.
 */
export function fileStem(name: string): string {
  const safe = name.replace(UNSAFE, percentBytes);
  const stem = RESERVED.test(safe) ? percentBytes(safe[0]) + safe.slice(1) : safe;
  const isUnicode = !HALF_CHARACTER.test(name);
  if (stem !== '' && isUnicode && Buffer.byteLength(stem) <= MAX_NAME_BYTES) return stem;
  return cut(stem, Buffer.from(name, isUnicode ? 'utf8' : 'utf16le'));
}

/** What version 0.1.0 called the files of such a name; null when it would have been no plain file name. */
export function stemOfVersion010(name: string): string | null {
  const safe = name.replace(/[^\p{L}\p{N}_.+@=-]|^\./gu, percentBytes);
  if (safe === '') return null;
  return Buffer.byteLength(safe) <= MAX_NAME_BYTES ? safe : cut(safe, Buffer.from(name));
}

/** The name that a file's was made of; one that was cut stands for itself. */
export function nameOfStem(stem: string): string {
  try {
    return CUT.test(stem) ? stem : decodeURIComponent(stem);
  } catch {
    return stem;
  }
}

/** The JSON file of a service, named as the original names it: long names are cut, and so is a name that is `taken`. */
export function serviceFile(prefix: string, service: string, taken: ReadonlySet<string>): string {
  const stem = prefix + service.replace(/[^a-zA-Z0-9._-]/g, '_');
  const isOwn = stem.length <= MAX_NAME_BYTES && !taken.has(`${stem}.json`);
  return `${isOwn ? stem : cut(stem, Buffer.from(service))}.json`;
}

function cut(stem: string, name: Uint8Array): string {
  const kept = Buffer.from(stem)
    .toString('utf8', 0, MAX_NAME_BYTES)
    .replace(/\uFFFD+$/, '');
  return `${kept}~${crc32(name).toString(16).padStart(8, '0')}`;
}

function percentBytes(part: string): string {
  return [...Buffer.from(part)].map((b) => `%${b.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

export interface NamedTask {
  modelAbbr: string;
  datasetAbbr: string;
}

/** Two tasks that would write one file. */
export interface NameClash {
  tasks: [NamedTask, NamedTask];
  /** Relative to `performances`. */
  file: string;
  /** Only on a disk for which upper and lower case, or two spellings of one character, are the same. */
  onSomeDisks: boolean;
}

/** The first clash of each pair of tasks; those on every disk come first. */
export function nameClashes(tasks: readonly NamedTask[]): NameClash[] {
  const exact = clashesBy(tasks, (file) => file).map((clash) => ({ ...clash, onSomeDisks: false }));
  const folded = clashesBy(tasks, (file) => file.normalize('NFKC').toLowerCase())
    .filter(({ tasks: [a, b] }) => !exact.some(({ tasks: [c, d] }) => a === c && b === d))
    .map((clash) => ({ ...clash, onSomeDisks: true }));
  return [...exact, ...folded];
}

function clashesBy(
  tasks: readonly NamedTask[],
  keyOf: (file: string) => string,
): Omit<NameClash, 'onSomeDisks'>[] {
  const owners = new Map<string, NamedTask>();
  const clashes: Omit<NameClash, 'onSomeDisks'>[] = [];
  for (const task of tasks) {
    const stem = `${fileStem(task.modelAbbr)}/${fileStem(task.datasetAbbr)}`;
    const taken = Object.values(ENDING)
      .map((ending) => ({ file: stem + ending, owner: owners.get(keyOf(stem + ending)) }))
      .find(({ owner }) => owner !== undefined);
    if (taken?.owner) clashes.push({ tasks: [taken.owner, task], file: taken.file });
    for (const ending of Object.values(ENDING)) {
      if (!owners.has(keyOf(stem + ending))) owners.set(keyOf(stem + ending), task);
    }
  }
  return clashes;
}
