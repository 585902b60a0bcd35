/** Plug-in: the Performance Parameters table as csv, units in the cells. */
import { statCell } from './format.ts';
import type { Reporter } from './reporter.ts';

export const csv: Reporter = (summary, run) => {
  const lines = [
    ['Performance Parameters', 'Stage', ...summary.statsList, 'N'],
    ...summary.perRequest.map((row) => [
      row.name,
      summary.stage,
      ...row.stats.map((stat) => statCell(stat.value, row.unit, summary.definitions)),
      String(row.n),
    ]),
  ];
  return {
    fileName: `${run.datasetAbbr}.csv`,
    content: lines.map((cells) => `${cells.join(',')}\n`).join(''),
  };
};
