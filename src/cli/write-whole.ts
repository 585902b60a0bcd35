import { renameSync, writeFileSync } from 'node:fs';

/** Writes under a temporary name first, so that nobody finds half a file. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}
