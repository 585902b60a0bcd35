import { describe, expect, it } from 'vitest';
import { createSaltWriter, SALT_WORDS, type SaltSource, saltBytes, saltText, saltWords } from './salt.ts';

const source: SaltSource = { seed: [17, -4], words: saltWords };
const few: SaltSource = { seed: [17, -4], words: saltWords.slice(0, 16) };
const first = { index: 0, attempt: 0, measured: true };

describe('the words', () => {
  it('are 256 different ones of four letters', () => {
    expect(new Set(saltWords).size).toBe(256);
    expect(saltWords.every((word) => /^[a-z]{4}$/.test(word))).toBe(true);
  });
});

describe('saltText', () => {
  it.each([1, 3, SALT_WORDS])('has %i words and always the same length', (words) => {
    for (let index = 0; index < 50; index++) {
      const text = saltText(source, words, { ...first, index });
      expect(text.split(' ')).toHaveLength(words);
      expect(text).toHaveLength(saltBytes(words));
      expect(text.split(' ').every((word) => saltWords.includes(word))).toBe(true);
    }
  });

  it.each([
    ['256 words', source, 4],
    ['16 words', few, SALT_WORDS],
  ])('made of %s differs from request to request', (_, from, words) => {
    const texts = new Set<string>();
    for (let index = 0; index < 20_000; index++) texts.add(saltText(from, words, { ...first, index }));
    expect(texts.size).toBe(20_000);
  });

  it('differs from attempt to attempt, from run to run, and between what is measured and what is not', () => {
    const requests = [0, 1, 2].flatMap((attempt) =>
      [0, 1, 7].flatMap((index) => [true, false].map((measured) => ({ index, attempt, measured }))),
    );
    const seeds: SaltSource['seed'][] = [
      [17, -4],
      [18, -4],
      [17, -3],
    ];
    const texts = seeds.flatMap((seed) => requests.map((r) => saltText({ ...source, seed }, SALT_WORDS, r)));
    expect(new Set(texts).size).toBe(seeds.length * requests.length);
  });

  it('is the same for the same request on any machine', () => {
    expect(saltText(source, SALT_WORDS, first)).toBe(saltText(source, SALT_WORDS, { ...first }));
    expect(saltText(source, SALT_WORDS, first)).toBe('upon path step test shop fort plan game');
  });

  it('begins with the words of the shorter one', () => {
    expect(saltText(source, SALT_WORDS, first).startsWith(saltText(source, 3, first))).toBe(true);
  });
});

describe('createSaltWriter', () => {
  it('writes its words and not a byte beside them', () => {
    const bytes = Buffer.alloc(60, '.');
    createSaltWriter(source)(bytes, 7, 2, first);
    expect(bytes.toString()).toBe(`${'.'.repeat(7)}${saltText(source, 2, first)}${'.'.repeat(60 - 7 - 9)}`);
  });
});
