import { expect, it } from 'vitest';
import type { DatasetConfig } from '../run-config.ts';
import { mergeDatasets, mergeLines } from './merge-datasets.ts';

const task = (
  abbr: string,
  type: DatasetConfig['type'],
  options: DatasetConfig['options'] = {},
): DatasetConfig => ({
  abbr,
  type,
  options,
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

it('keeps apart what the original keeps apart, and never gives one name to two tasks', () => {
  const abbrs = (...tasks: DatasetConfig[]) => mergeDatasets(tasks).map(({ abbr }) => abbr);
  const longbench = (name: string) => task(name, 'longbench', { name });
  expect(abbrs(longbench('lcc'), longbench('trec'), longbench('lsht'))).toEqual(['lcc', 'trec', 'lsht']);
  const chat = (abbr: string, mode: string) => task(abbr, 'sharegpt', { infer_mode: mode });
  expect(abbrs(chat('a', 'every'), chat('b', 'last'), chat('c', 'every'))).toEqual(['sharegptdataset', 'b']);
  expect(abbrs(chat('a', 'every'), chat('b', 'last'), chat('c', 'every'), chat('d', 'last'))).toEqual([
    'sharegptdataset',
    'b',
    'd',
  ]);
  expect(abbrs(task('customdataset', 'custom'), task('b', 'custom'))).toEqual(['customdataset', 'b']);
});

it('says in one line what runs as one task', () => {
  const subjects = Array.from({ length: 52 }, (_, i) => task(`ceval-${i}`, 'ceval', { name: String(i) }));
  expect(mergeLines(mergeDatasets([task('g', 'gsm8k'), ...subjects]))).toEqual([
    expect.stringMatching(
      /^52 datasets of one type run as one task, cevaldataset \(--no-merge-ds .*: ceval-0, .*, ceval-7 and 44 more$/,
    ),
  ]);
});
