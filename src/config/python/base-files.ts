/** From the module name of an import to the base config's file. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, sep } from 'node:path';
import { configExtensions } from '../files/config-extensions.ts';

/** Where base configs may lie. */
export interface BasePlaces {
  cwd: string;
  /** `configs` folders: the user's, then the packaged one. */
  roots: readonly string[];
  /** AIS_BENCH_DATASETS_CACHE: the folder that holds the original's `ais_bench/datasets`; '' for none. */
  cacheDir: string;
}

const CONFIG_PACKAGE = 'ais_bench.benchmark.configs';

/** True for modules of the original that hold configs, wherever they are imported. */
export function isConfigModule(module: string): boolean {
  return module.startsWith(`${CONFIG_PACKAGE}.`) || module.startsWith('ais_bench.datasets.');
}

/**
 * Where a relative import looks: `level` dots, the first of them the importing file's own folder. Below a `configs` folder it
 * then looks at the same place of the others, as there all configs lie in one.
 */
export function relativeStems(
  importer: string,
  level: number,
  module: string,
  roots: readonly string[],
): string[] {
  let folder = dirname(importer);
  for (let up = 1; up < level; up++) folder = dirname(folder);
  const stem = join(folder, ...module.split('.'));
  const root = roots.find((r) => stem.startsWith(r + sep));
  if (root === undefined) return [stem];
  const others = roots.filter((r) => r !== root).map((r) => r + stem.slice(root.length));
  return [stem, ...others];
}

/**
 * Where `a.b.c` may be: below a folder around the importing file, below the working directory, in the
 * data cache, or, for the original's own configs, below a `configs` folder (by its path, else by its name).
 */
export function absoluteStems(importer: string, module: string, places: BasePlaces): string[] {
  const parts = module.split('.');
  const around = [
    ...foldersAbove(importer),
    places.cwd,
    ...(places.cacheDir === '' ? [] : [places.cacheDir]),
  ];
  const stems = around.map((folder) => join(folder, ...parts));
  if (!module.startsWith(`${CONFIG_PACKAGE}.`)) return stems;
  const rest = parts.slice(CONFIG_PACKAGE.split('.').length);
  const byPath = places.roots.map((root) => join(root, ...rest));
  const byName = places.roots.flatMap((root) => namedBelow(join(root, rest[0]), rest.at(-1) ?? ''));
  return [...stems, ...byPath, ...byName];
}

/** The first of the stems that is a config file in one of the languages. */
export function firstBase(stems: readonly string[]): string | null {
  for (const stem of stems) {
    const found = ['.py', ...configExtensions].map((e) => stem + e).find(isFile);
    if (found) return found;
  }
  return null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function foldersAbove(file: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    folders.push(folder);
    if (dirname(folder) === folder) return folders;
  }
}

function namedBelow(folder: string, name: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const stemOf = (file: string) => join(folder, file.slice(0, -extname(file).length));
  return files
    .filter((file) => configExtensions.some((e) => basename(file.split(sep).join('/')) === name + e))
    .map(stemOf)
    .sort();
}
