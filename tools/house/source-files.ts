import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** One source file of the product: no test, no fixture. */
export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  folder: string;
  name: string;
  text: string;
  lines: number;
  tree: ts.SourceFile;
}

/** What users run. Its files are counted, and so are its folders and names. */
const PRODUCT = ['src', 'web'];
/** What only this repository runs. Its functions are counted with those of the product. */
const TOOLS = ['bench', 'scripts', 'tools'];

const isTest = (path: string) => /\.test\.(ts|mjs)$|\.fixture\.|(^|\/)fixtures\//.test(path);
const isSource = (path: string) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.d.ts') && !isTest(path);

export const isProduct = (file: SourceFile) => PRODUCT.some((top) => file.path.startsWith(`${top}/`));

/** The room of a file is its folder under src/, or its page under web/. */
export function roomOf(file: SourceFile): string {
  return file.path.split('/').slice(0, 2).join('/');
}

export function readSourceFiles(root: string): SourceFile[] {
  return [...PRODUCT, ...TOOLS].flatMap((top) => listFiles(join(root, top))).map((path) => read(root, path));
}

function listFiles(folder: string): string[] {
  // An older checkout has no tools yet.
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isSource)
    .sort();
}

function read(root: string, absolute: string): SourceFile {
  const path = relative(root, absolute).replaceAll('\\', '/');
  const text = readFileSync(absolute, 'utf8');
  const cut = path.lastIndexOf('/');
  return {
    path,
    folder: path.slice(0, cut),
    name: path.slice(cut + 1),
    text,
    lines: text.trimEnd().split('\n').length,
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
  };
}
