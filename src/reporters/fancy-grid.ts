/** The box style of the document's tables, byte for byte what Python's tabulate calls `fancy_grid`. */
import stringWidth from 'string-width';

export interface Column {
  header: string;
  /** Least width of the content; a header always has two columns of room more than it needs. */
  minWidth?: number;
  /** Cells are always left-aligned; a header may be centred. */
  centreHeader?: boolean;
}

/** Lines without a trailing newline. Every row has one cell for every column; a plain text is a header. */
export function fancyGrid(
  headers: readonly (string | Column)[],
  rows: readonly (readonly string[])[],
): string {
  const columns = headers.map((header) => (typeof header === 'string' ? { header } : header));
  const widths = columns.map((column, i) =>
    Math.max(column.minWidth ?? 0, stringWidth(column.header) + 2, ...rows.map((row) => stringWidth(row[i]))),
  );
  const rule = (left: string, fill: string, cross: string, right: string) =>
    left + widths.map((width) => fill.repeat(width + 2)).join(cross) + right;
  const line = (cells: readonly string[]) => `│ ${cells.join(' │ ')} │`;

  const header = line(
    columns.map((column, i) => (column.centreHeader ? centred : padded)(column.header, widths[i])),
  );
  const body = rows.map((row) => line(row.map((cell, i) => padded(cell, widths[i]))));
  return [
    rule('╒', '═', '╤', '╕'),
    header,
    rule('╞', '═', '╪', '╡'),
    body.join(`\n${rule('├', '─', '┼', '┤')}\n`),
    rule('╘', '═', '╧', '╛'),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(width - stringWidth(text));
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - stringWidth(text)) / 2);
  return padded(' '.repeat(left) + text, width);
}
