// npm run docs: writes docs/configuration.md, the types and the comments of task configs from the schemas, flags and help
// texts. A unit test says when one of them is out of date.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { root } from './ensure-deps.mjs';

// Beside node_modules, so that the bundle finds the packages that stay imports.
const folder = mkdtempSync(join(root, 'node_modules/.docs-'));
try {
  const outfile = join(folder, 'page.mjs');
  await bundle({
    entryPoints: [join(root, 'tools/docs/generated-files.ts')],
    outfile,
    packages: 'external',
  });
  const { generatedFiles } = await import(pathToFileURL(outfile).href);
  const { files, unexplained } = await generatedFiles(root);
  for (const { path, text } of files) {
    writeFileSync(join(root, path), text);
    console.log(`Wrote ${path}`);
  }
  for (const line of unexplained) console.error(line);
  process.exitCode = unexplained.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
