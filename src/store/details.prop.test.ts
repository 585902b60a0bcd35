import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cases } from '../core/cases.fixture.ts';
import { type Note, outcomes, type RecordBatch, UNKNOWN_TOKENS } from '../core/records.ts';
import { createDetailsH5 } from './details-h5.ts';
import { createDetailsJsonl } from './details-jsonl.ts';
import { anyRun, someEnd, someInfo } from './random-batch.fixture.ts';
import { readDetailsH5 } from './read-details-h5.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'details-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Row {
  [column: string]: unknown;
  note?: Omit<Note, 'row'>;
}

/** Row by row, the naive twin of the columns: how a run is cut into batches does not show. */
function rowsOf(batches: Iterable<RecordBatch>): Row[] {
  const rows: Row[] = [];
  for (const { rows: count, eventStart, eventGapUs, eventKind, eventTokens, notes, ...columns } of batches) {
    for (let row = 0; row < count; row++) {
      const plain: Row = {};
      for (const [name, values] of Object.entries(columns)) plain[name] = values[row];
      plain.gaps = [...eventGapUs.slice(eventStart[row], eventStart[row + 1])];
      plain.kinds = [...eventKind.slice(eventStart[row], eventStart[row + 1])];
      plain.tokens = plainTokens(eventTokens, eventStart[row], eventStart[row + 1]);
      const { row: _, ...note } = notes.find((n) => n.row === row) ?? { row };
      plain.note = note;
      rows.push(plain);
    }
  }
  return rows;
}

/** A batch without tokens by event says the same as one of zeros. */
function plainTokens(eventTokens: Uint16Array, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => eventTokens[from + i] ?? 0);
}

function withoutText(rows: Row[]): Row[] {
  return rows.map(({ note, ...row }) => {
    const { text: _, reasoning: __, ...kept } = note ?? {};
    return { ...row, note: kept };
  });
}

describe('details files', () => {
  it('h5 gives back every value of every row and event', async () => {
    const path = join(dir, 'x_details.h5');
    await fc.assert(
      fc.asyncProperty(anyRun, fc.boolean(), async (batches, ended) => {
        const end = ended ? someEnd : null;
        const writer = await createDetailsH5(path, someInfo, end);
        for (const batch of batches) writer.append(batch);
        writer.close();
        const read = await readDetailsH5(path);
        const rows = rowsOf(batches);
        expect(read).toMatchObject({ info: someInfo, end, rows: rows.length });
        expect(read.events).toBe(batches.reduce((sum, b) => sum + b.eventGapUs.length, 0));
        expect(rowsOf(read.batches())).toEqual(withoutText(rows));
      }),
      { numRuns: cases(40) },
    );
  });

  it('jsonl has one line per attempt that agrees with the columns', () => {
    const path = join(dir, 'x_details.jsonl');
    fc.assert(
      fc.property(anyRun, (batches) => {
        const writer = createDetailsJsonl(path, someInfo);
        for (const batch of batches) writer.append(batch);
        writer.close();
        const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
        const rows = rowsOf(batches);
        expect(lines.length).toBe(rows.length);
        lines.forEach((line, i) => {
          const row = rows[i];
          const outcome = outcomes[row.outcome as number];
          expect(JSON.parse(line)).toMatchObject({
            index: row.index,
            success: outcome === 'ok',
            outcome,
            output_tokens: row.outTokens === UNKNOWN_TOKENS ? null : row.outTokens,
            first_byte_ms: Number.isNaN(row.firstByte) ? null : expect.closeTo(row.firstByte as number, 3),
            prediction: row.note?.text ?? null,
          });
        });
      }),
      { numRuns: cases(40) },
    );
  });
});
