import { describe, expect, it } from 'vitest';
import { cutBytes, quietJson, visible, visibleLines } from './outside-text.ts';

describe('texts from outside', () => {
  it.each([
    ['plain text stays', 'plain text stays'],
    ['größer ≥ 日本語 🚀', 'größer ≥ 日本語 🚀'],
    ['a\x1b[31mred\x1b]0;title\x07', 'a\\x1b[31mred\\x1b]0;title\\x07'],
    ['\x9b2J', '\\x9b2J'],
    ['one\r\ntwo\tthree\0', 'one\\r\\ntwo\\tthree\\x00'],
    ['\u2028line\u2029', '\\u2028line\\u2029'],
    ['abc\u202Etxt.exe\u2066', 'abc\\u202etxt.exe\\u2066'],
    ['a\u200B\uFEFF\u00AD\u3164b\u00A0c', 'a\\u200b\\ufeff\\xad\\u3164b\\xa0c'],
    ['tag\u{E0041}', 'tag\\u{e0041}'],
    ['half \uD83D of a pair', 'half \\ud83d of a pair'],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('is cut to so many characters, also when it is long or escapes make it longer', () => {
    expect(visible('x'.repeat(501))).toBe(`${'x'.repeat(499)}…`);
    expect(visible('x'.repeat(500))).toBe('x'.repeat(500));
    expect(visible('\x1b'.repeat(1e6))).toHaveLength(500);
    expect(visible('abc🚀🚀', 5)).toBe('abc…');
  });

  it('lines of ours keep their ends', () => {
    expect(visibleLines('a\nb\r\x1b[2K\n')).toBe('a\nb\\r\\x1b[2K\n');
  });

  it('JSON stays the same JSON, without anything that acts', () => {
    const value = { 'a\x9b': 'b\u202e\x7f\u2028\x1bé日🚀' };
    const json = quietJson(JSON.stringify(value));
    expect(JSON.parse(json)).toEqual(value);
    expect(json).toBe('{"a\\u009b":"b\\u202e\\u007f\\u2028\\u001bé日🚀"}');
  });

  it('bytes are cut between characters', () => {
    expect(cutBytes('aé', 2)).toBe('a');
    expect(cutBytes('aé', 3)).toBe('aé');
    expect(cutBytes('🚀🚀', 7)).toBe('🚀');
    expect(cutBytes('x'.repeat(3000), 2048)).toHaveLength(2048);
  });
});
