import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordBatch } from '../core/records.ts';
import { aisbench } from './aisbench.ts';
import { batchesOf } from './imported.ts';
import { vllmBench } from './vllm-bench.ts';

const fixtures = resolve(import.meta.dirname, '../../test/fixtures/imports');
const detailed = join(fixtures, 'vllm-detailed.json');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ais-bench-import-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('vLLM bench', () => {
  it('has every request, on one clock', async () => {
    const [run] = await vllmBench.read(detailed);
    expect(run).toMatchObject({
      datasetAbbr: 'vllm-detailed',
      model: 'm',
      maxConcurrency: 2,
      openLoop: false,
    });
    const [batch] = batchesOf(run);
    expect([...batch.sent]).toEqual([0, 250, 1000]);
    expect([...batch.end]).toEqual([1000, 250, 1375]);
    expect([...batch.outcome]).toEqual([0, 3, 0]);
    expect(eventTimes(batch)).toEqual([[500, 750, 1000], [], [1250, 1375]]);
    expect([...batch.inTokens]).toEqual([10, 20, 30]);
    expect(batch.notes.map(({ cause, text }) => cause ?? text)).toEqual([
      'NaN is no number',
      'ConnectionResetError: gone',
      'b',
    ]);
    expect(run.unknown.at(-1)).toBe(
      'When the 1 failed requests ended: they are assumed to end with their last event.',
    );
  });

  it('knows a request rate as an open loop', async () => {
    const [run] = await vllmBench.read(changed((content) => ({ ...content, request_rate: 4.5 })));
    expect(run.openLoop).toBe(true);
  });

  it.each([
    ['is cut', (text: string) => text.slice(0, 500), /it is not complete JSON: .*/],
    ['is no object', () => '[1]', /expected one JSON object/],
    [
      'has no details',
      () => '{"duration": 1}',
      /it has no input_lens, output_lens, start_times, ttfts, itls, errors/,
    ],
    ['has a list too short', edited({ ttfts: [0.5] }), /its lists are not equally long: .*ttfts 1, itls 3/],
    ['has no number', edited({ ttfts: [0.5, 'x', 0] }), /ttfts\[1\]: .*expected number, received string/],
    ['runs backwards', edited({ itls: [[-1], [], []] }), /itls\[0\]\[0\]: /],
    [
      'contains no request',
      edited({ input_lens: [], output_lens: [], start_times: [], ttfts: [], itls: [], errors: [] }),
      /it contains no request/,
    ],
  ])('is refused when it %s', async (_, change, message) => {
    const file = join(dir, 'result.json');
    writeFileSync(file, change(readFileSync(detailed, 'utf8')));
    await expect(vllmBench.read(file)).rejects.toThrow(message);
    await expect(vllmBench.read(file)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(file),
    });
  });

  function changed(change: (content: object) => object): string {
    const file = join(dir, 'changed.json');
    writeFileSync(file, edited(change)(readFileSync(detailed, 'utf8')));
    return file;
  }
});

