import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENDING, fileStem, nameClashes, nameOfStem, PART, stemOfVersion010 } from './file-name.ts';

const hostile = [
  '',
  '.',
  '..',
  '...',
  '../x',
  '/etc/x',
  'org/set',
  'a\\b',
  'x.',
  'x ',
  ' x',
  '.hidden',
  'a\0b',
  'a\nb',
  `${'a'.repeat(130)}/`,
  '\u001b[31mred',
  'a:b*c?d"e<f>g|h',
  '../../x~0123abcd',
  'x/../../y~0123abcd',
  '..~0123abcd',
  'x~0123abcd',
  '%2E%2E',
  '%2e',
  'con',
  'NUL',
  'com1.txt',
  'spec_decode_host_80.json',
  'a'.repeat(300),
  '通'.repeat(300),
  '😀'.repeat(100),
  '\ud800',
  '\ud801',
  'e\u0301',
  'é',
  '\u202Egpj',
];

describe('fileStem', () => {
  it('leaves the usual names alone', () => {
    for (const name of [
      'vllm-api-stream-chat',
      'gsm8k',
      'demo_gsm8k',
      'Qwen2.5-7B',
      '通义',
      'a..b',
      'control',
    ]) {
      expect(fileStem(name)).toBe(name);
    }
  });

  it('keeps a name inside its folder and visible', () => {
    expect(fileStem('org/set')).toBe('org%2Fset');
    expect(fileStem('../a b')).toBe('%2E.%2Fa%20b');
    expect(fileStem('/etc/x')).toBe('%2Fetc%2Fx');
    expect(fileStem('con')).toBe('%63on');
    expect(fileStem('x.')).toBe('x%2E');
    expect(fileStem('')).toBe('~00000000');
  });

  it.each(hostile)('makes a plain file name of %j, and of it alone', (name) => {
    const stem = fileStem(name);
    expect(stem).toMatch(/^(?!\.)[\p{L}\p{N}_.+@=%~-]+(?<![. ])$/u);
    const longest = Math.max(...Object.values(ENDING).map((ending) => `${stem}${ending}${PART}`.length));
    expect(longest).toBeLessThanOrEqual(255);
    expect(hostile.filter((other) => fileStem(other) === stem)).toEqual([name]);
    if (!stem.includes('~')) expect(nameOfStem(stem)).toBe(name);
  });

  it('gives different names to different texts, each short enough for a file system', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom('.', '/', '~', '0', 'a', '%', ' ', '\ud800'), maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a !== b);
        expect(fileStem(a)).not.toBe(fileStem(b));
        expect(fileStem(a)).not.toMatch(/[/\\:\0]|^\.|\.$|^$/);
        expect(Buffer.byteLength(fileStem(a))).toBeLessThan(200);
      }),
    );
  });
});

describe('stemOfVersion010', () => {
  it('is the name that such a file has had, and never leads out of its folder', () => {
    expect(stemOfVersion010('..')).toBe('%2E.');
    expect(stemOfVersion010('x.')).toBe('x.');
    expect(stemOfVersion010('')).toBeNull();
    for (const name of hostile) expect(stemOfVersion010(name) ?? 'x').not.toMatch(/[/\\]|^\.\.?$/);
  });
});

describe('nameClashes', () => {
  const task = (datasetAbbr: string, modelAbbr = 'm') => ({ modelAbbr, datasetAbbr });

  it('finds none among tasks that share no file', () => {
    expect(nameClashes([task('a'), task('b'), task('a', 'n'), task('a_details')])).toEqual([]);
  });

  it.each([
    ['one name', 'set', 'set', 'm/set.journal'],
    ['one file of two names', 'set', 'set_summary', 'm/set_summary.json'],
    ['one plot of two names', 'set_rps_distribution', 'set', 'm/set_rps_distribution_plot.html'],
  ])('finds %s', (_, a, b, file) => {
    expect(nameClashes([task(a), task(b)])).toEqual([
      { tasks: [task(a), task(b)], file, onSomeDisks: false },
    ]);
  });

  it.each([
    ['Set', 'set'],
    ['Ａ', 'A'],
    ['\u212b', '\u00c5'],
  ])('finds that %s and %s are one name on some disks', (a, b) => {
    expect(nameClashes([task(a), task(b)])).toMatchObject([{ onSomeDisks: true }]);
    expect(nameClashes([task('x', a), task('x', b)])).toMatchObject([{ onSomeDisks: true }]);
  });
});
