/**
 * Plug-in: the Common Metric table as json, `{metric: {stage: value}}`, units in the values; after it the first statistic of
 * latencies from `due` where they differ.
 */
import { fromDueName } from './csv.ts';
import { commonJson, statCell } from './format.ts';
import type { Reporter } from './reporter.ts';

export const json: Reporter = ({ common, stage, definitions, fromDue }, run) => {
  const table = Object.fromEntries([
    ...common.map((metric) => [metric.name, { [stage]: commonJson(metric, common, definitions) }]),
    ...fromDue.flatMap((row) =>
      row.stats
        .slice(0, 1)
        .map((stat) => [
          `${stat.name} ${fromDueName(row)}`,
          { [stage]: statCell(stat.value, row.unit, definitions) },
        ]),
    ),
  ]);
  return { fileName: `${run.datasetAbbr}.json`, content: `${JSON.stringify(table, null, 4)}\n` };
};
