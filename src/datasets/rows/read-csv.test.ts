import { describe, expect, it } from 'vitest';
import { csvRows, parseCsv } from './read-csv.ts';

const values = (text: string) => parseCsv(text, 'f.csv').map((r) => r.values);

describe('parseCsv', () => {
  it('reads quoted commas, doubled quotes and line breaks, and knows on which line a record starts', () => {
    expect(parseCsv('question,answer\r\n"a, ""b""\nc",1\r\n\r\nd,', 'f.csv')).toEqual([
      { line: 1, values: ['question', 'answer'] },
      { line: 2, values: ['a, "b"\nc', '1'] },
      { line: 5, values: ['d', ''] },
    ]);
  });

  it('keeps blanks and quotes inside bare fields, and tells an empty field from a blank line', () => {
    expect(values(' a , 5" pipe\n""\n\n,\n')).toEqual([[' a ', ' 5" pipe'], [''], ['', '']]);
    expect(values('')).toEqual([]);
  });

  it.each([
    ['a,b\n"never closed,1\n', 'f.csv:2'],
    ['a,b\n1,2\n"x"y,1', 'f.csv:3'],
  ])('names the line of a broken quote: %j', (text, place) => {
    expect(() => parseCsv(text, 'f.csv')).toThrow(place);
  });

  it('reads a field of 8 million characters', () => {
    const long = 'x""'.repeat(1_000_000) + 'y'.repeat(5_000_000);
    expect(values(`"${long}",1`)[0][0].length).toBe(7_000_000);
  });
});

describe('csvRows', () => {
  it('names the fields by the header', () => {
    expect(csvRows('question , max_tokens\nq,5\n', 'f.csv')).toEqual([
      { line: 2, fields: { question: 'q', max_tokens: '5' } },
    ]);
  });

  it('refuses a row of another width and a column named twice', () => {
    expect(() => csvRows('a,b\n1,2\n1\n', 'f.csv')).toThrow('f.csv:3: the row has 1 values; expected 2');
    expect(() => csvRows('a,a\n1,2\n', 'f.csv')).toThrow('"a" twice');
  });
});
