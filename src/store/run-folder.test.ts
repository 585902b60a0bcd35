import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import {
  createRunFolder,
  findRun,
  latestRun,
  modelFolder,
  recordedTasks,
  stampOf,
  taskFiles,
} from './run-folder.ts';

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

describe('stampOf', () => {
  it('is local time, padded', () => {
    expect(stampOf(new Date(2025, 5, 8, 5, 13, 6))).toBe('20250608_051306');
  });
});

describe('createRunFolder', () => {
  it('comes after every earlier run when the clock has gone back', () => {
    const summer = new Date(2025, 9, 26, 2, 59, 58);
    const winter = new Date(2025, 9, 26, 2, 0, 0);
    const names = [summer, winter, winter, winter].map((now) => basename(createRunFolder(work, now)));
    expect(names).toEqual(['20251026_025958', '20251026_025959', '20251026_030000', '20251026_030001']);
    expect(latestRun(work)).toBe(join(work, names[3]));
  });

  it('does not follow a clock that was wrong by years', () => {
    createRunFolder(work, new Date(2099, 0, 1));
    expect(basename(createRunFolder(work, new Date(2025, 5, 8, 5, 13, 6)))).toBe('20250608_051306');
  });

  it('gives runs of the same second neighboring stamps', () => {
    const now = new Date(2025, 11, 31, 23, 59, 59);
    const names = [1, 2, 3].map(() => basename(createRunFolder(join(work, 'a/b'), now)));
    expect(names).toEqual(['20251231_235959', '20260101_000000', '20260101_000001']);
  });

  it('says what is wrong with the work dir', () => {
    writeFileSync(join(work, 'file'), '');
    expect(() => createRunFolder(join(work, 'file'), new Date())).toThrow(UserError);
    expect(() => createRunFolder(join(work, 'file'), new Date())).toThrow(join(work, 'file'));
  });
});

describe('findRun', () => {
  it('takes the newest, or the one that is named', () => {
    for (const name of ['20250101_000000', '20250628_151326', '20250102_000000', 'zz', '20260101_0000'])
      mkdirSync(join(work, name));
    writeFileSync(join(work, '20270101_000000'), 'a file is no run');
    expect(latestRun(work)).toBe(join(work, '20250628_151326'));
    expect(findRun(work, '20250102_000000')).toBe(join(work, '20250102_000000'));
  });

  it('names what is there when the run is not', () => {
    mkdirSync(join(work, '20250101_000000'));
    const failure = failureOf(() => findRun(work, '20250101'));
    expect(failure.message).toContain('"20250101"');
    expect(failure.hint).toContain('20250101_000000');
    expect(failureOf(() => findRun(join(work, 'none'), 'latest')).message).toContain('There is no run in');
    expect(failureOf(() => findRun(work, '../20250101_000000')).message).toContain('no run');
  });
});

describe('recordedTasks', () => {
  it('lists every pair with records, whole or not, by its abbr', () => {
    const pairs = [
      ['a', 'gsm8k', 'h5'],
      ['org/model', 'x y', 'journal'],
      ['org/model', 'both', 'h5'],
      ['org/model', 'both', 'journal'],
    ] as const;
    for (const [model, dataset, kind] of pairs) {
      const folder = modelFolder(work, model);
      mkdirSync(folder, { recursive: true });
      writeFileSync(taskFiles(folder, dataset)[kind], '');
    }
    writeFileSync(join(modelFolder(work, 'a'), 'other.csv'), '');
    expect(recordedTasks(work)).toMatchObject([
      { modelAbbr: 'a', datasetAbbr: 'gsm8k' },
      { modelAbbr: 'org/model', datasetAbbr: 'both' },
      { modelAbbr: 'org/model', datasetAbbr: 'x y' },
    ]);
    expect(recordedTasks(join(work, 'none'))).toEqual([]);
  });
});

function failureOf(act: () => unknown): UserError {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
