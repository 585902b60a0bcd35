import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
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

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, text);
  }
}
