/** Comma-separated values by RFC 4180: quoted fields may hold commas, quotes (doubled) and line breaks. */
import { badRow, type Row } from './data-file.ts';

/** One record and the line on which it starts, from 1. */
export interface CsvRecord {
  line: number;
  values: string[];
}

/**
 * Splits the text into records; lines end with LF, CRLF or CR. Blank lines are skipped.
 * @throws UserError with file:line on a quote that is never closed, or text after a closing quote.
 */
export function parseCsv(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  // Sticky: reads one field, quoted or bare, and what ends it.
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|\n|\r|$)/y;
  let values: string[] = [];
  let line = 1;
  let startLine = 1;
  while (field.lastIndex < text.length || values.length > 0) {
    const found = field.exec(text);
    if (found === null || (found[1] === undefined && found[2].startsWith('"'))) {
      throw badRow(
        file,
        line,
        'has a quoted field that does not end properly',
        'a closing " before the next comma or line end (a quote inside is written "")',
      );
    }
    const [whole, quoted, bare, end] = found;
    values.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    line += lineBreaks(whole);
    if (end === ',') continue;
    const blank = values.length === 1 && quoted === undefined && bare === '';
    if (!blank) records.push({ line: startLine, values });
    values = [];
    startLine = line;
    if (end === '') break;
  }
  return records;
}

const lineBreaks = (text: string) => text.match(/\r\n|\n|\r/g)?.length ?? 0;

/** The records as rows, named by the first record. @throws UserError when a row has not as many fields as the header. */
export function csvRows(text: string, file: string): Row[] {
  const [header, ...records] = parseCsv(text, file);
  if (header === undefined) return [];
  refuseSeparators(header, file);
  const names = header.values.map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw badRow(file, header.line, `names the column "${twice}" twice`, 'different names');
  return named(records, names, file);
}

/** The records of a file without a header line. */
export function namedCsvRows(text: string, names: readonly string[], file: string): Row[] {
  return named(parseCsv(text, file), names, file);
}

const separators = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

/** Programs of some countries write other separators under the same ending. */
function refuseSeparators({ line, values }: CsvRecord, file: string): void {
  const [only] = values;
  if (values.length > 1) return;
  for (const [sign, what] of Object.entries(separators)) {
    if (!only.includes(sign)) continue;
    throw badRow(file, line, `has ${what} between its names`, 'commas between the values of all rows');
  }
}

function named(records: readonly CsvRecord[], names: readonly string[], file: string): Row[] {
  return records.map(({ line, values }) => {
    if (values.length !== names.length) {
      throw badRow(
        file,
        line,
        `has ${values.length} values`,
        `${names.length}, one for each name in the header`,
      );
    }
    return { line, fields: Object.fromEntries(names.map((name, i) => [name, values[i]])) };
  });
}
