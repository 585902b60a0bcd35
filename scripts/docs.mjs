// npm run docs: writes docs/configuration.md from the schemas, flags and help texts. A unit test says when it is out of date.
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
    stdin: {
      contents:
        "export { configurationPage } from './tools/docs/configuration-page.ts'; export { helpOf } from './tools/docs/help-of.ts';",
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    packages: 'external',
  });
  const { configurationPage, helpOf } = await import(pathToFileURL(outfile).href);
  const { text, unexplained } = await configurationPage(helpOf);
  writeFileSync(join(root, 'docs/configuration.md'), text);
  console.log('Wrote docs/configuration.md');
  for (const line of unexplained) console.error(line);
  process.exitCode = unexplained.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
