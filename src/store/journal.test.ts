import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { batchOf } from '../core/records.ts';
import { openJournal } from './journal.ts';
import { someEnd, someInfo } from './random-batch.fixture.ts';
import { readJournal } from './read-journal.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(dir, 'run.journal');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const batch = batchOf([{ index: 0, sent: 1, end: 9, events: [[5, 'text']] }]);

describe('openJournal', () => {
  it('hands data to the system before anything is closed', async () => {
    const journal = openJournal(file, someInfo);
    journal.append(batch);
    await expect.poll(() => existsSync(file) && recordedRows()).toBe(batch.rows);
    expect([...readJournal(file).batches()]).toEqual([batch]);
    await journal.close();
  });

  it('may be appended to while earlier writes are on their way: the caller keeps its arrays', async () => {
    const journal = openJournal(file, someInfo);
    const mine = batchOf([{ index: 7, sent: 1, end: 9, events: [[5, 'text']] }]);
    journal.append(mine);
    mine.index[0] = 999;
    await journal.end(someEnd);
    expect([...readJournal(file).batches()][0].index[0]).toBe(7);
  });

  it('lays updates over the info in order', async () => {
    const journal = openJournal(file, someInfo);
    const warmup = { total: 2, ok: 1, failed: 1, reasons: { 'http 500': 1 } };
    journal.update({ warmup, startedAtUnixMs: 1 });
    journal.update({ startedAtUnixMs: 2 });
    await journal.end(someEnd);
    expect(readJournal(file).info).toEqual({ ...someInfo, warmup, startedAtUnixMs: 2 });
  });

  it('refuses to write over an earlier journal', async () => {
    writeFileSync(file, 'precious');
    const journal = openJournal(file, someInfo);
    await expect(journal.end(someEnd)).rejects.toThrow(UserError);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('reports a failed write on the next append and at the end, never as an unhandled error', async () => {
    const journal = openJournal('/dev/full', someInfo, {});
    await expect.poll(() => failureOf(() => journal.append(batch))).toMatch(/cannot write \/dev\/full/);
    await expect(journal.end(someEnd)).rejects.toThrow(/cannot write/);
  });

  it('stops with an error instead of growing without bound before a slow disk', () => {
    const journal = openJournal(file, someInfo, { maxBacklogBytes: 4000 });
    const message = failureOf(() => {
      for (let i = 0; i < 1000; i++) journal.append(batch);
    });
    expect(message).toMatch(/disk is too slow/);
  });
});

describe('drained', () => {
  it('lets a writer that can wait go on for any length', async () => {
    const journal = openJournal(file, someInfo, { maxBacklogBytes: 40_000 });
    for (let i = 0; i < 1000; i++) {
      journal.append(batch);
      await journal.drained();
    }
    await journal.end(someEnd);
    expect(readJournal(file).rows).toBe(1000);
  });

  it('rejects when writing fails', async () => {
    const journal = openJournal(join(dir, 'none/run.journal'), someInfo);
    for (let i = 0; i < 200; i++) journal.append(batch);
    await expect(journal.drained()).rejects.toThrow(UserError);
  });
});

describe('readJournal', () => {
  const refused: [string, Buffer, RegExp][] = [
    ['an empty file', Buffer.alloc(0), /breaks off/],
    ['another file', Buffer.from('{"data_abbr":"gsm8k","id":0}'), /not a journal/],
    ['a later format', Buffer.from('aisbench\x03\0\0\0\0\0\0\0', 'latin1'), /format is 3/],
    ['a journal without its info', Buffer.from('aisbench\x01\0\0\0\0\0\0\0', 'latin1'), /before the facts/],
  ];
  it.each(refused)('refuses %s', (_, bytes, message) => {
    writeFileSync(file, bytes);
    expect(() => readJournal(file)).toThrow(UserError);
    expect(() => readJournal(file)).toThrow(message);
  });
});

function recordedRows(): number {
  try {
    return readJournal(file).rows;
  } catch {
    return 0;
  }
}

function failureOf(act: () => void): string {
  try {
    act();
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
}

describe('a journal whose folder goes away', () => {
  it.each([
    ['is removed', (folder: string) => rmSync(folder, { recursive: true })],
    ['is renamed', (folder: string) => renameSync(folder, `${folder}-moved`)],
  ])('%s is whole at its end, where it belongs', async (_, take) => {
    const root = mkdtempSync(join(tmpdir(), 'journal-gone-'));
    const folder = join(root, 'run');
    mkdirSync(folder);
    const file = join(folder, 'a.journal');
    let told = 0;
    const journal = openJournal(file, someInfo, { onPutBack: () => told++ });
    journal.update({ seed: 1 });
    await journal.drained();
    await expect.poll(() => existsSync(file)).toBe(true);
    take(folder);
    journal.update({ seed: 7 });
    await journal.close();
    expect(readJournal(file)).toMatchObject({ info: { seed: 7 }, lost: null });
    expect(told).toBe(1);
    rmSync(root, { recursive: true });
  });
});
