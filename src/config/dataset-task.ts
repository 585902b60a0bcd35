/** A data-set task as a config writes it. */
import type { DatasetName, DatasetOptions } from '../datasets/registry.ts';

/** Which rows of a data set are used. */
export interface RowsTask {
  /** Python-like slice over the rows, e.g. `[0:100]`, or a number: so many, or below 1 that share, by chance; default all. */
  test_range?: string | number;
  /** Where the original keeps `test_range`; accepted as well. */
  reader_cfg?: { test_range?: string | number };
}

/** One data set: where its rows come from and how they become prompts. The type says which options there are. */
export type DatasetTask = {
  [Name in DatasetName]: {
    /** Short unique name; result files begin with it. */
    abbr: string;
    /** Kind of data set. */
    type: Name;
  } & RowsTask &
    DatasetOptions<Name>;
}[DatasetName];
