import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cases } from '../core/cases.fixture.ts';
import type { RecordBatch } from '../core/records.ts';
import { batchFrame, FRAME_HEAD_BYTES } from './frame.ts';
import { openJournal } from './journal.ts';
import { anyBatch, anyRun, batchUpTo, someEnd, someInfo } from './random-batch.fixture.ts';
import { readJournal } from './read-journal.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(dir, 'run.journal');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function written(batches: RecordBatch[], ended = true): Promise<Buffer> {
  rmSync(file, { force: true });
  const journal = openJournal(file, someInfo);
  for (const batch of batches) journal.append(batch);
  await (ended ? journal.end(someEnd) : journal.close());
  return readFileSync(file);
}

describe('journal', () => {
  it('gives back every batch bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async (batches) => {
        await written(batches);
        const read = readJournal(file);
        expect(read).toMatchObject({ info: someInfo, end: someEnd, lost: null });
        expect(read.rows).toBe(batches.reduce((sum, b) => sum + b.rows, 0));
        expect(read.events).toBe(batches.reduce((sum, b) => sum + b.eventGapUs.length, 0));
        expect([...read.batches()]).toEqual(batches);
        expect([...read.batches()]).toEqual(batches);
      }),
      { numRuns: cases(60) },
    );
  });

  it('keeps every whole frame wherever the file breaks off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batchUpTo(2), { minLength: 2, maxLength: 3 }), async (batches) => {
        const whole = await written(batches, false);
        const last = batchFrame(batches.at(-1) as RecordBatch, 1).length;
        for (let size = whole.length - last; size <= whole.length; size++) {
          writeFileSync(file, whole.subarray(0, size));
          const read = readJournal(file);
          const kept = size === whole.length ? batches : batches.slice(0, -1);
          expect([...read.batches()]).toEqual(kept);
          expect(read.end).toBeNull();
          const bytes = size - (whole.length - last);
          if (kept === batches || bytes === 0) expect(read.lost).toBeNull();
          else expect(read.lost).toEqual({ bytes, reason: 'torn', rows: 0 });
        }
      }),
      { numRuns: cases(4) },
    );
  });

  it('never takes a changed byte for data: it stops before that frame', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBatch,
        anyBatch,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (a, b, place, flip) => {
          const whole = await written([a, b], false);
          const lastFrame = whole.length - batchFrame(b, 2).length;
          // The padding carries nothing, so nothing checks it.
          const length = whole.readUInt32LE(lastFrame + 4);
          const at = place % (FRAME_HEAD_BYTES + length);
          whole[lastFrame + at] ^= flip;
          writeFileSync(file, whole);
          const read = readJournal(file);
          expect([...read.batches()]).toEqual([a]);
          expect(read.lost?.bytes).toBe(whole.length - lastFrame);
        },
      ),
      { numRuns: cases(60) },
    );
  });
});
