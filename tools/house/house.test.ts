import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { findDuplicates } from './duplicates.ts';
import { countAny, countNestedTernaries, listOddBounds, measureFunctions } from './functions.ts';
import { shareFileNames, shareHelperNames } from './shared-names.ts';
import type { SourceFile } from './source-files.ts';

function fileOf(path: string, text: string): SourceFile {
  const cut = path.lastIndexOf('/');
  return {
    path,
    folder: path.slice(0, cut),
    name: path.slice(cut + 1),
    text,
    lines: text.split('\n').length,
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
  };
}

describe('the counts of the house', () => {
  it('measures every function with a body, nested ones too', () => {
    const text =
      '/** Not counted. */\nfunction outer(a: number, b: number) {\n  const inner = () =>\n    a + b;\n}\ndeclare function none(): void;';
    const found = measureFunctions(fileOf('src/a/x.ts', text));
    expect(found.map(({ name, line, lines, parameters }) => [name, line, lines, parameters])).toEqual([
      ['outer', 2, 4, 2],
      ['inner', 3, 2, 0],
    ]);
  });

  it('finds ternaries inside ternaries, also within brackets', () => {
    const text = 'const a = b ? (c ? 1 : 2) : d ? 3 : 4; const e = b ? f(c ? 1 : 2) : 0;';
    expect(countNestedTernaries(fileOf('src/a/x.ts', text))).toBe(2);
  });

  it('finds any as a type and bounds of another name', () => {
    const file = fileOf(
      'src/a/x.ts',
      'const MOST_ROWS = 1; const MAX_ROWS = 2; let many: any; const any = "any";',
    );
    expect(countAny(file)).toBe(1);
    expect(listOddBounds(file)).toEqual(['MOST_ROWS']);
  });

  it('finds names that several rooms have, but for those that are meant', () => {
    const files = [
      'src/a/x.ts',
      'src/b/x.ts',
      'src/a/deep/y.ts',
      'src/a/y.ts',
      'src/a/registry.ts',
      'src/b/registry.ts',
    ].map((path) =>
      fileOf(path, path.endsWith('x.ts') ? 'export function show() {}\nconst hide = () => 1;' : ''),
    );
    expect(shareFileNames(files)).toEqual([{ name: 'x.ts', rooms: ['src/a', 'src/b'] }]);
    expect(shareHelperNames(files).map(({ name }) => name)).toEqual(['hide', 'show']);
  });

  it('finds equal lines of code, not equal imports, and each match once', () => {
    const lines = Array.from({ length: 8 }, (_, i) => `const value${i} = ${i};`).join('\n');
    const imports = "import { a } from './a.ts';\n".repeat(8);
    const files = [
      fileOf('src/a/x.ts', imports + lines),
      fileOf('src/b/y.ts', `${imports}// other\n${lines}`),
    ];
    expect(findDuplicates(files)).toEqual([{ lines: 8, first: 'src/a/x.ts:9', second: 'src/b/y.ts:10' }]);
  });
});
