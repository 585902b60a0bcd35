/**
 * Plug-in: the Common Metric table as json, `{metric: {stage: value}}`, units in the values; after it one key again in the
 * spelling of the original's code, which its document does not share, and the first statistic of latencies from `due` where they differ.
 */

import { ENDING } from '../core/text/file-name.ts';
import { quietJson } from '../core/text/outside-text.ts';
import { fromDueName } from './csv.ts';
import { commonJson, statCell } from './format.ts';
import type { Reporter } from './reporter.ts';

export const json: Reporter = ({ common, stage, definitions, fromDue }) => {
  const rows = common.map((metric) => [metric.name, { [stage]: commonJson(metric, common, definitions) }]);
  const table = Object.fromEntries([
    ...rows,
    ...rows
      .filter(([name]) => name === 'Total generated tokens')
      .map(([, value]) => ['Total Generated Tokens', value]),
    ...fromDue.flatMap((row) =>
      row.stats
        .slice(0, 1)
        .map((stat) => [
          `${stat.name} ${fromDueName(row)}`,
          { [stage]: statCell(stat.value, row.unit, definitions) },
        ]),
    ),
  ]);
  return { ending: ENDING.json, content: `${quietJson(JSON.stringify(table, null, 4))}\n` };
};
