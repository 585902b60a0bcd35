// npm run docs: writes docs/configuration.md, the types and the comments of task configs from the schemas, flags and help
// texts. A unit test says when one of them is out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importBundled } from './bundle.mjs';
import { root } from './ensure-deps.mjs';

const { generatedFiles } = await importBundled('tools/docs/generated-files.ts');
const { files, unexplained } = await generatedFiles(root);
for (const { path, text } of files) {
  writeFileSync(join(root, path), text);
  console.log(`Wrote ${path}`);
}
for (const line of unexplained) console.error(line);
process.exitCode = unexplained.length > 0 ? 1 : 0;
