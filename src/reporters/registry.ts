/** The files a summary leaves behind. A new one: one file here, one line below. */
import { csv } from './csv.ts';
import { json } from './json.ts';
import { plotReport } from './plot.ts';
import type { Reporter } from './reporter.ts';
import { summaryJson } from './summary-json.ts';

const plot: Reporter = (summary, run, end, assets) => plotReport(assets.plotTemplate)(summary, run, end);

export const reporters = { csv, json, summary_json: summaryJson, plot } as const satisfies Record<
  string,
  Reporter
>;
