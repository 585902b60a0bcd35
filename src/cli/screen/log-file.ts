import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makePath } from '../../store/own-files.ts';
import type { Sink } from './log.ts';

/**
 * Appends log lines to a file, whose folder is made when needed. Few lines a second: written at once. A log is worth
 * no run: a line that the disk refuses is lost, and `refused` hears of the first one.
 */
export function fileSink(file: string, refused: (error: Error) => void): Sink {
  let isTold = false;
  return (line) => {
    try {
      append(file, `${line}\n`);
    } catch (error) {
      if (!isTold) refused(error as Error);
      isTold = true;
    }
  };
}

/** Never through a link, and without waiting for the reader of a pipe. */
const APPEND =
  constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function append(file: string, text: string): void {
  try {
    write(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    makePath(dirname(file));
    write(file, text);
  }
}

function write(file: string, text: string): void {
  const fd = openSync(file, APPEND);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
