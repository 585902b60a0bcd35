import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pairTasks, runsOfSide } from './compare-sides.ts';

let dir: string;
const stamp = (n: number) => `20260101_00000${n}`;

/** A run folder with records, empty here, of these tasks of model `m`. */
function addRun(folder: string, ...datasets: string[]): string {
  const model = join(dir, folder, 'performances/m');
  mkdirSync(model, { recursive: true });
  for (const dataset of datasets) writeFileSync(join(model, `${dataset}_details.h5`), '');
  return join(dir, folder);
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'ais-bench-sides-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('runsOfSide', () => {
  it('takes folders, time stamps, lists of them, and a folder of runs in the order they were taken', () => {
    const work = [1, 2, 3].map((n) => addRun(`work/${stamp(n)}`, 'a'));
    const named = addRun('nightly', 'a');
    expect(runsOfSide(dir, 'nightly', 'work')).toEqual([named]);
    expect(runsOfSide(dir, 'latest', 'work')).toEqual([work[2]]);
    expect(runsOfSide(dir, `nightly,${stamp(2)},${stamp(2)}`, 'work')).toEqual([named, work[1]]);
    expect(runsOfSide(dir, 'work', 'elsewhere')).toEqual(work);
  });

  it('names what holds no run', () => {
    mkdirSync(join(dir, 'empty'), { recursive: true });
    expect(() => runsOfSide(dir, 'empty', 'work')).toThrow(/no recorded run in .*empty/);
    expect(() => runsOfSide(dir, `nightly,${stamp(9)}`, 'work')).toThrow(
      /no run "20260101_000009" in .*work/,
    );
  });
});

describe('pairTasks', () => {
  it('pairs by name, and says what is only on one side', () => {
    const base = [addRun('b1', 'a', 'b'), addRun('b2', 'a', 'b')];
    const { pairs, alone } = pairTasks(base, [addRun('n1', 'a', 'c')]);
    expect(pairs.map(({ name, base, new: next }) => [name, base.length, next.length])).toEqual([
      ['m/a', 2, 1],
    ]);
    expect(alone).toEqual([
      'm/b is only in the base runs and is not compared',
      'm/c is only in the new runs and is not compared',
    ]);
    expect(() => pairTasks([addRun('x', 'p', 'q')], [addRun('y', 'r')])).toThrow(
      /nothing to compare: m\/p is only/,
    );
  });

  it('takes the only task of both sides for the same', () => {
    const { pairs } = pairTasks([addRun('s', 'p')], [addRun('t', 'q')]);
    expect(pairs.map(({ name }) => name)).toEqual(['m/p and m/q']);
  });
});
