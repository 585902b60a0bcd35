// Bundles TypeScript of the repo into one module that the Node at hand can import.
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
