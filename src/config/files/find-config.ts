/** From the name of a task to its config file. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, extname, isAbsolute, join, resolve, sep } from 'node:path';
import { COMMAND_LINE, type Findings, shortPath } from '../mistakes.ts';
import { didYouMean } from '../nearest.ts';
import { configExtensions } from './config-extensions.ts';
import type { LoadWorld } from './load-config.ts';

export type TaskKind = 'models' | 'datasets' | 'summarizers';

export interface Places {
  cwd: string;
  /** Folder of this package; its `configs/` are searched last. */
  packageRoot: string;
  /** `--config-dir`; null: `configs` below `cwd`, if there is one. */
  configDir: string | null;
  /** Python configs may ask for variables of it. */
  env?: Readonly<Record<string, string | undefined>>;
}

export interface TaskFile {
  name: string;
  file: string;
}

const MOST_SUGGESTIONS = 3;

/** Folders that are searched, in order: the user's first, then the packaged one. */
export function configRoots({ cwd, packageRoot, configDir }: Places): string[] {
  const roots = [resolve(cwd, configDir ?? 'configs'), join(packageRoot, 'configs')].filter(existsSync);
  // In the package's own folder both are one.
  return [...new Set(roots.map((root) => realpathSync(root)))];
}

/** What a config of these places may refer to. */
export function loadWorld(places: Places): LoadWorld {
  const { cwd, env = {} } = places;
  return { cwd, env, roots: configRoots(places), cacheDir: env.AIS_BENCH_DATASETS_CACHE ?? '' };
}

/** Every task config of a kind; one in the user's folder stands before a packaged one of the same name. */
export function listConfigs(kind: TaskKind, places: Places): TaskFile[] {
  return configRoots(places).flatMap((root) => configsBelow(join(root, kind)));
}

/**
 * The file behind each name, by the flag it was given with. A name is the file's name without its ending
 * in any letter case, may be led by folders (`vllm_api/vllm_api_general`), or is a path that begins with
 * `.` or `/`. A name without a file becomes a mistake; of several files the first is taken, with a warning.
 */
export function findConfigs(
  names: readonly string[],
  kind: TaskKind,
  flag: string,
  places: Places,
  findings: Findings,
): TaskFile[] {
  return [...new Set(names)].flatMap((name) => {
    const found = isPath(name)
      ? existingFile(resolve(places.cwd, name))
      : findByName(name, kind, flag, places, findings);
    if (!found)
      findings.mistakes.push({ file: COMMAND_LINE, path: flag, problem: notFound(name, kind, places) });
    return found ? [found] : [];
  });
}

/** The file itself, or with one of the config endings added. */
export function existingFile(path: string): TaskFile | null {
  const file = [path, ...configExtensions.map((e) => path + e)].find((f) => existsSync(f) && isConfig(f));
  return file ? { name: nameOf(file), file } : null;
}

function findByName(
  name: string,
  kind: TaskKind,
  flag: string,
  places: Places,
  findings: Findings,
): TaskFile | undefined {
  const wanted = name.toLowerCase().replace(endings, '').replaceAll('/', sep);
  for (const root of configRoots(places)) {
    const alike = configsBelow(join(root, kind)).filter((c) =>
      `${sep}${c.file.toLowerCase().replace(endings, '')}`.endsWith(`${sep}${wanted}`),
    );
    const ofThatEnding = alike.filter((c) => extname(c.file) === extname(name));
    const found = ofThatEnding.length > 0 ? ofThatEnding : alike;
    if (found.length > 1) {
      const files = found.map((f) => shortPath(f.file, places.cwd)).join(', ');
      findings.warnings.push(`${flag}: several files are named "${name}", the first is used: ${files}`);
    }
    if (found.length > 0) return found[0];
  }
  return undefined;
}

function notFound(name: string, kind: TaskKind, places: Places): string {
  if (isPath(name)) return `no config file ${resolve(places.cwd, name)}`;
  const known = listConfigs(kind, places).map((c) => c.name);
  const roots = configRoots(places).map((root) => shortPath(join(root, kind), places.cwd));
  return `no task config named "${name}" in ${roots.join(' or ')}${didYouMean(name.replace(endings, ''), known, MOST_SUGGESTIONS)}`;
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
