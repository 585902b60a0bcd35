import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sharedPrefixes } from './shared-prefixes.ts';

/** What a cache of whole blocks finds, block by block; prompts that share n tokens differ right behind them. */
function found(lengths: number[], shared: number[], blockTokens: number): number {
  const known = new Set<string>();
  let hits = 0;
  lengths.forEach((length, prompt) => {
    let isKnown = true;
    for (let end = blockTokens; end <= length; end += blockTokens) {
      const key = end <= shared[prompt] ? `${end}` : `${end} of ${prompt}`;
      isKnown &&= known.has(key);
      known.add(key);
      if (isKnown && end < length) hits += blockTokens;
    }
  });
  return hits;
}

const prompts = fc.record({
  lengths: fc.array(fc.integer({ min: 40, max: 900 }), { minLength: 40, maxLength: 120 }),
  blockTokens: fc.constantFrom(1, 2, 8),
});

it('repeats exactly the wanted share, to the nearest block, in any order of arrival', () => {
  fc.assert(
    fc.property(prompts, fc.double({ min: 0, max: 0.5, noNaN: true }), ({ lengths, blockTokens }, rate) => {
      const shared = sharedPrefixes(lengths, { rate, blockTokens });
      const total = lengths.reduce((sum, n) => sum + n, 0);
      const hits = found(lengths, shared, blockTokens);
      expect(Math.abs(hits - rate * total)).toBeLessThanOrEqual(blockTokens / 2 + 1e-6);
      expect(found([...lengths].reverse(), [...shared].reverse(), blockTokens)).toBe(hits);
    }),
  );
});

it('shares nothing for rate 0 and refuses what cannot be reached', () => {
  expect(sharedPrefixes([10, 20, 30], { rate: 0, blockTokens: 4 })).toEqual([0, 0, 0]);
  expect(() => sharedPrefixes([100, 100], { rate: 0.9, blockTokens: 16 })).toThrow(
    /0\.9 cannot be reached: of 200 .* repeat 96 \(0\.480\)/,
  );
});
