/** A data-set task as a config writes it. */
import type { DatasetName, DatasetOptions } from '../datasets/registry.ts';
import type { AnyDatasetTask } from './api.generated.ts';

/** Which rows of a data set are used. */
export type RowsTask = Omit<AnyDatasetTask, 'abbr'>;

/** One data set: where its rows come from and how they become prompts. The type says which options there are. */
export type DatasetTask = {
  [Name in DatasetName]: AnyDatasetTask & {
    /** Kind of data set. */
    type: Name;
  } & DatasetOptions<Name>;
}[DatasetName];
