/** Finding and reading the files of a data set. Every complaint names the file and, where there is one, the line. */
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { EXIT, UserError } from '../../core/errors.ts';
import type { LoadContext } from '../dataset.ts';

/** One record of a data file and the line on which it starts, from 1. */
export interface Row {
  line: number;
  fields: Record<string, unknown>;
}

/** The places where a path of a task config may be: as it is, else in the cache folder, else under the working directory. */
export function placesOf(path: string, context: Pick<LoadContext, 'cwd' | 'cacheDir'>): string[] {
  if (isAbsolute(path)) return [path];
  const roots = context.cacheDir === '' ? [context.cwd] : [context.cacheDir, context.cwd];
  return roots.map((root) => resolve(context.cwd, root, path));
}

/** The first of the places that is a file, or null. */
export async function firstFile(places: readonly string[]): Promise<string | null> {
  for (const place of places) {
    const found = await stat(place).catch(() => null);
    if (found?.isFile()) return place;
  }
  return null;
}

/** Reads UTF-8 text; a byte-order mark at its start is dropped. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(EXIT.usage, `${file}: cannot be read (${cause.code ?? cause.message})`, { cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(
      EXIT.usage,
      `${file}:${firstBadLine(bytes)}: is not UTF-8 text${otherEncoding(bytes)}`,
      {
        hint: 'Save it with the encoding UTF-8 (spreadsheet programs offer "CSV UTF-8").',
        cause,
      },
    );
  }
}

/** The line of the first byte that is not UTF-8; a character never spans lines, as no byte of one is a line feed. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let line = 1, from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const to = end === -1 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(from, to));
    } catch {
      return line;
    }
    from = to + 1;
  }
  return 1;
}

/** Windows programs write UTF-16 with one of two marks at its start. */
function otherEncoding([first, second]: Uint8Array): string {
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isUtf16 ? ' but UTF-16' : '';
}

/** Refuses a file without a row, before its absence is felt elsewhere. */
export function requireRows(rows: readonly unknown[], file: string): void {
  if (rows.length > 0) return;
  throw new UserError(EXIT.usage, `${file}:1: the file holds no row`, {
    hint: 'Write the rows into it, or name another file.',
  });
}

/** JSON Lines: one object a line; blank lines do not count as rows. */
export function parseJsonl(text: string, file: string): Row[] {
  const rows: Row[] = [];
  let line = 0;
  for (const content of text.split(/\r?\n/)) {
    line++;
    if (content.trim() === '') continue;
    rows.push({ line, fields: parseObject(content, file, line) });
  }
  return rows;
}

/** A JSON file that is one list of objects; a row's `line` is then its number in the list, from 1. */
export function parseJsonList(text: string, file: string): Row[] {
  const value = parseJson(text, file);
  if (!Array.isArray(value)) {
    throw new UserError(EXIT.usage, `${file}: holds ${describeValue(value)}; expected a list of objects`);
  }
  return value.map((fields: unknown, i) => ({ line: i + 1, fields: objectOf(fields, file, i + 1) }));
}

/** A JSON file that is one object, as a row. */
export function parseJsonObject(text: string, file: string): Row {
  return { line: 1, fields: objectOf(parseJson(text, file), file, 1) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(EXIT.usage, `${file}: is not JSON (${(cause as Error).message})`, { cause });
  }
}

function parseObject(text: string, file: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badRow(file, line, `is not JSON (${(cause as Error).message})`, 'one JSON object per line');
  }
  return objectOf(value, file, line);
}

function objectOf(value: unknown, file: string, line: number): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRow(file, line, `is ${describeValue(value)}`, 'a JSON object');
  }
  return value as Record<string, unknown>;
}

/** The field's text. @throws UserError when it is missing, blank or no text. */
export function requiredText(row: Row, field: string, file: string): string {
  const value = row.fields[field];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw badRow(
    file,
    row.line,
    value === undefined
      ? `has no "${field}", only ${namesOf(row)}`
      : `has ${describeValue(value)} as "${field}"`,
    `a string in "${field}"`,
  );
}

/** The names that a row has, for a message. */
function namesOf({ fields }: Row): string {
  const names = Object.keys(fields).map((name) => describeValue(name));
  return names.length === 0 ? 'nothing' : names.join(', ');
}

export function badRow(file: string, line: number, problem: string, expected: string): UserError {
  return new UserError(EXIT.usage, `${file}:${line}: the row ${problem}; expected ${expected}`, {
    hint: 'Correct the line or remove it from the file.',
  });
}

/** A value in short, for messages. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The row's output limit. A .csv file holds it as text, and an empty cell leaves it to the model config. */
export function maxTokensOf(row: Row, file: string, column = 'max_tokens'): number | undefined {
  const value = row.fields[column];
  if (value === undefined || value === null || value === '') return undefined;
  const tokens = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof tokens === 'number' && Number.isInteger(tokens) && tokens >= 1) return tokens;
  throw badRow(file, row.line, `has ${describeValue(value)} as "${column}"`, 'a whole number from 1');
}

/** The first of the places that is a file; the complaint that none is says with `hint` how to get the data. */
export async function requiredFile(what: string, places: readonly string[], hint: string): Promise<string> {
  const file = await firstFile(places);
  if (file === null) throw notFound(what, places, hint);
  return file;
}

/** The file of a path that a task config gives. Throws a `UserError` with the places where it was looked for. */
export async function configuredFile(path: string, context: LoadContext, what = 'dataset'): Promise<string> {
  const places = placesOf(path, context);
  const file = await firstFile(places);
  if (file !== null) return file;
  throw new UserError(EXIT.usage, `${what} not found: ${places.join(' or ')}`, {
    hint: 'Relative paths start at the working directory, or at AIS_BENCH_DATASETS_CACHE if it is set.',
  });
}

function notFound(what: string, places: readonly string[], hint: string): UserError {
  const looked = places.map((place) => `  ${place}`).join('\n');
  return new UserError(EXIT.usage, `${what} was not found in any of these places:\n${looked}`, { hint });
}
