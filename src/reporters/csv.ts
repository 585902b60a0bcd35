/** Plug-in: the Performance Parameters table as csv, units in the cells; below it latencies from `due` where they differ. */

import type { MetricRow } from '../core/summary.ts';
import { ENDING } from '../core/text/file-name.ts';
import { statCell } from './format.ts';
import type { Reporter } from './reporter.ts';

export const csv: Reporter = (summary) => {
  const cellsOf = (row: MetricRow, name: string) => [
    name,
    summary.stage,
    ...row.stats.map((stat) => statCell(stat.value, row.unit, summary.definitions)),
    String(row.n),
  ];
  const lines = [
    ['Performance Parameters', 'Stage', ...summary.statsList, 'N'],
    ...summary.perRequest.map((row) => cellsOf(row, row.name)),
    ...summary.fromDue.map((row) => cellsOf(row, fromDueName(row))),
  ];
  return {
    ending: ENDING.csv,
    content: lines.map((cells) => `${cells.join(',')}\n`).join(''),
  };
};

/** The original has no such row, so it gets a name that no script of its users looks for. */
export function fromDueName(row: MetricRow): string {
  return `${row.name} from due`;
}
