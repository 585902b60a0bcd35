/** Errors of files that another tool wrote: the place, and what was expected there. */
import { readFileSync } from 'node:fs';
import { EXIT, UserError } from '../core/errors.ts';

export function badImport(path: string, problem: string, hint?: string): UserError {
  return new UserError(EXIT.usage, `cannot import ${path}: ${problem}`, hint === undefined ? {} : { hint });
}

/** `UserError` when it cannot be read, or is longer than a text can be. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw badImport(path, (error as Error).message);
  }
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
