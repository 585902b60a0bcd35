/** The document's tables for the screen. */
import type { MetricRow, Summary } from '../core/summary.ts';
import { type Column, fancyGrid } from './fancy-grid.ts';
import { commonCell, statCell } from './format.ts';
import { renderSteady } from './steady-table.ts';

/** As the document shows it. */
const columnN: Column = { header: 'N', minWidth: 4, centreHeader: true };

/**
 * The Performance Parameters and Common Metric tables, and under them the latencies counted from `due`
 * when the summary holds them, and the steady numbers with the verdict. A table without rows is left out. No trailing newline.
 */
export function renderTables(summary: Summary): string {
  return [
    metricTable('Performance Parameters', summary.perRequest, summary),
    commonTable(summary),
    metricTable('From Due Time', summary.fromDue, summary),
    summary.steady ? renderSteady(summary.steady) : '',
  ]
    .filter((table) => table !== '')
    .join('\n');
}

/** Why no steady stage was found and what to do about it; '' when one was. No trailing newline. */
export function renderNoWindow(summary: Summary): string {
  const { noWindow } = summary;
  if (noWindow === null) return '';
  const what = summary.rule === 'total' ? 'There is nothing to summarize' : 'No steady stage was found';
  return [
    `${what}: ${noWindow.reason}.`,
    ...noWindow.hints.map((hint) => `  - ${hint}`),
    ...(summary.window && summary.rule !== 'total' ? ['The figures are those of the total stage.'] : []),
  ].join('\n');
}

function metricTable(title: string, rows: readonly MetricRow[], summary: Summary): string {
  if (rows.length === 0) return '';
  return fancyGrid(
    [title, 'Stage', ...summary.statsList, columnN],
    rows.map((row) => [
      row.name,
      summary.stage,
      ...row.stats.map((stat) => statCell(stat.value, row.unit, summary.definitions)),
      String(row.n),
    ]),
  );
}

function commonTable({ common, stage, definitions }: Summary): string {
  if (common.length === 0) return '';
  return fancyGrid(
    ['Common Metric', 'Stage', 'Value'],
    common.map((metric) => [metric.name, stage, commonCell(metric, common, definitions)]),
  );
}
