import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expandRows, sentOptions } from './expand-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'ais-bench-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rows = ['a', 'b', 'c'].map((prompt) => ({ id: prompt, prompt }));

function expanded(map: unknown, times?: unknown): string[] {
  writeFileSync(join(folder, 'map.json'), typeof map === 'string' ? map : JSON.stringify(map));
  const generation = { lora_data_map_file: 'map.json', num_return_sequences: times };
  return expandRows(rows, generation, folder).map(({ id, adapter }) => `${id}:${adapter ?? ''}`);
}

describe('expandRows', () => {
  it('repeats each row, with its adapter, before the next one', () => {
    expect(expanded({ 0: 'x', 2: 'y' }, 2)).toEqual(['a:x', 'a:x', 'b:', 'b:', 'c:y', 'c:y']);
  });

  it('leaves rows as they are when neither key is set', () => {
    const unset = { num_return_sequences: null, lora_data_map_file: '' };
    expect(expandRows(rows, unset, folder)).toEqual(rows);
    expect(expandRows(rows, {}, folder)).toEqual(rows);
  });

  it.each([
    [{ 3: 'x' }, /lora_data_map_file: map.json: expected row numbers from 0 to 2, got "3"/],
    [{ '-1': 'x' }, /row numbers/],
    [{ 1: 7 }, /name of an adapter for row 1, got 7/],
    [['x'], /map\.json: expected an object/],
    ['{', /map\.json cannot be read as JSON/],
  ])('refuses the adapter file %j', (map, message) => {
    expect(() => expanded(map)).toThrow(message);
  });

  it.each([0, 1.5, '2', -1])('refuses %j repetitions', (times) => {
    expect(() => expanded({}, times)).toThrow(/num_return_sequences: expected a whole number/);
  });

  it('names a missing file', () => {
    expect(() => expandRows(rows, { lora_data_map_file: 'gone.json' }, folder)).toThrow(/gone\.json/);
  });
});

it('keeps the keys of the tool out of what is sent', () => {
  const generation = { top_k: 3, num_return_sequences: 2, lora_data_map_file: 'map.json' };
  expect(sentOptions(generation)).toEqual({ top_k: 3 });
});
