/** Two sides of runs, figure by figure, for the screen. */
import type { ComparedFigure, Comparison } from '../core/comparison.ts';
import { fancyGrid } from './fancy-grid.ts';
import { NOT_AVAILABLE } from './format.ts';

const shortNames: Record<string, string> = {
  'Output Token Throughput': 'Output tok/s',
  'Input Token Throughput': 'Input tok/s',
  'Total Token Throughput': 'Total tok/s',
  'Request Throughput': 'Requests/s',
};
const DIGITS = 5;

/** The table and, below it, what it does not say. 80 columns wide as long as values have up to 6 digits. No trailing newline. */
export function renderComparison(comparison: Comparison): string {
  const { figures, notes } = comparison;
  const table = fancyGrid(
    ['Steady state', 'Base', 'New', 'Change (95 %)', 'Finding'],
    figures.map((figure) => [
      nameOf(figure),
      valueCell(figure.base, figure),
      valueCell(figure.new, figure),
      changeCell(figure),
      figure.finding,
    ]),
  );
  return [table, ...reasons(figures), ...moreRuns(figures), ...notes, ...gateLines(comparison)].join('\n');
}

function nameOf({ name, stat, unit }: ComparedFigure): string {
  if (unit !== 's') return shortNames[name] ?? name;
  return `${name} ${stat === 'Mean' ? 'mean' : stat} (ms)`;
}

function valueCell(value: number, { unit }: ComparedFigure): string {
  if (!Number.isFinite(value)) return NOT_AVAILABLE;
  const shown = unit === 's' ? value * 1000 : value;
  return shown >= 10 ** (DIGITS - 1) ? shown.toFixed(0) : shown.toPrecision(DIGITS);
}

function changeCell({ ratio, low, high }: ComparedFigure): string {
  if (ratio === null || low === null || high === null) return '';
  return `${percent(ratio)} % (${percent(low)} … ${percent(high)})`;
}

function percent(ratio: number): string {
  const text = ((ratio - 1) * 100).toFixed(1);
  if (text.startsWith('-')) return text.replace('-0.0', '0.0');
  return text === '0.0' ? text : `+${text}`;
}

/** Figures with the same obstacle in one line. */
function reasons(figures: readonly ComparedFigure[]): string[] {
  return grouped(figures, ({ finding, why }) => (finding === 'not compared' ? why : null)).map(
    ([why, names]) => `Not compared: ${names}: ${why}.`,
  );
}

function moreRuns(figures: readonly ComparedFigure[]): string[] {
  return grouped(figures, ({ finding, runsNeeded }) => {
    if (finding !== 'inconclusive') return null;
    return runsNeeded === null ? 'more than 1000 runs per side' : `about ${runsNeeded} runs per side`;
  }).map(([runs, names]) => `Inconclusive: ${names}; ${runs} would decide.`);
}

/** By key, without those that have none. All statistics of one latency go by its name. */
function grouped(
  figures: readonly ComparedFigure[],
  keyOf: (figure: ComparedFigure) => string | null,
): [string, string][] {
  const groups = new Map<string, ComparedFigure[]>();
  for (const figure of figures) {
    const key = keyOf(figure);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), figure]);
  }
  return Array.from(groups, ([key, members]) => {
    const whole = (name: string) =>
      figures.every((figure) => figure.name !== name || members.includes(figure));
    const names = members.map((figure) =>
      figure.unit === 's' && whole(figure.name) ? figure.name : nameOf(figure),
    );
    return [key, [...new Set(names)].join(', ')];
  });
}

function gateLines({ figures, gate }: Comparison): string[] {
  if (gate === null) return [];
  const looked = figures.filter((figure) => figure.gate !== null);
  return [
    ...looked.map((figure) => `  ${nameOf(figure)} no worse than ${figure.marginPercent} %: ${figure.gate}`),
    `Gate: ${gate}.`,
  ];
}
