import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const ORACLES = Array.from({ length: 21 }, (_, i) => `O${i + 1}`);

/** The rows of the table in docs/statistics.md: an oracle and the test files that hold it. */
const rows = readFileSync(join(root, 'docs/statistics.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| O\d+ /.test(line))
  .map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return { oracle: cells[1], files: [...cells[4].matchAll(/`([^`]+)`/g)].map(([, file]) => file) };
  });

describe('the table of oracles in docs/statistics.md', () => {
  it('has a row for each, and tests in each', () => {
    expect(rows.map(({ oracle }) => oracle)).toEqual(ORACLES);
    expect(rows.filter(({ files }) => files.length === 0)).toEqual([]);
  });

  it.each(rows.flatMap(({ oracle, files }) => files.map((file) => [oracle, file])))(
    '%s is named in %s',
    (oracle, file) => {
      const path = join(root, file);
      expect(existsSync(path), file).toBe(true);
      expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`\\b${oracle}\\b`));
    },
  );
});
