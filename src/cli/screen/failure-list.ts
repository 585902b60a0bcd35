/** Failures on the screen and in logs: how many of which kind, in the service's words, and what to do. */
import type { FailureGroup, FailureGroups } from '../../core/failures/failure-groups.ts';
import { failureLine } from '../../core/failures/failure-words.ts';

const COLUMNS = 80;
const INDENT = '      ';

/** A line for each kind, the most frequent first, each with what to do about it. */
export function failureLines({ list, others }: Pick<FailureGroups, 'list' | 'others'>): string[] {
  const groups = list();
  const said = new Set<string>();
  const lines = groups.flatMap((group) => [oneLine(group), ...hintLines(group, said)]);
  return others > 0 ? [...lines, `  ${others} × others`] : lines;
}

/** `Failed Reason (6 of 8 attempts):` and the kinds below; '' without failures. */
export function failureTable(groups: Pick<FailureGroups, 'list' | 'others'>, attempts: number): string {
  const failed = groups.others + groups.list().reduce((sum, { count }) => sum + count, 0);
  if (failed === 0) return '';
  return [`Failed Reason (${failed} of ${attempts} attempts):`, ...failureLines(groups)].join('\n');
}

function oneLine(group: FailureGroup): string {
  return `  ${group.count} × ${failureLine(group)}`;
}

/** The same advice is given once. */
function hintLines({ hint, outcome }: FailureGroup, said: Set<string>): string[] {
  if (outcome === 'cancelled' || said.has(hint)) return [];
  said.add(hint);
  return wrapped(hint, COLUMNS - INDENT.length).map((line) => INDENT + line);
}

/** Lines of at most `columns`, where the words allow it. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > columns && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}
