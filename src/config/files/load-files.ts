/** From the names of task configs to what their files export. */
import type { Loading, Places } from '../loading.ts';
import { configRoots, findConfigs, type TaskFile, type TaskKind } from './find-config.ts';
import { type LoadWorld, loadConfig } from './load-config.ts';

export interface LoadedFile extends TaskFile {
  /** What it exports, by name. */
  values: Record<string, unknown>;
}

/** The files behind the names of a kind, one after the other; what is missing or broken goes to `loading`. */
export function loadNamed(names: readonly string[], kind: TaskKind, loading: Loading): Promise<LoadedFile[]> {
  return loadFiles(findConfigs(names, kind, loading), loading);
}

/** The files that can be read, one after the other; why another one cannot goes to `loading`. */
export async function loadFiles(files: readonly TaskFile[], loading: Loading): Promise<LoadedFile[]> {
  const loaded: LoadedFile[] = [];
  for (const found of files) {
    const result = await loadConfig(found.file, loadWorld(loading));
    if ('values' in result) loaded.push({ ...found, values: result.values });
    else loading.mistakes.push(result.mistake);
  }
  return loaded;
}

/** What a config of these places may refer to. */
function loadWorld(places: Places): LoadWorld {
  const { cwd, env } = places;
  return { cwd, env, roots: configRoots(places), cacheDir: env.AIS_BENCH_DATASETS_CACHE ?? '' };
}
