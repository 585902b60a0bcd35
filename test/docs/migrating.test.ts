import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/registry.ts';
import { commandLine } from '../../src/config/flags/argv.ts';
import { flagsNotOurs } from '../../src/config/flags/not-ours.ts';
import { ignoredModelKeys, modelTask } from '../../src/config/schemas.ts';
import { keysOf } from '../../tools/docs/schema-keys.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/migrating.md'), 'utf8');

/** Our own keys, which nobody brings along. */
const newKeys = ['ca_file', 'insecure_skip_verify', 'traffic_cfg'];

/** First and second cell of every row below a heading. */
function rowsOf(heading: string): [string, string][] {
  const part = page.split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  return tableRows(part).map(([what, answer]) => [what, answer]);
}

/** Cells of all tables, without heads and rules. */
function tableRows(text: string): string[][] {
  return [...text.matchAll(/^\|(.*)\|$/gm)]
    .map((match) => match[1].split('|').map((cell) => cell.trim()))
    .filter(([first]) => first !== 'AISBench' && !first.startsWith('---'));
}

describe('docs/migrating.md', () => {
  it('answers "same", "better", "not here" or "new" in every row, and why where it must', () => {
    const real = tableRows(page);
    expect(real.length).toBeGreaterThan(80);
    for (const [what, answer, why = ''] of real) {
      expect(['same', 'better', 'not here', 'new'], what).toContain(answer);
      if (answer !== 'same') expect(why.length, `${what}: why?`).toBeGreaterThan(10);
    }
  });

  it('says "not here" of no flag that is here, and names every flag that is refused', () => {
    const rows = rowsOf('Flags');
    const named = rows.map(([flags]) => flags).join(' ');
    const visible = commandLine()
      .options.filter((option) => !option.hidden)
      .map((option) => option.long);
    const denied = rows
      .filter(([, answer]) => answer === 'not here')
      .flatMap(([flags]) => flags.match(/--[\w-]+/g) ?? []);
    expect(denied.filter((flag) => visible.includes(flag))).toEqual([]);
    for (const notation of Object.keys(flagsNotOurs)) expect(named).toContain(notation.split(' ')[0]);
  });

  it('lists every flag and command that is new, once and without contradiction', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('New: '));
    expect(lines).toHaveLength(1);
    const theirs = rowsOf('Flags')
      .map(([flags]) => flags)
      .join(' ');
    const isTheirs = (flag: string) => new RegExp(`${flag}(?![\\w-])`).test(theirs);
    const visible = commandLine()
      .options.filter((option) => !option.hidden)
      .map((option) => option.long!)
      .filter((flag) => !['--help', '--version'].includes(flag));
    const listed = lines[0].match(/--[\w-]+/g) ?? [];
    expect(listed.toSorted()).toEqual(visible.filter((flag) => !isTheirs(flag)).toSorted());
    const named = lines[0].split('the commands')[1].match(/(?<=`)\w+(?=`)/g);
    expect(named?.toSorted()).toEqual(Object.keys(commands).toSorted());
  });

  it('says nothing twice', () => {
    const keys = tableRows(page).flatMap(([what]) => (what === '' ? [] : [what]));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  it('names every key of a model task', () => {
    const named = rowsOf('Model keys')
      .map(([keys]) => keys)
      .join(' ');
    const keys = [...keysOf(modelTask).map(({ path }) => path.split('.').at(-1)!), ...ignoredModelKeys];
    expect(keys.filter((key) => !newKeys.includes(key) && !named.includes(key))).toEqual([]);
  });
});
