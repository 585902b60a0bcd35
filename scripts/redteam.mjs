// npm run redteam [-- --only AREA] [--seed N] [--json]: tries what should do no harm, area by area, and prints how much of it
// was survived; 1 when not all of it. Without --only it rebuilds the table of docs/redteam.md. Needs the built command.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importBundled } from './bundle.mjs';
import { root, run } from './ensure-deps.mjs';

const SEED = 20_261_127;

const seed = Number(argument('--seed') ?? SEED);
const only = argument('--only');
const isJson = process.argv.includes('--json');

// Beside its sources, whose paths are relative to their folder.
const { areas, tableOf } = await importBundled('test/redteam/areas.ts', 'test/redteam');
const chosen = areas.filter(({ name }) => only === undefined || name.includes(only));
if (chosen.length === 0) {
  console.error(`--only: expected one of ${areas.map(({ name }) => `"${name}"`).join(', ')}, got "${only}"`);
  process.exit(2);
}
const results = [];
for (const area of chosen) {
  const started = Date.now();
  const found = await area.run({ share: 1, seed });
  results.push([area, found]);
  console.error(
    `${area.name}: ${found.survived} of ${found.tried}, ${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
  for (const failure of found.failures) console.error(`  ${failure}`);
}
if (isJson) console.log(JSON.stringify(results.map(([{ name }, found]) => ({ area: name, ...found }))));
else console.log(tableOf(results));
if (only === undefined) writeTable(tableOf(results));
process.exit(results.every(([, { tried, survived }]) => survived === tried) ? 0 : 1);

function argument(flag) {
  const at = process.argv.indexOf(flag);
  return at < 0 ? undefined : process.argv[at + 1];
}

function writeTable(table) {
  const file = join(root, 'docs/redteam.md');
  const text = readFileSync(file, 'utf8');
  const [open, close] = ['<!-- table -->', '<!-- /table -->'];
  const [from, to] = [text.indexOf(open) + open.length, text.indexOf(close)];
  if (from < open.length || to < from) throw new Error(`${file} has no marks ${open} and ${close}`);
  writeFileSync(file, `${text.slice(0, from)}\n${table}\n${text.slice(to)}`);
  run('npx', ['biome', 'format', '--write', file]);
}
