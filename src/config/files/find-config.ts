/** From the name of a task to its config file. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, extname, isAbsolute, join, resolve, sep } from 'node:path';
import type { Loading, Places } from '../loading.ts';
import { COMMAND_LINE, shortPath } from '../mistakes.ts';
import { didYouMean } from '../nearest.ts';
import { configExtensions } from './config-extensions.ts';

export type TaskKind = 'models' | 'datasets' | 'summarizers';

export interface TaskFile {
  name: string;
  file: string;
}

const MAX_SUGGESTIONS = 3;

/** Folders that are searched, in order: the user's first, then the packaged one. */
export function configRoots({ cwd, packageRoot, configDir }: Places): string[] {
  const roots = [resolve(cwd, configDir ?? 'configs'), join(packageRoot, 'configs')].filter(existsSync);
  // In the package's own folder both are one.
  return [...new Set(roots.map((root) => realpathSync(root)))];
}

/** Every task config of a kind; one in the user's folder stands before a packaged one of the same name. */
export function listConfigs(kind: TaskKind, places: Places): TaskFile[] {
  return configRoots(places).flatMap((root) => configsBelow(join(root, kind)));
}

/** The flags that name them. */
export const flagOf: Record<TaskKind, string> = {
  models: '--models',
  datasets: '--datasets',
  summarizers: '--summarizer',
};

/**
 * The file behind each name. A name is the file's name without its ending in any letter case, may be led by folders
 * (`vllm_api/vllm_api_general`), or is a path that begins with `.` or `/`. A name without a file becomes a mistake
 * of its flag; of several files the first is taken, with a warning.
 */
export function findConfigs(names: readonly string[], kind: TaskKind, loading: Loading): TaskFile[] {
  return [...new Set(names)].flatMap((name) => {
    const found = isPath(name) ? existingFile(resolve(loading.cwd, name)) : findByName(name, kind, loading);
    if (found) return [found];
    const problem = notFound(name, kind, loading);
    loading.mistakes.push({ file: COMMAND_LINE, path: flagOf[kind], problem });
    return [];
  });
}

/** The file itself, or with one of the config endings added. */
export function existingFile(path: string): TaskFile | null {
  const file = [path, ...configExtensions.map((e) => path + e)].find((f) => existsSync(f) && isConfig(f));
  return file ? { name: nameOf(file), file } : null;
}

function findByName(name: string, kind: TaskKind, loading: Loading): TaskFile | undefined {
  const wanted = name.toLowerCase().replace(endings, '').replaceAll('/', sep);
  for (const root of configRoots(loading)) {
    const alike = configsBelow(join(root, kind)).filter((c) =>
      `${sep}${c.file.toLowerCase().replace(endings, '')}`.endsWith(`${sep}${wanted}`),
    );
    const ofThatEnding = alike.filter((c) => extname(c.file) === extname(name));
    const found = ofThatEnding.length > 0 ? ofThatEnding : alike;
    if (found.length > 1) {
      const files = found.map((f) => shortPath(f.file, loading.cwd)).join(', ');
      loading.warnings.push(
        `${flagOf[kind]}: several files are named "${name}", the first is used: ${files}`,
      );
    }
    if (found.length > 0) return found[0];
  }
  return undefined;
}

function notFound(name: string, kind: TaskKind, places: Places): string {
  if (isPath(name)) return `no config file ${resolve(places.cwd, name)}`;
  const known = listConfigs(kind, places).map((c) => c.name);
  const roots = configRoots(places).map((root) => shortPath(join(root, kind), places.cwd));
  return `no task config named "${name}" in ${roots.join(' or ')}${didYouMean(name.replace(endings, ''), known, MAX_SUGGESTIONS)}`;
}

function configsBelow(folder: string): TaskFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && isConfig(e.name))
    .map((e) => join(e.parentPath, e.name))
    .sort(byStemThenEnding)
    .map((file) => ({ name: nameOf(file), file }));
}

const endings = new RegExp(`(${configExtensions.join('|').replaceAll('.', '\\.')})$`);

function byStemThenEnding(a: string, b: string): number {
  const [x, y] = [a.replace(endings, ''), b.replace(endings, '')];
  if (x !== y) return x < y ? -1 : 1;
  const place = (file: string) => configExtensions.findIndex((e) => file.endsWith(e));
  return place(a) - place(b);
}

function isConfig(file: string): boolean {
  return endings.test(file) && !file.endsWith('.d.ts') && basename(file) !== '__init__.py';
}

function isPath(name: string): boolean {
  return name.startsWith('.') || isAbsolute(name);
}

function nameOf(file: string): string {
  return basename(file, extname(file));
}
