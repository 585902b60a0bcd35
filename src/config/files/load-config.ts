/** Reads a task config file: TypeScript, JavaScript, JSON or the original's Python, wherever it lies. */
import { readFileSync } from 'node:fs';
import { dirname, extname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { isObject } from '../../core/json-object.ts';
import * as api from '../api.ts';
import type { Mistake } from '../mistakes.ts';
import { didYouMean } from '../nearest.ts';
import type { PythonWorld } from '../python/read-python.ts';

/** The room `config/`, or where the build has put its code. */
const OWN_CODE = dirname(dirname(fileURLToPath(import.meta.url))) + sep;

/** What a Python config may refer to. */
export type LoadWorld = Omit<PythonWorld, 'loadOther'>;

/** A config's exports by name, a default export's fields among them; or why it could not be read. */
export type Loaded = { values: Record<string, unknown> } | { mistake: Mistake };

/**
 * Runs the file and returns what it exports; a Python file is read and never run. `ais-bench` is this very
 * package, whether or not it is installed beside the file. Nothing is written: neither a cache nor a
 * compiled copy.
 */
export async function loadConfig(file: string, world: LoadWorld): Promise<Loaded> {
  try {
    if (extname(file) === '.json') return loadJson(file);
    if (extname(file) === '.py') {
      // Loaded only when needed: the parser costs every start of the command some 25 ms.
      const { readPython } = await import('../python/read-python.ts');
      return await readPython(file, { ...world, loadOther: (other) => loadConfig(other, world) });
    }
    const jiti = createJiti(import.meta.url, {
      fsCache: false,
      interopDefault: false,
      virtualModules: { 'ais-bench': api },
    });
    return { values: exportsOf(await jiti.import<Record<string, unknown>>(file)) };
  } catch (error) {
    return { mistake: loadMistake(file, error) };
  }
}

function loadJson(file: string): Loaded {
  const text = readFileSync(file, 'utf8');
  try {
    return { values: exportsOf({ default: JSON.parse(text) }) };
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message);
    const line = position ? `:${text.slice(0, Number(position[1])).split('\n').length}` : '';
    return { mistake: { file: `${file}${line}`, path: '', problem: message } };
  }
}

function exportsOf(module: Record<string, unknown>): Record<string, unknown> {
  const { default: fallback, ...named } = module;
  return isObject(fallback) ? { ...fallback, ...named } : named;
}

function loadMistake(file: string, error: unknown): Mistake {
  if (!(error instanceof Error)) return { file, path: '', problem: `threw ${String(error)}` };
  // The transpiler's message: `ParseError: Unexpected token \n /path/file.ts:3:9`.
  const parse = /^ParseError:\s*(.*?)\s*\n\s*(.+:\d+:\d+)\s*$/s.exec(error.message);
  if (parse) return { file: parse[2], path: '', problem: `syntax error: ${parse[1]}` };
  const problem = plainMessage(error);
  return { file: thrownAt(error) ?? file, path: '', problem };
}

/** `file:line` of the topmost stack frame in a config or what it imports; the column is that of compiled code. */
function thrownAt(error: Error): string | null {
  const frames = (error.stack ?? '').split('\n').flatMap((line) => {
    const frame = /^\s*at (?:.*\()?(?:async )?(?:file:\/\/)?(\/.*|[A-Za-z]:\\.*):(\d+):\d+\)?$/.exec(line);
    return frame ? [{ file: frame[1], line: frame[2] }] : [];
  });
  const foreign = frames.filter((f) => !f.file.includes(`${sep}jiti${sep}`) && !f.file.startsWith(OWN_CODE));
  const place = foreign.find((f) => !f.file.includes(`${sep}node_modules${sep}`)) ?? foreign[0];
  return place ? `${place.file}:${place.line}` : null;
}

function plainMessage(error: Error): string {
  const first = error.message.split('\n')[0];
  const missing = /^\(0\s*,\s*_aisBench\.(\w+)\) is not a function/.exec(first);
  if (missing) return `"ais-bench" exports no ${missing[1]}${didYouMean(missing[1], Object.keys(api))}`;
  return error.name === 'Error' ? first : `${error.name}: ${first}`;
}
