// npm run house [-- --all] [-- --root FOLDER]: counts what keeps the code readable and fails above the limits of
// tools/house/report.ts. --all lists what was counted; --root counts another checkout of this repository.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { importBundled } from './bundle.mjs';
import { root } from './ensure-deps.mjs';

const { values } = parseArgs({ options: { all: { type: 'boolean' }, root: { type: 'string' } } });
const { reportHouse } = await importBundled('tools/house/report.ts');
const places = { home: root, root: resolve(values.root ?? root) };
const { text, isInOrder } = reportHouse(places, values.all === true);
console.log(text);
process.exitCode = isInOrder ? 0 : 1;
