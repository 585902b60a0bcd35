/** The third table: steady numbers with their intervals beside the document's, and whether to believe them. */

import type { SteadyCheck, SteadyFigure, SteadySummary } from '../core/steady.ts';
import { formatSeconds } from '../core/text/format-numbers.ts';
import { fancyGrid } from './fancy-grid.ts';
import { NOT_AVAILABLE, statCell } from './format.ts';

/** The table, what was cut, why the figures differ, the checks and the two verdicts. No trailing newline. */
export function renderSteady(steady: SteadySummary): string {
  return [
    steady.window === null ? `No steady window: ${steady.noWindow}.` : figuresOf(steady),
    checksOf(steady.checks),
    `Throughput: ${steady.verdict.throughput}. Latency: ${steady.verdict.latency}.`,
  ].join('\n');
}

function figuresOf(steady: SteadySummary): string {
  const { window, cuts, why } = steady;
  const figures = [...steady.rates, ...steady.latencies];
  const table = fancyGrid(
    ['Steady State', 'Stat', 'Value', '95 % Interval', 'Document', 'Difference'],
    figures.map((figure) => [
      figure.name,
      figure.stat,
      valueCell(figure),
      intervalCell(figure),
      figure.document === null ? NOT_AVAILABLE : cell(figure.document, figure),
      differenceCell(figure),
    ]),
  );
  const seconds = (ms: number) => formatSeconds(ms / 1000);
  const span = window
    ? `Steady window: ${seconds(window.startMs)} to ${seconds(window.endMs)}, ${window.cycles.toFixed(1)} request cycles of ${seconds(window.cycleMs)}.`
    : '';
  return [
    table,
    span,
    ...cuts.map((cut) => `  cut ${seconds(cut.fromMs)} to ${seconds(cut.toMs)}: ${cut.why}`),
    why,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function valueCell(figure: SteadyFigure): string {
  if (!Number.isFinite(figure.value)) return NOT_AVAILABLE;
  return `${figure.atLeast ? '≥ ' : ''}${cell(figure.value, figure)}`;
}

function intervalCell({ low, high, refused, value, unit }: SteadyFigure): string {
  if (low === null || high === null) return refused;
  const percent = value === 0 ? 0 : (Math.max(high - value, value - low) / Math.abs(value)) * 100;
  return `${bare(low, unit)} … ${bare(high, unit)} (± ${percent.toFixed(2)} %)`;
}

function differenceCell({ value, document, atLeast }: SteadyFigure): string {
  if (document === null || document === 0 || !Number.isFinite(value) || atLeast) return '';
  const percent = (value / document - 1) * 100;
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(2)} %`;
}

function cell(value: number, { unit }: SteadyFigure): string {
  return statCell(value, unit, 'product');
}

/** Without the unit, which the value's own cell has. */
function bare(value: number, unit: SteadyFigure['unit']): string {
  return statCell(value, unit, 'product').replace(/ .*$/, '');
}

/** One line a check; what to do where it is not ok. */
function checksOf(checks: readonly SteadyCheck[]): string {
  const nameWidth = Math.max(...checks.map((check) => check.name.length));
  const resultWidth = Math.max(...checks.map((check) => check.result.length));
  const lines = checks.flatMap((check) => {
    const { number, name, result, found, threshold, advice } = check;
    const line = `  ${String(number).padStart(2)} ${name.padEnd(nameWidth)}  ${result.padEnd(resultWidth)}  ${found}`;
    return advice === '' ? [line] : [`${line} (expected: ${threshold})`, `     ${advice}`];
  });
  return ['Checks', ...lines].join('\n');
}
