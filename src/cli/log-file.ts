import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sink } from './log.ts';

/** Appends log lines to a file, whose folder is made when needed. Few lines a second: written at once. */
export function fileSink(file: string): Sink {
  mkdirSync(dirname(file), { recursive: true });
  return (line) => appendFileSync(file, `${line}\n`);
}
