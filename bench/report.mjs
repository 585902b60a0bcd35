// What a run of the benchmark prints: figures, how they stand against what is wanted and against the baseline.
import { figures, isMet } from './figures.mjs';

/** Where the C client is late, the machine was: a stamp error counts only beside a window in which it was not. */
export const C_LATE_MS = 0.5;

/** What a cell calls the p99 of the C client's window beside its own. */
export const besideName = (cell) =>
  `c_p99_ms_beside_${cell.replace('stamp_p99_ms_', '').replaceAll(' ', '_')}`;

/** Whether a stamp figure counts, and the C client's p99; null for a figure without a window of the C client. */
function beside(name, { counted, outside }) {
  const key = besideName(figures[name]?.cell ?? '');
  const c = counted[key] ?? outside[key];
  if (c === undefined) return null;
  return c <= C_LATE_MS && name in counted ? `counts (C: ${c} ms)` : `does not count (C: ${c} ms)`;
}

/** Prints one table; `reasonFor(name)` tells why a figure is missing. Without `judge` nothing is said of what is wanted. */
export function printTable(title, names, summary, { compared, reasonFor, judge }) {
  if (names.length === 0) return;
  const rows = names.map((name) => rowOf(name, summary, { compared, reasonFor, judge }));
  const header = [title, 'median', 'windows', 'wanted', 'x worse than baseline', ''];
  const widths = header.map((text, i) => Math.max(text.length, ...rows.map((row) => row[i].length)));
  for (const row of [header, ...rows]) {
    const cells = row.map((text, i) => (i > 0 && i < 5 ? text.padStart(widths[i]) : text.padEnd(widths[i])));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
  process.stdout.write('\n');
}

function rowOf(name, summary, { compared, reasonFor, judge }) {
  const { counted, windows, outside } = summary;
  const value = counted[name];
  const { wanted, better } = figures[name] ?? {};
  const against = compared.find((c) => c.name === name);
  const notes = [beside(name, summary)];
  if (value === undefined) {
    notes.push(reasonFor(name));
    if (name in outside) notes.push(`outside the gate: ${outside[name]}`);
  } else if (against?.worse) notes.push(`worse than its baseline (${against.was} -> ${against.now})`);
  const met = value === undefined || !judge ? null : isMet(name, value);
  return [
    name,
    value === undefined ? '-' : String(value),
    value === undefined ? '' : String(windows[name]),
    wanted === undefined
      ? ''
      : `${better === 'more' ? '>=' : '<='} ${wanted}${met === false ? ' missed' : ''}`,
    against === undefined ? '' : against.times.toFixed(2),
    notes.filter((note) => note !== null).join('; '),
  ];
}
