/** Plug-in: the Common Metric table as json, `{metric: {stage: value}}`, units in the values. */
import { commonJson } from './format.ts';
import type { Reporter } from './reporter.ts';

export const json: Reporter = ({ common, stage, definitions }, run) => {
  const table = Object.fromEntries(
    common.map((metric) => [metric.name, { [stage]: commonJson(metric, common, definitions) }]),
  );
  return { fileName: `${run.datasetAbbr}.json`, content: `${JSON.stringify(table, null, 4)}\n` };
};
