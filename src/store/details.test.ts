import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { batchOf, emptyBatch, type RecordBatch } from '../core/records.ts';
import { createDetailsH5 } from './details-h5.ts';
import { createDetailsJsonl } from './details-jsonl.ts';
import { someInfo } from './random-batch.fixture.ts';
import { readDetailsH5 } from './read-details-h5.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'details-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('createDetailsH5', () => {
  it('stays whole across its chunk, write and batch borders', async () => {
    const path = join(dir, '名 x_details.h5');
    const [rows, eventsPerRow] = [40_000, 70];
    const writer = await createDetailsH5(path, someInfo, null);
    for (let part = 0; part < 4; part++) writer.append(numbered(part * 10_000, rows / 4, eventsPerRow));
    writer.close();

    let row = 0;
    let batches = 0;
    for (const b of (await readDetailsH5(path)).batches()) {
      batches++;
      for (let i = 0; i < b.rows; i++, row++) {
        const at = b.eventStart[i];
        const right =
          b.index[i] === row &&
          b.sent[i] === row / 8 &&
          b.eventStart[i + 1] - at === eventsPerRow &&
          b.eventGapUs[at] === row &&
          b.eventGapUs[at + eventsPerRow - 1] === row + eventsPerRow - 1 &&
          b.eventKind[at] === (row % 10) + 1;
        if (!right) expect.fail(`row ${row} came back changed`);
      }
    }
    expect(row).toBe(rows);
    expect(batches).toBeGreaterThan(1);
  });

  it('takes a config of a megabyte', async () => {
    const path = join(dir, 'x_details.h5');
    const config = { text: '好'.repeat(400_000) };
    (await createDetailsH5(path, { ...someInfo, config }, null)).close();
    expect((await readDetailsH5(path)).info.config).toEqual(config);
  });

  it('says which file it cannot write, and why', async () => {
    const failed = createDetailsH5(join(dir, 'none/x.h5'), someInfo, null);
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(/cannot write .*none\/x\.h5: its folder is gone/);
  });
});

describe('readDetailsH5', () => {
  it('refuses what is no HDF5 file', async () => {
    const path = join(dir, 'x.h5');
    writeFileSync(path, 'no');
    await expect(readDetailsH5(path)).rejects.toThrow(UserError);
  });

  it('leaves out the events of batches in which nobody needs any', async () => {
    const path = join(dir, 'x.h5');
    const writer = await createDetailsH5(path, someInfo, null);
    writer.append(numbered(0, 40_000, 2));
    writer.close();
    const file = await readDetailsH5(path);
    const all = [...file.batches()];
    const needed = new Uint8Array(40_000);
    needed[39_999] = 1;
    const [first, last] = [...file.batches(needed)];
    expect(all).toHaveLength(2);
    expect(last).toEqual(all[1]);
    expect(first.index).toEqual(all[0].index);
    expect(first.eventStart).toEqual(new Uint32Array(first.rows + 1));
    expect([first.eventGapUs.length, first.eventKind.length]).toEqual([0, 0]);
  });

  it('refuses a file that was cut', async () => {
    const path = join(dir, 'x.h5');
    const writer = await createDetailsH5(path, someInfo, null);
    writer.append(numbered(0, 1000, 100));
    writer.close();
    writeFileSync(path, readFileSync(path).subarray(0, 20_000));
    await expect(readDetailsH5(path)).rejects.toThrow(UserError);
  });
});

describe('createDetailsJsonl', () => {
  it('holds long data URLs by their kind and length, and nothing else shortened', () => {
    const path = join(dir, 'images.jsonl');
    const long = `data:image/png;base64,${'A'.repeat(1000)}`;
    const short = 'data:image/png;base64,AAAA';
    const far = `https://h/${'x'.repeat(1000)}`;
    const image = (url: string) => ({ type: 'image_url' as const, image_url: { url, detail: 'low' } });
    const sound = { type: 'audio_url' as const, audio_url: { url: long } };
    const content = [image(long), image(short), image(far), sound, { type: 'text' as const, text: long }];
    const writer = createDetailsJsonl(path, someInfo, { inputOf: () => [{ role: 'user', content }] });
    writer.append(batchOf([{ index: 0, sent: 1, end: 3, events: [] }]));
    writer.close();
    const marked = 'data:image/png;base64,… (1000 characters)';
    const { input } = JSON.parse(readFileSync(path, 'utf8')) as { input: unknown };
    expect(input).toEqual([
      {
        role: 'user',
        content: [
          image(marked),
          image(short),
          image(far),
          { ...sound, audio_url: { url: marked } },
          { type: 'text', text: long },
        ],
      },
    ]);
  });

  it('has the keys that scripts for such files look for', () => {
    const path = join(dir, 'x.jsonl');
    const writer = createDetailsJsonl(path, someInfo, {
      inputOf: (index) => [{ role: 'user', content: `question ${index}` }],
      idOf: (index) => `row ${index % 8}`,
    });
    writer.append(
      batchOf([
        {
          index: 9,
          sent: 1.5,
          end: 3,
          firstByte: 2.00004,
          inTokens: 7,
          outTokens: 2,
          events: [],
          note: { text: 'b', reasoning: 'a', finishReason: 'stop', responseId: 'r1' },
        },
        {
          index: 10,
          sent: 2,
          end: 3,
          outcome: 'http',
          status: 503,
          events: [],
          note: { cause: 'HTTP 503', errorBody: 'busy', contentType: 'text/html', retryAfterS: 3 },
        },
      ]),
    );
    writer.close();
    const [good, bad] = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(good).toEqual({
      data_abbr: 'gsm8k',
      id: 9,
      row_id: 'row 1',
      success: true,
      error_info: '',
      input_tokens: 7,
      output_tokens: 2,
      cached_tokens: null,
      input: [{ role: 'user', content: 'question 9' }],
      turn_id: 0,
      prediction: 'a</think>b',
      index: 9,
      attempt: 0,
      worker: 0,
      due_ms: 1.5,
      sent_ms: 1.5,
      first_byte_ms: 2,
      end_ms: 3,
      outcome: 'ok',
      status: 200,
      finish_reason: 'stop',
      response_id: 'r1',
      token_source: 'usage',
    });
    expect(bad).toMatchObject({
      success: false,
      error_info: 'HTTP 503 (service unavailable), text/html, asks to wait 3 s: busy',
      error_body: 'busy',
      content_type: 'text/html',
      retry_after_s: 3,
      status: 503,
    });
  });

  it('reports a full disk', () => {
    const writer = createDetailsJsonl('/dev/full', someInfo);
    writer.append(batchOf([{ index: 0, sent: 0, end: 1, events: [] }]));
    expect(() => writer.close()).toThrow(UserError);
  });
});

/** Rows whose values tell their place: index and first gap are the row's number, and so on. */
function numbered(firstRow: number, rows: number, eventsPerRow: number): RecordBatch {
  const b = emptyBatch(rows, rows * eventsPerRow);
  for (let i = 0; i < rows; i++) {
    const row = firstRow + i;
    b.index[i] = row;
    b.sent[i] = row / 8;
    b.eventStart[i + 1] = (i + 1) * eventsPerRow;
    for (let e = 0; e < eventsPerRow; e++) {
      b.eventGapUs[i * eventsPerRow + e] = row + e;
      b.eventKind[i * eventsPerRow + e] = (row % 10) + 1;
    }
  }
  return b;
}
