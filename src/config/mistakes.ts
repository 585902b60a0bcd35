/** All mistakes of the command line and of all task configs, gathered to be reported together. */
import { isAbsolute, relative } from 'node:path';
import { EXIT, UserError } from '../core/errors.ts';
import { redactText } from './redact.ts';

export interface Mistake {
  /** The config file, with `:line` when known, or `command line`, or `environment`. */
  file: string;
  /** Where in it: `models[0].batch_size`, `--mode`; '' for the file as a whole. */
  path: string;
  /** What was expected and what was found, on one line. */
  problem: string;
}

export const COMMAND_LINE = 'command line';
export const ENVIRONMENT = 'environment';

/** What checking found so far. Warnings do not stop the run. */
export interface Findings {
  mistakes: Mistake[];
  warnings: string[];
}

export function noFindings(): Findings {
  return { mistakes: [], warnings: [] };
}

/** Throws one `UserError` that lists every mistake, a line each; does nothing when there is none. */
export function throwMistakes(mistakes: readonly Mistake[], cwd: string, secrets: readonly string[]): void {
  if (mistakes.length === 0) return;
  const lines = [...new Set(mistakes.map((m) => mistakeLine(m, cwd)))];
  const count = lines.length === 1 ? '1 mistake' : `${lines.length} mistakes`;
  const list = lines.map((line) => `  ${line}`).join('\n');
  throw new UserError(EXIT.usage, redactText(`${count} in the configuration:\n${list}`, secrets), {
    hint: 'Correct them and run again; `ais_bench --help` explains the flags, and the packaged task configs explain every field (`ais_bench --search` prints their paths).',
  });
}

/** `file: path: problem`, the file relative to `cwd` when it lies below it. */
function mistakeLine({ file, path, problem }: Mistake, cwd: string): string {
  return [shortPath(file, cwd), path, problem]
    .filter((part) => part !== '')
    .join(': ')
    .replace(/\s*\n\s*/g, ' ');
}

export function shortPath(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const short = relative(cwd, file);
  return short.startsWith('..') || short === '' ? file : short;
}
