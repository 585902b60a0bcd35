import { expect, it } from 'vitest';
import { mergeDatasets } from './merge-datasets.ts';
import type { DatasetConfig } from './run-config.ts';

const task = (abbr: string, type: DatasetConfig['type']): DatasetConfig => ({
  abbr,
  type,
  options: {},
  testRange: '',
  file: 'd.ts',
});

it('makes one task of the data sets of a type and leaves single ones alone', () => {
  const [a, b, c, d] = [
    task('a', 'custom'),
    task('b', 'gsm8k'),
    task('c', 'custom'),
    task('d', 'mooncake_trace'),
  ];
  const merged = mergeDatasets([a, b, c, d]);
  expect(merged.map(({ abbr, parts }) => [abbr, parts])).toEqual([
    ['customdataset', [a, c]],
    ['b', undefined],
    ['d', undefined],
  ]);
  expect(mergeDatasets([])).toEqual([]);
});
