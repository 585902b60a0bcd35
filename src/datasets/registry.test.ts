import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { LoadContext } from './dataset.ts';
import { datasets, loadSamples } from './registry.ts';
import type { TokenCounter } from './text/tokenizer.ts';

const root = mkdtempSync(join(tmpdir(), 'datasets-'));
afterAll(() => rmSync(root, { recursive: true }));

const words: TokenCounter = {
  name: 'words',
  source: 'tokenizer',
  count: (text) => text.split(' ').length,
  countPrompt: () => 1,
};
let context: LoadContext;
let folder = 0;
beforeEach(() => {
  context = { cwd: join(root, String(folder++)), cacheDir: '', seed: 1, tokenizer: words, maxOutTokens: 8 };
});

function write(path: string, ...lines: string[]): void {
  const file = join(context.cwd, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.join('\n'));
}

const row = (question: string) => JSON.stringify({ question, answer: `${question}\n#### 1` });
const bare = { prompt: 'bare' };

describe('gsm8k', () => {
  it.each([
    ['the default folder', 'ais_bench/datasets/gsm8k', {}, ''],
    ['a relative path', 'my data', { path: 'my data' }, ''],
    ['the cache', 'cache/gsm8k', {}, 'cache'],
    ['the cache, laid out as a checkout', 'cache/ais_bench/datasets/gsm8k', {}, 'cache'],
    ['a path in the cache', 'cache/x', { path: 'x' }, 'cache'],
    ['the default folder when the cache has none', 'ais_bench/datasets/gsm8k', {}, 'cache'],
  ])('is found in %s', async (_, place, options, cache) => {
    write(join(place, 'test.jsonl'), row('one'), '', row('two'));
    if (cache !== '') context.cacheDir = join(context.cwd, cache);
    expect(await loadSamples('gsm8k', { ...bare, ...options }, '', context)).toEqual([
      { id: '0', prompt: 'one', answer: 'one\n#### 1' },
      { id: '1', prompt: 'two', answer: 'two\n#### 1' },
    ]);
  });

  it("sends the user's own template, and never the answer", async () => {
    write('ais_bench/datasets/gsm8k/test.jsonl', row('one'));
    const options = { template: 'Q: {question}\nA: {answer}\\boxed{}' };
    expect(await loadSamples('gsm8k', options, '', context)).toEqual([
      { id: '0', prompt: 'Q: one\nA: \\boxed{}', answer: 'one\n#### 1' },
    ]);
  });

  it('names every place it looked at when there is no data, and how to get it', async () => {
    context.cacheDir = join(root, 'cache');
    await expect(loadSamples('gsm8k', {}, '', context)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /cache\/gsm8k\/test\.jsonl[\s\S]*cache\/ais_bench[\s\S]*\d\/ais_bench\/datasets/,
      ),
      hint: expect.stringMatching(/gsm8k\.zip.*openai\/gsm8k.*demo_gsm8k/),
    });
  });

  it.each([
    ['{"question": "a"}', 'has no "answer"'],
    ['{"question": 5, "answer": "b"}', 'has 5 as "question"'],
    ['{"question": "a", "answer', 'is not JSON'],
    ['["a", "b"]', 'is a list'],
  ])('names file and line of the bad row %s', async (line, problem) => {
    write('d/test.jsonl', row('one'), '', line);
    await expect(loadSamples('gsm8k', { path: 'd' }, '', context)).rejects.toMatchObject({
      message: expect.stringContaining(`${join(context.cwd, 'd/test.jsonl')}:3: the row ${problem}`),
    });
  });
});

describe('a data set of a known layout', () => {
  const yes = JSON.stringify({ question: 'is it', passage: 'p', label: true, more: 'm' });
  const few = (row: number) => ({ template: '</E>{question} {more} {label}', examples: [row] });

  it('keeps every column for the template, and sends the answer in examples only', async () => {
    write('d/val.jsonl', yes);
    expect(await loadSamples('boolq', { path: 'd', ...few(0) }, '', context)).toEqual([
      { id: '0', prompt: 'is it m A\nis it m ', answer: 'A' },
    ]);
  });

  it.each([
    ['a file that is not there', 'e', {}, /^BoolQ was not found[\s\S]*e\/val\.jsonl$/],
    ['an example that is not there', 'd', few(1), /no row 1 in .*val\.jsonl, which has 1/],
    ['a row without a column', 'f', {}, /f\/val\.jsonl:2: the row has no "passage"/],
  ])('refuses %s, with its place', async (_, path, options, message) => {
    write('d/val.jsonl', yes);
    write('f/val.jsonl', yes, '{"question": "is it"}');
    await expect(loadSamples('boolq', { path, ...options }, '', context)).rejects.toThrow(message);
  });

  it('reads a JSON file that is one list, and refuses one that is none', async () => {
    const choices = { choice_A: 'a', choice_B: 'b', choice_C: 'c', choice_D: 'd' };
    write('data.json', JSON.stringify([{ context: 'c', question: 'q', ...choices, answer: 'D' }]));
    const options = { path: 'data.json', template: '{context} {choice_D}' };
    expect(await loadSamples('longbenchv2', options, '', context)).toEqual([
      { id: '0', prompt: 'c d', answer: 'D' },
    ]);
    write('data.json', '{}');
    await expect(loadSamples('longbenchv2', options, '', context)).rejects.toThrow('expected a list');
  });
});

describe('loadSamples', () => {
  it('keeps the ids of the rows that a test_range picks', async () => {
    const samples = await loadSamples('demo_gsm8k', bare, '[1:8:3]', context);
    expect(samples.map((s) => s.id)).toEqual(['1', '4', '7']);
    expect(samples[0].answer).toMatch(/#### 154$/);
  });

  it('refuses an empty data set and a range that is no slice', async () => {
    write('d/test.jsonl', '');
    await expect(loadSamples('gsm8k', { path: 'd' }, '', context)).rejects.toThrow('no rows');
    await expect(loadSamples('demo_gsm8k', {}, '0:4', context)).rejects.toThrow('is not a slice');
  });
});

it.each(Object.entries(datasets))('%s refuses an option that it does not know', (_, dataset) => {
  const result = dataset.options.safeParse({ promt: 'bare' });
  expect(result.error?.issues.map((i) => i.code)).toContain('unrecognized_keys');
});
