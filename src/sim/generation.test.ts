import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { drawAnswer, nextWordState, tokensByBytes, wordAt, words } from './generation.ts';

const request = {
  model: 'm',
  prompt: 'How many?',
  stream: true,
  maxTokens: 100,
  ignoreEos: false,
  includeUsage: true,
};
const law = { medianTokens: 50, sigma: 0.5 };

describe('generation', () => {
  it('says words of one token each, alone and in a row, so that a counted text has the true length', () => {
    expect(words.filter((word) => encode(word).length !== 1)).toEqual([]);
    let text = '';
    for (let state = 1, i = 0; i < 2000; i++) {
      state = nextWordState(state);
      text += wordAt(state, words);
    }
    expect(encode(text)).toHaveLength(2000);
    expect(new Set(text.split(' ')).size).toBeGreaterThan(words.length / 2);
  });

  it('answers up to the limit when told to ignore the end', () => {
    expect(drawAnswer(0, { ...request, ignoreEos: true }, 77, law)).toMatchObject({
      tokens: 77,
      finish: 'length',
    });
  });

  it('draws lengths from the law, never beyond the limit, and says why they ended', () => {
    const answers = Array.from({ length: 2000 }, (_, i) =>
      drawAnswer(0, { ...request, prompt: `question ${i}` }, 100, law),
    );
    const lengths = answers.map((a) => a.tokens).sort((a, b) => a - b);
    expect(lengths[1000]).toBeGreaterThan(47);
    expect(lengths[1000]).toBeLessThan(53);
    expect(lengths[0]).toBeGreaterThanOrEqual(1);
    expect(answers.every((a) => (a.finish === 'length' ? a.tokens === 100 : a.tokens < 100))).toBe(true);
    // P(length >= 100) = P(Z > ln 2 / 0.5) = 8.3 %.
    const capped = answers.filter((a) => a.finish === 'length').length / 2000;
    expect(capped).toBeGreaterThan(0.06);
    expect(capped).toBeLessThan(0.11);
  });

  it('depends on both seeds and the prompt', () => {
    const draw = (seed: number, changes: object) => drawAnswer(seed, { ...request, ...changes }, 1e6, law);
    expect(draw(1, {})).toEqual(draw(1, {}));
    for (const other of [draw(2, {}), draw(1, { seed: 5 }), draw(1, { prompt: 'x' })])
      expect(other).not.toEqual(draw(1, {}));
  });

  it('counts prompt tokens by bytes', () => {
    expect(['', 'a', 'abc', 'abcd', '数学'].map(tokensByBytes)).toEqual([0, 1, 1, 2, 2]);
  });
});
