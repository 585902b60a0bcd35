// Bundles TypeScript of the repo into one module that the Node at hand can import.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './ensure-deps.mjs';

/** `options` says what and where to, as esbuild names it; paths are relative to the repo. */
export function bundle(options) {
  return build({
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    ...options,
  });
}

/**
 * Bundles one file of the repo and imports it. The bundle lies in `folder` meanwhile: by default beside node_modules,
 * where it finds the packages that stay imports.
 */
export async function importBundled(entry, folder = 'node_modules') {
  const outfile = join(root, folder, `.bundle-${process.pid}.mjs`);
  try {
    await bundle({ entryPoints: [entry], outfile, packages: 'external' });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}
