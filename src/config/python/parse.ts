/** From a Python file to its syntax tree. */
import { type Module, parse } from 'py-ast';
import { redactText } from '../redact.ts';

/** Longer ones are no task configs. */
const MAX_SOURCE = 1_000_000;

export interface SourceFile {
  file: string;
  lines: readonly string[];
  tree: Module;
}

/** What is wrong in one line of a file. */
export class PythonMistake extends Error {
  /** `path:line` */
  readonly place: string;

  constructor(place: string, problem: string) {
    super(problem);
    this.name = 'PythonMistake';
    this.place = place;
  }
}

/** @throws PythonMistake when it is no Python. */
export function parseSource(file: string, source: string): SourceFile {
  const text = source.replace(/^\uFEFF/, '');
  if (text.length > MAX_SOURCE) throw new PythonMistake(file, `is longer than ${MAX_SOURCE} characters`);
  const lines = text.split(/\r\n|\r|\n/);
  try {
    // The parser knows only one kind of line end.
    return { file, lines, tree: parse(lines.join('\n')) };
  } catch (error) {
    throw syntaxMistake(file, lines, error);
  }
}

function syntaxMistake(file: string, lines: readonly string[], error: unknown): PythonMistake {
  if (error instanceof RangeError) return new PythonMistake(file, 'is nested too deeply');
  const message = error instanceof Error ? error.message : String(error);
  // `Unexpected token in expression at line 2, column 0`; a lexer's error has the line in its text only.
  const line = Number(/ at line (\d+)/.exec(message)?.[1] ?? (error as { lineno?: number }).lineno ?? 0);
  const what = message.replace(/ at line \d+(, column \d+)?.*$/s, '');
  return atLine(file, lines, line, `syntax error: ${what}`);
}

const MAX_SHOWN = 100;

/** A mistake that shows the source line. Texts that may be keys are masked. */
export function atLine(file: string, lines: readonly string[], line: number, problem: string): PythonMistake {
  const shown = withoutSecrets((lines[line - 1] ?? '').trim());
  const short = shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
  const place = line > 0 ? `${file}:${line}` : file;
  return new PythonMistake(place, short === '' ? problem : `${problem} [${short}]`);
}

/** A line that names a key or a token keeps its names and loses its texts. */
function withoutSecrets(line: string): string {
  const holdsSecret = /key|token|secret|passw|auth|bearer|credential|cookie|pwd/i.test(line);
  return redactText(holdsSecret ? line.replace(/(['"])(?![\w.-]{0,30}\1\s*[\]:]).*?\1/g, '$1***$1') : line);
}
