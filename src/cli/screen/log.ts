/** Log lines in the document's form: `06/28 11:52:25 - AISBench - INFO - text`. */
import { visibleLines } from '../../core/text/outside-text.ts';
import type { Host } from '../host/host.ts';

const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type Level = (typeof levels)[number];

export interface Log {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export type Sink = (line: string, level: Level) => void;

/** A log that hands every line of at least `least` to each sink. */
export function createLog(date: () => Date, least: Level, sinks: readonly Sink[]): Log {
  const from = levels.indexOf(least);
  const at = (level: Level) => (text: string) => {
    if (levels.indexOf(level) < from) return;
    for (const sink of sinks) sink(`${stamp(date())} - AISBench - ${level} - ${plain(text)}`, level);
  };
  return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARNING'), error: at('ERROR') };
}

/** Nothing in a text acts on the terminal, and no line of it can be taken for one of the log's own. */
function plain(text: string): string {
  return visibleLines(text).replace(/\n(?=\d\d\/\d\d \d\d:\d\d:\d\d)/g, '\n  ');
}

/** Information goes to standard output, as scripts expect that search it; trouble to standard error. */
export function screenSink(host: Pick<Host, 'stdout' | 'stderr'>): Sink {
  return (line, level) =>
    (level === 'WARNING' || level === 'ERROR' ? host.stderr : host.stdout).write(`${line}\n`);
}

function stamp(d: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${two(d.getMonth() + 1)}/${two(d.getDate())}`;
  return `${day} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}
