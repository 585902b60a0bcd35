import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { writeWhole } from './host/write-whole.ts';
import { fileSink } from './screen/log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeWhole', () => {
  it('leaves nothing but the file', () => {
    writeWhole(join(folder, 'a.csv'), 'old');
    writeWhole(join(folder, 'a.csv'), 'new');
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('new');
  });

  it('that fails leaves what was there and names file and remedy', () => {
    mkdirSync(join(folder, 'a.csv'));
    writeFileSync(join(folder, 'a.csv/inside'), '');
    expect(() => writeWhole(join(folder, 'a.csv'), 'new')).toThrow(UserError);
    expect(() => writeWhole(join(folder, 'gone/a.csv'), 'new')).toThrow(/gone\/a\.csv: its folder is gone/);
    expect(readdirSync(folder)).toEqual(['a.csv']);
  });

  it('does not write through a link of the usual temporary name', () => {
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'a.csv.part'));
    writeWhole(join(folder, 'a.csv'), 'new');
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });
});

describe('fileSink', () => {
  it('never fails: a refused line is told once, later ones are tried again', () => {
    const told: string[] = [];
    // A file where the folder should be.
    writeFileSync(join(folder, 'logs'), '');
    const sink = fileSink(join(folder, 'logs/a.out'), (error) => told.push(error.message));
    sink('one', 'INFO');
    sink('two', 'INFO');
    expect(told).toHaveLength(1);
    rmSync(join(folder, 'logs'));
    sink('three', 'INFO');
    expect(readFileSync(join(folder, 'logs/a.out'), 'utf8')).toBe('three\n');
  });

  it('makes its folder again when somebody has removed it', () => {
    const sink = fileSink(join(folder, 'logs/a.out'), (error) => expect.fail(error.message));
    sink('one', 'INFO');
    rmSync(join(folder, 'logs'), { recursive: true });
    sink('two', 'INFO');
    expect(readFileSync(join(folder, 'logs/a.out'), 'utf8')).toBe('two\n');
  });
});
