import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import { custom } from './custom.ts';
import type { LoadContext } from './dataset.ts';
import { outputLengths, pickRows } from './rows/custom-meta.ts';
import type { TokenCounter } from './text/tokenizer.ts';

const cwd = mkdtempSync(join(tmpdir(), 'custom-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const unused: TokenCounter = { name: '', source: 'embedded', count: () => 0, countPrompt: () => 0 };
const context: LoadContext = { cwd, cacheDir: '', seed: 3, tokenizer: unused, maxOutTokens: 64 };
let files = 0;

/** Writes the file (and its meta file) and loads it. */
function load(ending: string, content: string | Uint8Array, meta?: object, options: object = {}) {
  const path = `data-${files++}${ending}`;
  writeFileSync(join(cwd, path), content);
  if (meta) writeFileSync(join(cwd, `${path}.meta.json`), JSON.stringify(meta));
  return custom.load(custom.options.parse({ path, ...options }), context);
}
const jsonl = (...rows: object[]) => rows.map((r) => JSON.stringify(r)).join('\n');

describe('custom', () => {
  it("sends the user's own template, whatever the columns, and never the answer", async () => {
    const rows = jsonl({ input: 'one', answer: '1' }, { input: 'two', max_tokens: 5 });
    const template = [
      { role: 'SYSTEM', prompt: 'Be brief.' },
      { role: 'HUMAN', prompt: '{input} = {answer}' },
    ];
    const turns = (content: string) => [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ];
    expect(await load('.jsonl', rows, undefined, { template })).toEqual([
      { id: '1', prompt: turns('one = '), answer: '1' },
      { id: '2', prompt: turns('two = '), maxOutTokens: 5 },
    ]);
    await expect(load('.jsonl', rows, undefined, { template: '{question}' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/jsonl:1: the row has none of the columns .*; expected question$/),
    });
  });

  it('reads the same rows from .jsonl and .csv, with a byte-order mark', async () => {
    const expected = [
      { id: '2', prompt: 'Question: one\nAnswer:', answer: '1', maxOutTokens: 7 },
      { id: '3', prompt: 'Question: two, "2"\nAnswer:' },
    ];
    const csv = '\ufeffquestion,answer,max_tokens\none,1,7\n"two, ""2""",,\n';
    expect(await load('.csv', csv)).toEqual(expected);
    const rows = jsonl({ question: 'one', answer: 1, max_tokens: '7' }, { question: 'two, "2"' });
    expect(await load('.jsonl', `\ufeff\n${rows}`)).toEqual(expected);
  });

  it('writes choices when the first row has A and B, and the question alone with `bare`', async () => {
    const csv = 'question,A,B,C,answer\npick,x,y,z,B\npick,x,y,,A\n';
    const samples = await load('.csv', csv);
    expect(samples[0].prompt).toBe('Question: pick\nA. x\nB. y\nC. z\nAnswer:');
    expect(samples[1].prompt).toBe('Question: pick\nA. x\nB. y\nAnswer:');
    expect((await load('.csv', csv, undefined, { prompt: 'bare' }))[0].prompt).toBe('pick');
  });

  it('sends chat turns as they are', async () => {
    const messages = [
      { role: 'system', content: '' },
      { role: 'user', content: 'hi' },
    ];
    expect((await load('.jsonl', jsonl({ messages })))[0].prompt).toEqual(messages);
  });

  it.each([
    ['.jsonl', jsonl({ question: 'a' }, { answer: 'b' }), ':2: the row has no "question"'],
    ['.jsonl', jsonl({ question: 'a', max_tokens: 1.5 }), ':1: the row has 1.5 as "max_tokens"'],
    ['.jsonl', jsonl({ question: 'a', max_tokens: true }), 'has true as "max_tokens"'],
    ['.csv', 'question,max_tokens\na,0\n', ':2: the row has "0" as "max_tokens"'],
    ['.csv', 'question,max_tokens\na,many\n', ':2: the row has "many" as "max_tokens"'],
    ['.jsonl', jsonl({ messages: [{ role: 'user' }] }), 'messages.0.content'],
    ['.csv', new Uint8Array([0x71, 0xce, 0xca]), 'is not UTF-8'],
    ['.txt', 'question', 'the kind ".txt" cannot be read'],
  ])('names the place of a mistake in a %s file', async (ending, content, message) => {
    await expect(load(ending, content)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it('names a file that is not there', async () => {
    const options = custom.options.parse({ path: 'nowhere.csv' });
    await expect(custom.load(options, context)).rejects.toThrow(join(cwd, 'nowhere.csv'));
  });
});

describe('the meta file', () => {
  const five = jsonl(...[1, 2, 3, 4, 5].map((n) => ({ question: `q${n}`, max_tokens: 9 })));
  const numbers = (samples: { id: string }[]) => samples.map((s) => s.id);

  it('sets the number of requests and their output lengths, over the column', async () => {
    const percentage_distribute = [
      [100, 0.4],
      [200, 0.4],
      [300, 0.2],
    ];
    const meta = {
      request_count: '7',
      output_config: { method: 'percentage', params: { percentage_distribute } },
    };
    const samples = await load('.jsonl', five, meta);
    expect(numbers(samples)).toEqual(['1', '2', '3', '4', '5', '1#2', '2#2']);
    expect(samples.map((s) => s.maxOutTokens)).toEqual([100, 100, 200, 200, 300, 300, 300]);
  });

  it('shuffles the first rows, or picks from all, by the seed', async () => {
    const shuffle = numbers(await load('.jsonl', five, { request_count: 4, sampling_mode: 'shuffle' }));
    expect(shuffle).not.toEqual(['1', '2', '3', '4']);
    expect(shuffle.toSorted()).toEqual(['1', '2', '3', '4']);
    const random = await load('.jsonl', five, { request_count: 2, sampling_mode: 'random' });
    expect(new Set(numbers(random)).size).toBe(2);
    expect(await load('.jsonl', five, { request_count: 2, sampling_mode: 'random' })).toEqual(random);
  });

  it('lists every mistake with its place', async () => {
    const bad = {
      request_count: 0,
      sampling: 'shuffle',
      output_config: { method: 'percentage', params: { percentage_distribute: [[5, 0.5]] } },
    };
    await expect(load('.jsonl', five, bad)).rejects.toMatchObject({
      message: expect.stringMatching(
        /\.jsonl\.meta\.json:[\s\S]*request_count:[\s\S]*percentage_distribute: the fractions must add up to 1[\s\S]*sampling/,
      ),
    });
  });
});

it('outputLengths serves shares in order and gives the rest the last length', () => {
  const percentage = (percentage_distribute: [number, number][]) =>
    ({ method: 'percentage', params: { percentage_distribute } }) as const;
  const random = seededRandom(1);
  expect(
    outputLengths(
      percentage([
        [100, 0.4],
        [200, 0.4],
        [300, 0.2],
      ]),
      5,
      random,
    ),
  ).toEqual([100, 100, 200, 200, 300]);
  expect(
    outputLengths(
      percentage([
        [1, 0.25],
        [2, 0.25],
      ]),
      3,
      random,
    ),
  ).toEqual([2, 2, 2]);
  expect(
    outputLengths(
      percentage([
        [1, 0.29],
        [2, 0.71],
      ]),
      100,
      random,
    ).filter((v) => v === 1),
  ).toHaveLength(29);
  const uniform = { method: 'uniform', params: { min_value: 3, max_value: 5 } } as const;
  expect(new Set(outputLengths(uniform, 200, random))).toEqual(new Set([3, 4, 5]));
});

it('pickRows draws `random` from the rows repeated to the count', () => {
  const meta = { request_count: 7, sampling_mode: 'random' } as const;
  expect(pickRows(3, meta, seededRandom(1)).toSorted()).toEqual([0, 0, 0, 1, 1, 2, 2]);
});
