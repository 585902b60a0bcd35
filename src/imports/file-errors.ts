/** Errors of files that another tool wrote: the place, and what was expected there. */
import { readFileSync, statSync } from 'node:fs';
import { EXIT, UserError } from '../core/errors.ts';

export function badImport(path: string, problem: string, hint?: string): UserError {
  return new UserError(EXIT.usage, `Cannot import ${path}: ${problem}.`, hint === undefined ? {} : { hint });
}

/** `UserError` when it cannot be read, is no UTF-8, or is longer than a text can be. */
export function textOf(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(path));
  } catch (error) {
    const isDamaged = error instanceof TypeError;
    throw badImport(
      path,
      isDamaged ? 'it is damaged: some of its bytes are not UTF-8' : (error as Error).message,
    );
  }
}

/** Never waits for the writer of a pipe: an `Error` for everything that is no plain file. */
export function bytesOf(path: string): Buffer {
  if (!statSync(path).isFile()) throw new Error('it is not a file, but a folder, a pipe, or a device');
  return readFileSync(path);
}

/** JSON as Python writes it, whose NaN and Infinity are no JSON: they become null. Throws a `SyntaxError`. */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const cleaned = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (part) =>
      part.startsWith('"') ? part : 'null',
    );
    if (cleaned === text) throw error;
    return JSON.parse(cleaned);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
