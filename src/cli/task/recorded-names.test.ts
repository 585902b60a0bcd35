import { expect, it } from 'vitest';
import { mergeDatasets } from '../../config/files/merge-datasets.ts';
import type { DatasetConfig, ModelConfig, RunConfig } from '../../config/run-config.ts';
import { recordedNames } from './recorded-names.ts';

const dataset = (abbr: string, type: DatasetConfig['type'] = 'custom'): DatasetConfig => ({
  abbr,
  type,
  options: {},
  testRange: '',
  file: 'd.ts',
});
const [a, b, other] = [dataset('a'), dataset('b'), dataset('x', 'gsm8k')];

const tasksOf = (datasets: DatasetConfig[], models = ['m']): RunConfig['tasks'] =>
  models.flatMap((abbr) => datasets.map((d) => ({ model: { abbr } as ModelConfig, dataset: d })));

/** What is taken of a run that recorded `there`, and how often that is told. */
function found(tasks: RunConfig['tasks'], there: string[]) {
  const { names, notes } = recordedNames(tasks, (t) => there.includes(`${t.modelAbbr}/${t.datasetAbbr}`));
  return { names: names.map((t) => `${t.modelAbbr}/${t.datasetAbbr}`), notes };
}

it('takes what is named where it is recorded so', () => {
  const merged = tasksOf(mergeDatasets([a, b, other]));
  expect(found(merged, ['m/customdataset', 'm/x'])).toEqual({ names: ['m/customdataset', 'm/x'], notes: [] });
  expect(found(tasksOf([a, b, other]), ['m/a', 'm/b', 'm/x', 'm/customdataset'])).toEqual({
    names: ['m/a', 'm/b', 'm/x'],
    notes: [],
  });
});

it('finds the parts of a run that kept its data sets apart', () => {
  const merged = tasksOf(mergeDatasets([a, other, b]), ['m', 'n']);
  const { names, notes } = found(merged, ['m/a', 'm/b', 'm/x', 'n/customdataset', 'n/x']);
  expect(names).toEqual(['m/a', 'm/b', 'm/x', 'n/customdataset', 'n/x']);
  expect(notes).toEqual(['m/customdataset is recorded as 2 tasks, one for each dataset.']);
  // One of them failed: that is for the summary to say.
  expect(found(merged, ['m/b', 'm/x', 'n/customdataset', 'n/x']).names).toContain('m/a');
});

it('finds the one task of a run that merged them, once', () => {
  const { names, notes } = found(tasksOf([a, b, other]), ['m/customdataset', 'm/x']);
  expect(names).toEqual(['m/customdataset', 'm/x']);
  expect(notes).toHaveLength(2);
  expect(found(tasksOf([b]), ['m/customdataset']).names).toEqual(['m/customdataset']);
});

it('asks for what is nowhere by its own name', () => {
  expect(found(tasksOf(mergeDatasets([a, b])), ['m/x'])).toEqual({ names: ['m/customdataset'], notes: [] });
  expect(found(tasksOf([a, other]), [])).toEqual({ names: ['m/a', 'm/x'], notes: [] });
});
