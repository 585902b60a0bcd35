import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCsv } from './read-csv.ts';

const fieldText = fc.string({
  unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '漢', '😀'),
  maxLength: 8,
});

/** Quotes where it must, and elsewhere where the flag says so. */
const written = ([text, quote]: [string, boolean]) =>
  quote || /["\r\n,]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;

it('reads back whatever is written by RFC 4180, with any line end', () => {
  const record = fc.array(fc.tuple(fieldText, fc.boolean()), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      (records, eol, endsWithEol) => {
        const text = records.map((r) => r.map(written).join(',')).join(eol) + (endsWithEol ? eol : '');
        const parsed = parseCsv(text, 'f.csv');
        expect(parsed.map((r) => r.values)).toEqual(records.map((r) => r.map(([t]) => t)));
        for (const { line, values } of parsed) {
          const before = text.split(/\r\n|\n|\r/)[line - 1];
          expect(before.replace(/^"/, '').startsWith(values[0].split(/[\r\n,"]/)[0])).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});
