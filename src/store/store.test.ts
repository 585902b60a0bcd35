import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../core/errors.ts';
import { batchOf, UNKNOWN_TOKENS } from '../core/records.ts';
import { someEnd, someInfo } from './random-batch.fixture.ts';
import { createStore, finalizeRun, readRun } from './store.ts';

let work: string;
let folder: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'store-'));
  folder = join(work, 'performances/model');
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

const batches = [0, 1].map((n) =>
  batchOf([
    {
      index: 2 * n,
      sent: 1,
      end: 30,
      events: [
        [10, 'role'],
        [20, 'text'],
      ],
      note: { finishReason: 'stop' },
    },
    { index: 2 * n + 1, sent: 2, end: 9, outcome: 'network', events: [], note: { cause: 'reset' } },
  ]),
);

async function recorded() {
  const store = createStore(folder, someInfo);
  for (const batch of batches) store.append(batch);
  store.update({ startedAtUnixMs: 5 });
  await store.end(someEnd);
  return store;
}

async function contentOf() {
  const { source, batches: again, info, end, rows, events } = await readRun(folder, 'gsm8k');
  const columns = { index: [], sent: [], eventGapUs: [], eventKind: [], outTokens: [] } as Record<
    string,
    number[]
  >;
  const causes: (string | undefined)[] = [];
  for (const batch of again()) {
    for (const name of Object.keys(columns)) columns[name].push(...(batch[name as 'index'] as Uint32Array));
    causes.push(...batch.notes.map((note) => note.cause ?? note.finishReason));
  }
  return { source, content: { info, end, rows, events, columns, causes } };
}

describe('store', () => {
  it('shows every request that ended in a line of tmp/tmp_*.jsonl, which goes when the details are written', async () => {
    const store = createStore(folder, someInfo);
    const lines = () => {
      const [name] = readdirSync(join(folder, 'tmp'));
      expect(name).toMatch(/^tmp_[0-9a-f]{8}\.jsonl$/);
      return readFileSync(join(folder, 'tmp', name), 'utf8')
        .split('\n')
        .slice(0, -1);
    };
    store.append(batches[0]);
    await vi.waitFor(() => expect(lines()).toHaveLength(2));
    store.append(batches[1]);
    await vi.waitFor(() => expect(lines()).toHaveLength(4));
    expect(lines().map((line) => JSON.parse(line).success)).toEqual([true, false, true, false]);
    await store.end(someEnd);
    await store.finalize();
    expect(readdirSync(folder).sort()).toEqual(['gsm8k_details.h5', 'gsm8k_details.jsonl']);
  });

  it('gives back the same run before and after it is finalized', async () => {
    const store = await recorded();
    const before = await contentOf();
    await store.finalize();
    const after = await contentOf();
    expect([before.source, after.source]).toEqual(['journal', 'h5']);
    expect(after.content).toEqual(before.content);
    expect(after.content).toMatchObject({ info: { startedAtUnixMs: 5 }, end: someEnd, rows: 4, events: 4 });
    expect(readdirSync(folder).sort()).toEqual(['gsm8k_details.h5', 'gsm8k_details.jsonl']);
  });

  it('closes at any moment, also while a line for those who watch is being written', async () => {
    for (let waits = 0; waits < 60; waits++) {
      const store = createStore(join(folder, String(waits)), someInfo);
      for (let i = 0; i < waits; i++) await new Promise(setImmediate);
      for (let i = 0; i < 3; i++) store.append(batches[0]);
      await store.close();
    }
  });

  it('reads a killed run, and can finalize it later', async () => {
    const store = createStore(folder, someInfo);
    store.append(batches[0]);
    await store.close();
    const journal = readFileSync(store.files.journal);
    writeFileSync(store.files.journal, Buffer.concat([journal, journal.subarray(-100, -50)]));
    expect(await readRun(folder, 'gsm8k')).toMatchObject({ end: null, rows: 2, lost: { bytes: 50 } });
    await finalizeRun(folder, 'gsm8k');
    expect(await readRun(folder, 'gsm8k')).toMatchObject({ source: 'h5', end: null, rows: 2 });
  });

  it('lets the caller fill in token counts on the way', async () => {
    const store = await recorded();
    await store.finalize({
      transform: (batch) => ({
        ...batch,
        outTokens: batch.outTokens.map((n) => (n === UNKNOWN_TOKENS ? 7 : n)),
      }),
    });
    expect((await contentOf()).content.columns.outTokens).toEqual([7, 7, 7, 7]);
    expect(readFileSync(store.files.jsonl, 'utf8')).toContain('"output_tokens":7');
  });

  it('leaves the journal and no half file when finalizing fails', async () => {
    const store = await recorded();
    const failed = store.finalize({
      transform: () => {
        throw new Error('boom');
      },
    });
    await expect(failed).rejects.toThrow('boom');
    expect(readdirSync(folder)).toEqual(['gsm8k.journal']);
    expect((await contentOf()).source).toBe('journal');
  });

  it('falls back to the journal when the h5 is damaged', async () => {
    const store = await recorded();
    writeFileSync(store.files.h5, 'half a file');
    expect((await contentOf()).source).toBe('journal');
  });

  it('keeps a corrupt journal beside what could be saved of it', async () => {
    const { files, ...store } = await recorded();
    const bytes = readFileSync(files.journal);
    bytes[bytes.length - 20] ^= 1;
    writeFileSync(files.journal, bytes);
    await store.finalize();
    expect(existsSync(files.journal)).toBe(true);
    expect(await readRun(folder, 'gsm8k')).toMatchObject({ source: 'h5', rows: 4, end: null });
  });

  it('says so when there is nothing', async () => {
    await expect(readRun(folder, 'gsm8k')).rejects.toThrow(UserError);
  });
});
