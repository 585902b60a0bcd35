/** The rows that a task sends, in the order in which it sends them. */
import type { DatasetConfig, RunConfig } from '../config/run-config.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Sample } from '../core/protocol.ts';
import type { LoadContext } from '../datasets/dataset.ts';
import { loadSamples } from '../datasets/registry.ts';
import { expandRows } from './expand-rows.ts';

/** Throws a `UserError` that says what is missing and how to get it. */
export async function loadRows(
  config: RunConfig,
  { model, dataset }: RunConfig['tasks'][number],
  context: LoadContext,
): Promise<Sample[]> {
  const rows = await rowsOf(config, dataset, context);
  if (rows.length === 0) {
    throw new UserError(
      EXIT.usage,
      `The dataset ${dataset.abbr} has no rows left (test_range: ${dataset.testRange || 'not set'})`,
      { hint: 'Check test_range in the dataset config and --num-prompts.' },
    );
  }
  if (model.useTimestamp) rows.sort(byTimestamp);
  return expandRows(rows, model.generation, context.cwd);
}

/** The rows of the data set, or of all that were merged into it; `--num-prompts` counts in each of them. */
async function rowsOf(
  { numPrompts }: RunConfig,
  dataset: DatasetConfig,
  context: LoadContext,
): Promise<Sample[]> {
  const rows: Sample[] = [];
  for (const part of dataset.parts ?? [dataset]) {
    const own = await loadSamples(part.type, part.options, part.testRange, context);
    if (numPrompts !== null) own.splice(numPrompts);
    for (const row of own) rows.push(dataset.parts ? renamed(row, `${part.abbr}/${row.id}`) : row);
  }
  return rows;
}

/** Merged traces overlap in time, and a range may turn a trace round. Rows without a time stay last. */
function byTimestamp({ timestampMs: a = Infinity }: Sample, { timestampMs: b = Infinity }: Sample): number {
  return a === b ? 0 : a - b;
}

/** Not a copy: a row may write its prompt only when asked for it. */
const renamed = (row: Sample, id: string): Sample => Object.defineProperty(row, 'id', { value: id });
