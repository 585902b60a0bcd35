/** `--merge-ds`: data sets of one type are sent in one task and have one result. */
import type { DatasetConfig } from './run-config.ts';

/**
 * Data sets of the same type become one, at the place of the first, named `<type>dataset` as the original
 * names such results. A type with one data set stays as it is.
 */
export function mergeDatasets(datasets: readonly DatasetConfig[]): DatasetConfig[] {
  const families = new Map<string, DatasetConfig[]>();
  for (const dataset of datasets) {
    families.set(dataset.type, [...(families.get(dataset.type) ?? []), dataset]);
  }
  return [...families.values()].map((family) => (family.length === 1 ? family[0] : merged(family)));
}

function merged(parts: DatasetConfig[]): DatasetConfig {
  const { type, file } = parts[0];
  return { abbr: `${type.replaceAll('_', '')}dataset`, type, options: {}, testRange: '', parts, file };
}
