/**
 * Folders and files of a run, made so that nothing is ever written outside the run's folder: a link, a pipe or a second
 * name of another file that stands in the way is taken away or refused, never written through.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { EXIT, UserError } from '../core/errors.ts';
import { writeError } from '../core/failures/write-error.ts';

/**
 * Makes a folder and whatever is missing above it. Node's own way tries for ever where a file system says of a folder to
 * be made that it does not exist, as /proc does. Throws the system's error.
 */
export function makePath(folder: string): void {
  const above = dirname(resolve(folder));
  if (!existsSync(above)) makePath(above);
  makeOne(folder);
}

/**
 * Makes the folder `root/parts…`, each part where it is missing, and returns its path. `UserError` when a part is no
 * folder, or leads out of `root`.
 */
export function makeFolder(root: string, ...parts: string[]): string {
  let folder = resolve(root);
  try {
    makePath(folder);
    const real = realpathSync(folder);
    for (const part of parts) {
      folder = join(folder, part);
      makeOne(folder);
      if (!isInside(realpathSync(folder), real)) throw leadsAway(folder, root);
    }
    return folder;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw writeError(folder, cause, 'start again');
  }
}

function makeOne(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another task may have made it at the same moment.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

function isInside(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(root.endsWith(sep) ? root : root + sep);
}

function leadsAway(folder: string, root: string): UserError {
  return new UserError(EXIT.failed, `${folder} is a link out of ${root}: nothing is written there`, {
    hint: 'Replace the link with a folder, or work on a copy of the run.',
  });
}

/**
 * Creates a file for writing and returns its descriptor. Whatever had its name loses it, so that nothing else that
 * shares those bytes changes; a folder of that name is an error of the system.
 */
export function createFile(path: string): number {
  const there = lstatSync(path, { throwIfNoEntry: false });
  // Its bytes are nobody's.
  if (there?.isCharacterDevice()) return openSync(path, 'w');
  if (there && !there.isDirectory()) unlinkSync(path);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

/** Opens a file for reading. Never waits, as for the writer of a pipe: an `Error` for everything that is no plain file. */
export function openToRead(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = fstatSync(fd);
  if (stats.isFile()) return fd;
  closeSync(fd);
  throw new Error(
    `${path} is not a file, but ${stats.isDirectory() ? 'a folder' : 'a pipe, socket or device'}`,
  );
}

/** The bytes of a plain file, see `openToRead`. */
export function readWhole(path: string): Buffer {
  const fd = openToRead(path);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
