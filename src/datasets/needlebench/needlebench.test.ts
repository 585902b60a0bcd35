import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DatasetName, loadSamples } from '../registry.ts';

const cwd = mkdtempSync(join(tmpdir(), 'needlebench-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const write = (name: string, ...rows: unknown[]) =>
  writeFileSync(join(cwd, name), rows.map((row) => JSON.stringify(row)).join('\n'));

write('essays.jsonl', ...['sea', 'land', 'sky', 'fire'].map((word) => ({ text: `${word} `.repeat(500) })));
const needle = (subject: string, answer: string, language = 'English') => ({
  language,
  needle: `${subject} keeps ${answer}.`,
  retrieval_question: `What does ${subject} keep?`,
  arg1: subject,
  arg2: answer,
});
write(
  'needles.jsonl',
  needle('Ann', 'hens'),
  needle('Ann', 'bees'),
  needle('Bob', 'hens'),
  needle('Cid', 'cows'),
  needle('老王', '羊', 'Chinese'),
);
const names = Array.from({ length: 9 }, (_, i) => `P${i}`);
write('names.json', { English: names.join(', '), Chinese: '甲,乙,丙' });

/** Words are tokens. */
const tokenizer = {
  name: 'words',
  source: 'tokenizer',
  count: (text: string) => text.split(/\s+/).filter((word) => word !== '').length,
  countPrompt: () => 0,
} as const;
const documents = { path: '.', file_list: ['essays.jsonl'], length: 120, length_buffer: 20 };
const english = {
  ...documents,
  language: 'English',
  num_repeats_per_file: 5,
  template: '{context}|{question}',
};

async function load(type: DatasetName, options: object, seed = 1) {
  const context = { cwd, cacheDir: '', seed, tokenizer, maxOutTokens: 8 };
  const samples = await loadSamples(type, options as Record<string, unknown>, '', context);
  return samples.map(({ prompt, answer }) => {
    const [text, question = ''] = String(prompt).split('|');
    return { text, words: text.split(/\s+/).filter((word) => word !== ''), question, answer };
  });
}

describe('needlebench', () => {
  it.each([0, 30, 100])('hides a needle at %i percent of the text', async (depth) => {
    const samples = await load('needlebench_origin', { ...english, depth });
    expect(samples).toHaveLength(5);
    for (const { words, question, answer } of samples) {
      expect(words).toHaveLength(100);
      const at = words.indexOf('keeps');
      // A needle is three words, the other 97 are hay.
      expect(at - 1).toBe(Math.floor((97 * depth) / 100));
      expect(words[at + 1]).toBe(`${answer}.`);
      expect(question).toContain(`What does ${words[at - 1]} keep?`);
    }
    expect(new Set(samples.map(({ text }) => text)).size).toBeGreaterThan(1);
  });

  it('hides one at every depth, as far as the file has different ones, and asks for all', async () => {
    for (const { words, question, answer } of await load('needlebench_parallel', {
      ...english,
      depths: [50, 0, 100, 10],
    })) {
      const people = words.flatMap((word, i) => (words[i + 1] === 'keeps' ? [word] : []));
      const kept = words.flatMap((word, i) => (words[i - 1] === 'keeps' ? [word.slice(0, -1)] : []));
      expect(new Set(people).size).toBe(people.length);
      expect(new Set(kept).size).toBe(kept.length);
      expect(people.length).toBeGreaterThanOrEqual(2);
      expect(answer?.split(', ').sort()).toEqual(kept.sort());
      expect(words).toHaveLength(100);
      for (const person of people) expect(question).toContain(`What does ${person} keep?`);
    }
  });

  it('hides a family from its depth on, and asks for the eldest', async () => {
    const options = { ...english, length: 220, depth: 20, diff: 30, num_needles: 3 };
    for (const { words, text, question, answer } of await load('needlebench_multi', options)) {
      expect(words).toHaveLength(200);
      const told = text.split('\n').filter((line) => /P\d/.test(line));
      expect(told).toHaveLength(3);
      expect(told.join(' ')).toContain(answer);
      const youngest = /forebear of (P\d)\?/.exec(question)?.[1] ?? '';
      expect(told.join(' ')).toContain(youngest);
      expect(youngest).not.toBe(answer);
      const before = text.split('\n').findIndex((line) => /P\d/.test(line));
      const hay = 200 - told.reduce((sum, line) => sum + tokenizer.count(line), 0);
      const first = text.split('\n').slice(0, before).join(' ');
      expect(tokenizer.count(first)).toBe(Math.floor(hay * 0.2));
    }
  });

  it('is only the needles when the length leaves no room', async () => {
    const [{ words }] = await load('needlebench_origin', { ...english, depth: 50, length_buffer: 3000 });
    expect(words).toHaveLength(3);
  });

  it.each([
    ['End', /<文档>\n[\s\S]*<\/文档>[\s\S]*老王 keep\?$/],
    ['Start', /^[\s\S]*老王 keep\?\n\n<文档>/],
  ])('puts a question in its language, position %s', async (position, form) => {
    const options = { ...documents, language: 'Chinese', num_repeats_per_file: 1, depth: 0 };
    const [{ text }] = await load('needlebench_origin', { ...options, quesiton_position: position });
    expect(text).toMatch(form);
  });

  it('is the same for the same seed, and begins otherwise at another length', async () => {
    const begin = async (length: number, seed: number) =>
      (await load('needlebench_origin', { ...english, length, depth: 50 }, seed)).map((s) =>
        s.words.slice(0, 30).join(),
      );
    expect(await begin(120, 1)).toEqual(await begin(120, 1));
    expect(await begin(120, 1)).not.toEqual(await begin(120, 2));
    expect(await begin(120, 1)).not.toEqual(await begin(121, 1));
  });

  it.each([
    [
      { path: 'gone' },
      /^NeedleBench: needles\.jsonl was not found in any of these places:\n.*gone\/needles\.jsonl$/,
    ],
    [{ file_list: ['zh_finance.jsonl'] }, /zh_finance\.jsonl was not found/],
    [{ needle_file_name: 'essays.jsonl' }, /essays\.jsonl: has no needle whose language is English/],
  ])('refuses %j, with its place', async (options, message) => {
    await expect(load('needlebench_origin', { ...english, depth: 0, ...options })).rejects.toThrow(message);
  });
});

describe('needlebench_atc', () => {
  it('asks four kinds of question of families, each with an answer from the story', async () => {
    const options = {
      path: '.',
      num_needles: 4,
      language: 'English',
      repeats: 2,
      template: '{context}|{question}',
    };
    const samples = await load('needlebench_atc', options);
    expect(samples.map(({ question }) => question.split(' ').slice(0, 3).join(' '))).toEqual([
      ...['Who is the', 'Who is the', 'Who is the', 'Who is the'],
      ...['Who descends from', 'Who descends from', 'How many generations', 'How many generations'],
    ]);
    for (const { text, answer } of samples.slice(0, 6)) expect(text).toContain(answer);
    for (const { text, answer } of samples.slice(6)) {
      const links = text.match(/\b(grand)?(father|mother)\b/g) ?? [];
      expect(links).toHaveLength(4);
      expect(answer).toBe(String(links.reduce((sum, word) => sum + (word.startsWith('grand') ? 2 : 1), 0)));
    }
  });

  it('refuses a family larger than the names reach', async () => {
    const options = { path: '.', num_needles: 3, language: 'Chinese' };
    await expect(load('needlebench_atc', options)).rejects.toThrow(
      /names\.json:1: the row has 3 names in "Chinese"; expected 4 or more/,
    );
  });
});
