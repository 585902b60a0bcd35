import type { SourceFile } from './source-files.ts';

/** The same code in two places. */
export interface Duplicate {
  lines: number;
  first: string;
  second: string;
}

interface Line {
  text: string;
  /** Counted from 1. */
  number: number;
}

interface Place {
  file: number;
  at: number;
}

/** So many lines of code in a row that are equal in two places count as one duplicate. */
const MIN_LINES = 6;

/** Imports, comments, empty lines and lines of brackets alone say nothing about who copied from whom. */
export function findDuplicates(files: SourceFile[]): Duplicate[] {
  const code = files.map(readCode);
  const seen = new Map<string, Place>();
  const found: Duplicate[] = [];
  code.forEach((lines, file) => {
    let at = 0;
    while (at + MIN_LINES <= lines.length) {
      const block = lines.slice(at, at + MIN_LINES).map((line) => line.text);
      const earlier = seen.get(block.join('\n'));
      if (!earlier) seen.set(block.join('\n'), { file, at });
      const length = earlier ? measureMatch(code, earlier, { file, at }) : 0;
      if (earlier && length >= MIN_LINES) {
        const [before, here] = [code[earlier.file][earlier.at], lines[at]];
        found.push({
          lines: length,
          first: `${files[earlier.file].path}:${before.number}`,
          second: `${files[file].path}:${here.number}`,
        });
      }
      at += Math.max(1, length);
    }
  });
  return found.sort((a, b) => b.lines - a.lines);
}

function measureMatch(code: Line[][], a: Place, b: Place): number {
  let length = 0;
  while (true) {
    // A match with itself ends where the second place begins.
    if (a.file === b.file && a.at + length >= b.at) return length;
    const text = code[a.file][a.at + length]?.text;
    if (text === undefined || text !== code[b.file][b.at + length]?.text) return length;
    length++;
  }
}

function readCode(file: SourceFile): Line[] {
  const imports = file.tree.statements.filter((statement) =>
    /^(import|export .* from)\b/.test(statement.getText()),
  );
  const skipped = new Set<number>();
  for (const statement of imports) {
    const from = file.tree.getLineAndCharacterOfPosition(statement.getStart()).line;
    const to = file.tree.getLineAndCharacterOfPosition(statement.end).line;
    for (let line = from; line <= to; line++) skipped.add(line);
  }
  return file.text
    .split('\n')
    .map((text, i) => ({ text: text.trim(), number: i + 1 }))
    .filter(({ text, number }) => !skipped.has(number - 1) && /\w/.test(text) && !/^(\/\/|\/?\*)/.test(text));
}
