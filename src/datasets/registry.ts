/** Every data-set type by the name that a data-set config gives as its `type`. */
import type { z } from 'zod';
import { EXIT, UserError } from '../core/errors.ts';
import type { Sample } from '../core/protocol.ts';
import { custom } from './custom.ts';
import type { DatasetType, LoadContext } from './dataset.ts';
import { demoGsm8k } from './demo-gsm8k.ts';
import { generalRows } from './general-rows.ts';
import { gsm8k } from './gsm8k.ts';
import { localRows } from './local-rows.ts';
import { mmCustom } from './mm-custom.ts';
import { mooncakeTrace } from './mooncake-trace.ts';
import { mtbench } from './mtbench.ts';
import { needlebenchMulti, needlebenchOrigin, needlebenchParallel } from './needlebench/needlebench.ts';
import { needlebenchAtc } from './needlebench/needlebench-atc.ts';
import { rowLayouts } from './row-layouts.ts';
import { applyTestRange } from './rows/test-range.ts';
import { sharegpt } from './sharegpt.ts';
import { synthetic } from './synthetic.ts';
import { textvqa } from './textvqa.ts';

export const datasets = {
  gsm8k,
  demo_gsm8k: demoGsm8k,
  synthetic,
  custom,
  local_rows: generalRows,
  mm_custom: mmCustom,
  textvqa,
  mooncake_trace: mooncakeTrace,
  boolq: localRows(rowLayouts.boolq),
  ceval: localRows(rowLayouts.ceval),
  cmmlu: localRows(rowLayouts.cmmlu),
  humaneval: localRows(rowLayouts.humaneval),
  aime2024: localRows(rowLayouts.aime2024),
  aime2025: localRows(rowLayouts.aime2025),
  aime2026: localRows(rowLayouts.aime2026),
  longbench: localRows(rowLayouts.longbench),
  longbenchv2: localRows(rowLayouts.longbenchv2),
  needlebench_origin: needlebenchOrigin,
  needlebench_parallel: needlebenchParallel,
  needlebench_multi: needlebenchMulti,
  needlebench_atc: needlebenchAtc,
  sharegpt,
  mtbench,
} as const satisfies Record<string, DatasetType<unknown>>;

export type DatasetName = keyof typeof datasets;

/** The options of a type as a task config writes them. */
export type DatasetOptions<N extends DatasetName> = z.input<(typeof datasets)[N]['options']>;

/**
 * The samples of a data set, cut by its `test_range` ('' for all).
 * @param options As its type's schema accepts them.
 * @throws UserError (usage) when data is missing, malformed or empty, or the range is neither slice nor number.
 */
export async function loadSamples(
  type: DatasetName,
  options: Record<string, unknown>,
  testRange: string,
  context: LoadContext,
): Promise<Sample[]> {
  const dataset: DatasetType<unknown> = datasets[type];
  const samples = await dataset.load(dataset.options.parse(options), context);
  if (samples.length === 0) throw new UserError(EXIT.usage, `the ${type} dataset has no rows`);
  return applyTestRange(samples, testRange, context.seed);
}
