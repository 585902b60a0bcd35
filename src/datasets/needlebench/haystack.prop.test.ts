import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { embeddedTokenizer, type TokenCounter } from '../text/tokenizer.ts';
import { haystacks } from './haystack.ts';

/** Every character is a token, so that what a cut should be is plain. */
const letters: TokenCounter = {
  name: 'letters',
  source: 'tokenizer',
  count: (text) => [...text].length,
  countPrompt: () => 0,
};
const documents = fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '鱼', '🐟'), maxLength: 40 }), {
  minLength: 1,
  maxLength: 4,
});

describe('a haystack', () => {
  it('is the documents in some order, again and again, cut where it should be', () => {
    fc.assert(
      fc.property(documents, fc.array(fc.nat(60), { maxLength: 8 }), fc.integer(), (texts, sizes, seed) => {
        const hay = haystacks(texts, letters)(seededRandom(seed));
        const parts = sizes.map((size) => hay.take(size));
        expect(parts.map((part) => [...part].length)).toEqual(sizes);
        const whole = parts.join('');
        const rounds = (order: string[]) => {
          const round = order.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('');
          return round.repeat(Math.ceil(whole.length / round.length) + 1);
        };
        expect(orders(texts).some((order) => rounds(order).startsWith(whole))).toBe(true);
      }),
    );
  });

  it('has the asked-for length to within a few tokens of a real tokenizer', async () => {
    const tokenizer = await embeddedTokenizer();
    const text = 'Most of the time nothing happens at sea. Then everything does, at once.\n'.repeat(30);
    const hay = haystacks([text, `${text}鱼在水里，人在船上。\n`.repeat(3)], tokenizer)(seededRandom(1));
    for (const tokens of [1, 100, 5000]) {
      const counted = tokenizer.count(hay.take(tokens));
      expect(Math.abs(counted - tokens)).toBeLessThanOrEqual(3);
    }
  });
});

function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, i) => orders(list.toSpliced(i, 1)).map((others) => [first, ...others]));
}
