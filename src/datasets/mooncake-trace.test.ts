import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Sample } from '../core/protocol.ts';
import type { LoadContext } from './dataset.ts';
import { loadSamples } from './registry.ts';
import { embeddedTokenizer } from './text/tokenizer.ts';

const cwd = mkdtempSync(join(tmpdir(), 'mooncake-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const tokenizer = await embeddedTokenizer();
const context: LoadContext = { cwd, cacheDir: '', seed: 1, tokenizer, maxOutTokens: 8 };

function load(rows: object[], options: object = {}, range = ''): Promise<Sample[]> {
  writeFileSync(join(cwd, 't.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  return loadSamples('mooncake_trace', { path: 't.jsonl', ...options }, range, context);
}

const at = (timestamp: number) => ({ timestamp, input_length: 5, output_length: 2 });
const times = async (rows: object[], options: object) =>
  (await load(rows, options)).map((sample) => sample.timestampMs);

describe('time stamps', () => {
  const rows = [at(1000), at(2000), at(3000)];
  it.each([
    [{}, [1000, 2000, 3000]],
    [{ fixed_schedule_auto_offset: true }, [0, 1000, 2000]],
    [{ fixed_schedule_start_offset: 1500 }, [2000, 3000]],
    [{ fixed_schedule_start_offset: 1500, fixed_schedule_end_offset: 2500 }, [2000]],
    [{ fixed_schedule_end_offset: 2000 }, [1000, 2000]],
    [{ fixed_schedule_auto_offset: true, fixed_schedule_start_offset: 1000 }, [1000, 2000]],
    [{ fixed_schedule_start_offset: 1500, speed_factor: 4 }, [500, 750]],
  ])('%j', async (options, expected) => {
    expect(await times(rows, options)).toEqual(expected);
  });

  it('put the rows in order, those without one last, equal ones as in the file', async () => {
    const samples = await load([at(9), { input_length: 5 }, at(3), at(9), { input_length: 6 }]);
    expect(samples.map((s) => [s.id, s.timestampMs])).toEqual([
      ['2', 3],
      ['0', 9],
      ['3', 9],
      ['1', undefined],
      ['4', undefined],
    ]);
  });

  it('refuses offsets that leave nothing', async () => {
    await expect(
      times(rows, { fixed_schedule_start_offset: 2, fixed_schedule_end_offset: 1 }),
    ).rejects.toThrow('fixed_schedule_start_offset (2) is above fixed_schedule_end_offset (1)');
    await expect(times(rows, { fixed_schedule_start_offset: 3001 })).rejects.toThrow('none of the 3 rows');
  });
});

describe('prompts', () => {
  it('are as long as the trace says and share 512 tokens per shared hash id', async () => {
    const rows = [
      { input_length: 1100, output_length: 7, hash_ids: [10, 11, 12] },
      { input_length: 1030, hash_ids: [10, 11, 99] },
      { input_length: 512, output_length: 0, hash_ids: [10] },
      { input_length: 700, hash_ids: [77, 11] },
      { input_length: 600 },
      { input_length: 600 },
      { input_text: 'as it is', input_length: 3, output_length: 4 },
    ];
    const samples = await load(rows);
    expect(samples.map((s) => tokenizer.countPrompt(s.prompt))).toEqual([1100, 1030, 512, 700, 600, 600, 3]);
    expect(samples.map((s) => s.promptTokens)).toEqual([1100, 1030, 512, 700, 600, 600, undefined]);
    expect(samples.map((s) => s.maxOutTokens)).toEqual([7, 1, 1, 1, 1, 1, 4]);
    const words = samples.map((s) => (s.prompt as string).split(' '));
    const shared = (a: number, b: number) => words[a].findIndex((word, i) => word !== words[b][i]);
    expect(shared(0, 1)).toBe(1024);
    expect(shared(2, 0)).toBe(-1);
    expect(shared(4, 5)).toBe(0);
    expect(shared(0, 3)).toBe(0);
    // The same block, wherever it stands.
    expect(words[3].slice(512, 700)).toEqual(words[0].slice(512, 700));
    expect(samples[6].prompt).toBe('as it is');
  });

  it('stay the same however the trace is cut, and follow the seed', async () => {
    const rows = [
      { timestamp: 0, input_length: 600, hash_ids: [1, 2] },
      { timestamp: 5, input_length: 600, hash_ids: [1, 3] },
    ];
    const [, second] = await load(rows);
    const [cut] = await load(rows, { fixed_schedule_start_offset: 1 });
    const [picked] = await load(rows, {}, '[1:]');
    const [other] = await load(rows, { random_seed: 2, fixed_schedule_start_offset: 1 });
    expect([cut.prompt, picked.prompt]).toEqual([second.prompt, second.prompt]);
    expect(other.prompt).not.toBe(second.prompt);
  });

  it.each([
    [{ input_length: 0 }, 'has 0 as "input_length"'],
    [{ timestamp: 1 }, 'has no "input_length"'],
    [{ input_length: 5, timestamp: -1 }, 'has -1 as "timestamp"'],
    [{ input_length: 513, hash_ids: [1] }, 'has 1 hash_ids for an input_length of 513'],
    [{ input_length: 5, hash_ids: [null] }, 'has a list as "hash_ids"'],
    [{ input_length: 5, output_length: 1.5 }, 'has 1.5 as "output_length"'],
    [{ input_text: '' }, 'has "" as "input_text"'],
  ])('of the bad row %j are refused', async (row, problem) => {
    await expect(load([at(0), row])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`${join(cwd, 't.jsonl')}:2: the row ${problem}`),
    });
  });
});
