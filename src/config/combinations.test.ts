import { describe, expect, it } from 'vitest';
import { folderOf, mistakesOf, resolveLine } from './folder.fixture.ts';

const ours = (combinations: string) => `
export const models = ['a', 'b', 'c'].map((abbr) => ({ type: 'VLLMCustomAPIChat', abbr, stream: true }));
export const datasets = ['x', 'y', 'z'].map((abbr) => ({ abbr, type: 'gsm8k', path: 'data' }));
export const model_dataset_combinations = ${combinations};`;

const theirs = (combinations: string) => `
from ais_bench.benchmark.models import VLLMCustomAPIChat
models = [dict(attr='service', type=VLLMCustomAPIChat, abbr=n, stream=True, summarizer_abbr='shown-' + n) for n in ['a', 'b', 'c']]
datasets = [dict(abbr=n, type='GSM8KDataset', path='data', prompt='bare') for n in ['x', 'y', 'z']]
summarizer = dict(attr='performance', type='DefaultPerfSummarizer')
model_dataset_combinations = ${combinations}
`;

async function pairs(file: string, source: string, flags = '--no-merge-ds') {
  const { config, warnings } = await resolveLine(`${file} ${flags}`, folderOf({ [file]: source }));
  return { config, warnings, pairs: config.tasks.map((t) => `${t.model.abbr}/${t.dataset.abbr}`) };
}

describe('model_dataset_combinations', () => {
  it('say which model runs with which data sets, each pair once', async () => {
    const source = ours(`[
      { models: [models[0], models[1]], datasets: [datasets[0]] },
      { models: [models[1], models[2]], datasets: [datasets[2], datasets[0]] },
    ]`);
    const found = await pairs('run.ts', source);
    expect(found.pairs).toEqual(['a/x', 'b/x', 'b/z', 'c/x', 'c/z']);
    expect(found.warnings).toEqual([]);
    expect((await pairs('run.ts', source, '--merge-ds')).pairs).toEqual([
      'a/x',
      'b/gsm8kdataset',
      'c/gsm8kdataset',
    ]);
  });

  it('are read from a Python config; a model in none of them does not run', async () => {
    const { config, ...found } = await pairs(
      'run.py',
      theirs(
        '[dict(models=[models[0]], datasets=[datasets[1]]), dict(models=models[:2], datasets=datasets[1:])]',
      ),
    );
    expect(found.pairs).toEqual(['a/y', 'a/z', 'b/y', 'b/z']);
    expect(found.warnings.filter((w) => w.includes('combination'))).toEqual([
      expect.stringMatching(/not run because they are in no combination: c$/),
    ]);
    expect(config.tasks.map((t) => t.model.shownAs)).toEqual(['shown-a', 'shown-a', 'shown-b', 'shown-b']);
  });

  it.each([
    [
      "[{ models: [{ abbr: 'aa' }], datasets }]",
      'run.ts: model_dataset_combinations[0].models[0]: expected one of models, but "aa" is not among them',
    ],
    [
      '[{ models, dataset: datasets }]',
      'run.ts: model_dataset_combinations[0].dataset: unknown key (did you mean',
    ],
    [
      '[{ models, datasets: [] }]',
      'run.ts: model_dataset_combinations[0].datasets: expected a list of tasks',
    ],
    ['[]', 'run.ts: model_dataset_combinations: expected a list of { models, datasets }, at least one'],
    ["'all'", 'run.ts: model_dataset_combinations: expected a list of { models, datasets }, at least one'],
  ])('%s is refused at its place', async (combinations, message) => {
    const lines = await mistakesOf(() => pairs('run.ts', ours(combinations)));
    expect(
      lines.some((line) => line.startsWith(message)),
      lines.join('\n'),
    ).toBe(true);
  });
});