describe('AISBench', () => {
  const model = 'performances/vllm-api-stream-chat';
  beforeEach(() => cpSync(join(fixtures, 'aisbench'), dir, { recursive: true }));
  const details = () => join(dir, model, 'demo_details.jsonl');
  const database = () => join(dir, model, 'db_data/0123abcd.db');
  const rewrite = (change: (line: Record<string, unknown>, i: number) => unknown) =>
    writeFileSync(
      details(),
      readFileSync(details(), 'utf8')
        .trim()
        .split('\n')
        .map((line, i) => `${JSON.stringify(change(JSON.parse(line), i))}\n`)
        .join(''),
    );

  it('has every request with the time points of its database', async () => {
    const [run] = await aisbench.read(dir);
    expect(run).toMatchObject({ modelAbbr: 'vllm-api-stream-chat', datasetAbbr: 'demo' });
    expect(run.rows[2]).toMatchObject({ sentS: 10.55, pointsS: Float64Array.of(10.7, 10.9), failure: null });
    expect(run.rows.map(({ inTokens, outTokens }) => [inTokens, outTokens])).toEqual([
      [100, 3],
      [50, 4],
      [80, 2],
      [120, 3],
      [10, 1],
      [60, 3],
    ]);
    expect((await aisbench.read(details()))[0].rows).toEqual(run.rows);
  });

  it('keeps failures, also those whose times were never saved', async () => {
    rewrite((line, i) => {
      if (i === 1) return { ...line, success: false, error_info: 'refused', time_points: null };
      return i === 4 ? { ...line, time_points: { __db_ref__: 99 }, output_tokens: null } : line;
    });
    const [run] = await aisbench.read(dir);
    expect(run.rows.map(({ failure }) => failure)).toEqual([
      null,
      'refused',
      null,
      null,
      'no time point of its response was kept',
      null,
    ]);
    const [batch] = batchesOf(run);
    expect([batch.sent[1], batch.end[1], batch.sent[2]]).toEqual([0, 0, expect.closeTo(550, 9)]);
    expect(run.unknown).toContain('When 2 failed requests ran: they count as failed and take no time.');
  });

  it.each([
    ['line that was cut', () => truncateSync(details(), 700), /line 3 is not complete JSON/],
    ['database that was cut', () => truncateSync(database(), 4200), /0123abcd\.db: /],
    [
      'database that is none',
      () => writeFileSync(database(), 'no database at all'),
      /file is not a database/,
    ],
    ['database that is missing', () => rmSync(database()), /its time points 0123abcd\.db are missing/],
    ['record without a database', () => rewrite(({ db_name, ...line }) => line), /line 1, db_name: /],
    ['empty file', () => writeFileSync(details(), ''), /it is empty/],
    ['file of ours', () => rewrite((line) => ({ ...line, sent_ms: 0 })), /ais_bench wrote it itself/],
    ['folder without details', () => rmSync(details()), /it contains no file named …_details\.jsonl/],
  ])('refuses a %s', async (_, damage, message) => {
    damage();
    await expect(aisbench.read(dir)).rejects.toThrow(message);
    await expect(aisbench.read(dir)).rejects.toMatchObject({ exitCode: 2 });
  });
});

/** Changes some keys of a JSON text as Python writes it. */
function edited(change: object | ((content: object) => object)): (text: string) => string {
  return (text) => {
    const content = JSON.parse(text.replace('"request_goodput": NaN', '"request_goodput": null')) as object;
    return JSON.stringify(typeof change === 'function' ? change(content) : { ...content, ...change });
  };
}

function eventTimes(batch: RecordBatch): number[][] {
  return Array.from({ length: batch.rows }, (_, row) => {
    let at = batch.sent[row] * 1000;
    return [...batch.eventGapUs.subarray(batch.eventStart[row], batch.eventStart[row + 1])].map((gap) => {
      at += gap;
      return at / 1000;
    });
  });
}

describe('damaged logs', () => {
  it('are told where what they hold twice does not fit, where bytes are no text, and where pages lead in circles', async () => {
    const file = join(dir, 'result.json');
    const content = readFileSync(detailed, 'utf8');
    const withTotals = (mean: number) => edited({ mean_ttft_ms: mean, total_output_tokens: 5 })(content);
    writeFileSync(file, withTotals(375));
    expect(await vllmBench.read(file)).toHaveLength(1);
    writeFileSync(file, withTotals(376));
    await expect(vllmBench.read(file)).rejects.toThrow(/it is damaged: mean_ttft_ms is 376/);
    writeFileSync(
      file,
      Buffer.concat([Buffer.from(content.slice(0, 300)), Buffer.of(0xff), Buffer.from(content.slice(301))]),
    );
    await expect(vllmBench.read(file)).rejects.toThrow(/it is damaged: some of its bytes are not UTF-8/);
  });

  it('are told where two requests have the same time points', async () => {
    cpSync(join(fixtures, 'aisbench'), dir, { recursive: true });
    const details = join(dir, 'performances/vllm-api-stream-chat/demo_details.jsonl');
    const lines = readFileSync(details, 'utf8');
    writeFileSync(details, lines + lines.split('\n')[0]);
    await expect(aisbench.read(details)).rejects.toThrow(/lines 1 and 7 have the same time points/);
  });
});
