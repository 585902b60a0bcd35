import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  linkSync,
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
import { createFile, makeFolder, makePath, openToRead, readWhole } from './own-files.ts';

let dir: string;
let run: string;
let away: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'own-files-'));
  run = join(dir, 'run');
  away = join(dir, 'away');
  mkdirSync(run);
  mkdirSync(away);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('makePath', () => {
  it('makes whatever is missing above, and takes what is there', () => {
    makePath(join(run, 'a/b/c'));
    makePath(join(run, 'a/b/c'));
    expect(existsSync(join(run, 'a/b/c'))).toBe(true);
  });

  it.each(['/proc/nowhere', '/proc/nowhere/further'])('gives up where no folder can be: %s', (folder) => {
    expect(() => makePath(folder)).toThrow('ENOENT');
  });

  it('says that a file is in the way', () => {
    writeFileSync(join(run, 'file'), '');
    expect(() => makePath(join(run, 'file/a'))).toThrow('ENOTDIR');
    expect(() => makePath(join(run, 'file'))).toThrow('EEXIST');
  });
});

describe('makeFolder', () => {
  it('makes what is missing, and takes what is there', () => {
    expect(makeFolder(join(run, 'new'), 'a', 'b')).toBe(join(run, 'new/a/b'));
    expect(makeFolder(join(run, 'new'), 'a', 'b')).toBe(join(run, 'new/a/b'));
    expect(existsSync(join(run, 'new/a/b'))).toBe(true);
  });

  it('follows links inside the run, and the one to the run itself', () => {
    mkdirSync(join(run, 'there'));
    symlinkSync('there', join(run, 'here'));
    symlinkSync(run, join(dir, 'alias'));
    expect(makeFolder(join(dir, 'alias'), 'here', 'x')).toBe(join(dir, 'alias/here/x'));
    expect(existsSync(join(run, 'there/x'))).toBe(true);
  });

  it.each([
    ['a link to another folder', () => symlinkSync(away, join(run, 'performances'))],
    ['a link to nothing', () => symlinkSync(join(away, 'new'), join(run, 'performances'))],
    ['a link to the folder above', () => symlinkSync('..', join(run, 'performances'))],
    ['a file', () => writeFileSync(join(run, 'performances'), '')],
    ['a pipe', () => execFileSync('mkfifo', [join(run, 'performances')])],
  ])('refuses %s and makes nothing there', (_, prepare) => {
    prepare();
    expect(() => makeFolder(run, 'performances', 'm')).toThrow(UserError);
    expect(readdirSync(away)).toEqual([]);
    expect(readdirSync(dir).sort()).toEqual(['away', 'run']);
  });
});

describe('createFile', () => {
  const write = (path: string) => closeSync(createFile(path));

  it('leaves alone what its name is a link to or another name of', () => {
    for (const link of [symlinkSync, linkSync]) {
      writeFileSync(join(away, 'precious'), 'precious');
      link(join(away, 'precious'), join(run, 'x.csv'));
      write(join(run, 'x.csv'));
      expect(readFileSync(join(away, 'precious'), 'utf8')).toBe('precious');
      expect(readFileSync(join(run, 'x.csv'), 'utf8')).toBe('');
      rmSync(join(run, 'x.csv'));
    }
  });

  it('makes no file where a link leads to nothing', () => {
    symlinkSync(join(away, 'new'), join(run, 'x.csv'));
    write(join(run, 'x.csv'));
    expect(readdirSync(away)).toEqual([]);
  });

  it('takes the place of a pipe, and says so when a folder is in the way', () => {
    execFileSync('mkfifo', [join(run, 'x.csv')]);
    write(join(run, 'x.csv'));
    mkdirSync(join(run, 'y.csv'));
    expect(() => write(join(run, 'y.csv'))).toThrow(/EISDIR|EEXIST/);
  });
});

describe('openToRead', () => {
  it('never waits, and reads plain files only', () => {
    execFileSync('mkfifo', [join(run, 'pipe')]);
    writeFileSync(join(run, 'file'), 'text');
    expect(() => openToRead(join(run, 'pipe'))).toThrow(/is not a file, but a pipe/);
    expect(() => openToRead(run)).toThrow(/is not a file, but a folder/);
    expect(readWhole(join(run, 'file')).toString()).toBe('text');
  });
});
