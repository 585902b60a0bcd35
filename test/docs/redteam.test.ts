import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { areas } from '../redteam/areas.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/redteam.md'), 'utf8');

/** The rows of the table that `npm run redteam` writes: name, what is tried, tried, survived, percent. */
const rows = page
  .slice(page.indexOf('<!-- table -->'), page.indexOf('<!-- /table -->'))
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => {
    const [, name, about, tried, survived] = line.split('|').map((cell) => cell.trim());
    return { name, about, tried: Number(tried), survived: Number(survived) };
  });

describe('the table of docs/redteam.md', () => {
  it('has a row for each area, as the area says it', () => {
    expect(rows.map(({ name, about }) => ({ name, about }))).toEqual(
      areas.map(({ name, about }) => ({ name, about })),
    );
  });

  it('is of a run in which all was survived', () => {
    expect(rows.filter(({ tried, survived }) => !(tried > 0 && survived === tried))).toEqual([]);
  });
});
