import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainOf, unescapedOf, withoutHalfEscape } from './escapes.ts';

describe('escapes', () => {
  it.each([
    ['plain', 'plain'],
    ['\\u0073k-\\u002F', 'sk-/'],
    ['a\\\\\\"b\\/c', 'a"b/c'],
    ['%73%6b-%2F', 'sk-/'],
    ['%2573%25252f', 's/'],
    ['%C3%A9', 'é'],
    ['&#115;&#x6B;&amp;&lt;&amp;quot;', 'sk&<"'],
    ['&unknown; 100 % 5%', '&unknown; 100 % 5%'],
  ])('%s', (text, plain) => {
    expect(plainOf(text)).toBe(plain);
    expect(unescapedOf(text).plain).toBe(plain);
  });

  it('places: backslashes belong to the character behind them', () => {
    expect(unescapedOf('a\\\\"b%2Fc')).toEqual({
      plain: 'a"b/c',
      starts: [0, 1, 4, 5, 8],
      ends: [1, 4, 5, 8, 9],
    });
  });

  it('of any text, both ways agree and places stand in order', () => {
    const unit = fc.constantFrom(...'a\\u0073%25&#;mp"é', '\\u0041', '%41', '&amp;');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        const { plain, starts, ends } = unescapedOf(text);
        expect(plain).toBe(plainOf(text));
        expect([starts.length, ends.length]).toEqual([plain.length, plain.length]);
        for (let i = 1; i < plain.length; i++) expect(starts[i]).toBeGreaterThanOrEqual(starts[i - 1]);
        expect(Math.max(0, ...ends)).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it.each(['ab\\', 'ab\\u00', 'ab%', 'ab%2', 'ab&#11', 'ab&am', 'ab\uFFFD'])('half of one: %s', (text) => {
    expect(withoutHalfEscape(text)).toBe('ab');
  });
});
