import { listHelpers } from './functions.ts';
import { roomOf, type SourceFile } from './source-files.ts';

/** A name that files of several rooms have. */
export interface SharedName {
  name: string;
  rooms: string[];
}

/** Every room has a registry and every page a main: they are named alike on purpose. */
const MEANT = new Set(['registry.ts', 'main.ts']);

export function shareFileNames(files: SourceFile[]): SharedName[] {
  return findShared(files, (file) => [file.name]).filter(({ name }) => !MEANT.has(name));
}

export function shareHelperNames(files: SourceFile[]): SharedName[] {
  return findShared(files, listHelpers);
}

function findShared(files: SourceFile[], namesIn: (file: SourceFile) => string[]): SharedName[] {
  const rooms = new Map<string, Set<string>>();
  for (const file of files) {
    for (const name of namesIn(file)) {
      rooms.set(name, (rooms.get(name) ?? new Set()).add(roomOf(file)));
    }
  }
  return [...rooms]
    .filter(([, found]) => found.size > 1)
    .map(([name, found]) => ({ name, rooms: [...found].sort() }))
    .sort((a, b) => b.rooms.length - a.rooms.length || a.name.localeCompare(b.name));
}
