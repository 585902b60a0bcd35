// npm run house [-- --all] [-- --root FOLDER]: counts what keeps the code readable and fails above the limits of
// tools/house/report.ts. --all lists what was counted; --root counts another checkout of this repository.
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { root } from './ensure-deps.mjs';

const { values } = parseArgs({ options: { all: { type: 'boolean' }, root: { type: 'string' } } });
// Beside node_modules, so that the bundle finds the packages that stay imports.
const folder = mkdtempSync(join(root, 'node_modules/.house-'));
try {
  const outfile = join(folder, 'report.mjs');
  await bundle({ entryPoints: ['tools/house/report.ts'], outfile, packages: 'external' });
  const { reportHouse } = await import(pathToFileURL(outfile).href);
  const places = { home: root, root: resolve(values.root ?? root) };
  const { text, isInOrder } = reportHouse(places, values.all === true);
  console.log(text);
  process.exitCode = isInOrder ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
