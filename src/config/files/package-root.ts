/** Where this package lives: the folder that holds `configs/` and, when built, `dist/`. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE_NAME = 'ais-bench';

/** Walks up from this module, which works alike from `src/`, from `dist/` and when installed. */
export function packageRoot(from: string = import.meta.url): string {
  let dir = dirname(fileURLToPath(from));
  while (!isPackage(dir)) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error(`no package.json of ${PACKAGE_NAME} above ${from}`);
    dir = parent;
  }
  return dir;
}

/** The version in the package's own package.json. */
export function packageVersion(root: string = packageRoot()): string {
  return readPackage(root)?.version ?? 'unknown';
}

function isPackage(dir: string): boolean {
  return readPackage(dir)?.name === PACKAGE_NAME;
}

function readPackage(dir: string): { name?: string; version?: string } | null {
  const file = join(dir, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}
