/** Data sets of one type are sent in one task and have one result, as the original does it; `--no-merge-ds` keeps them apart. */
import type { DatasetConfig } from '../run-config.ts';

/**
 * Data sets of one type become one, at the place of the first, named `<type>dataset` as the original
 * names such results. A type with one data set stays as it is, and so does one whose new name another task has.
 */
export function mergeDatasets(datasets: readonly DatasetConfig[]): DatasetConfig[] {
  const families = new Map<string, DatasetConfig[]>();
  for (const dataset of datasets) {
    const key = familyOf(dataset);
    families.set(key, [...(families.get(key) ?? []), dataset]);
  }
  const taken = new Set(datasets.map(({ abbr }) => abbr));
  return [...families.values()].flatMap((family) => {
    const abbr = mergedAbbr(family[0]);
    if (family.length === 1 || taken.has(abbr)) return family;
    taken.add(abbr);
    const { type, file } = family[0];
    return [{ abbr, type, options: {}, testRange: '', parts: family, file }];
  });
}

/** The name of the one task of all data sets of this one's type. */
export function mergedAbbr({ type }: DatasetConfig): string {
  return `${type.replaceAll('_', '')}dataset`;
}

/**
 * The original tells data sets apart by their class, of which LongBench has one for each subset, and by how
 * the turns of their conversations are sent.
 */
function familyOf({ type, options }: DatasetConfig): string {
  const subset = type === 'longbench' ? options.name : '';
  return [type, subset, options.infer_mode ?? ''].join('/');
}

/** One line for every task that holds several data sets. */
export function mergeLines(datasets: readonly DatasetConfig[]): string[] {
  return datasets.flatMap(({ abbr, parts }) =>
    parts === undefined
      ? []
      : [
          `${parts.length} datasets of one type run as one task, ${abbr} (--no-merge-ds keeps them apart): ${namesOf(parts)}`,
        ],
  );
}

const MAX_NAMES = 8;

function namesOf(parts: readonly DatasetConfig[]): string {
  const names = parts.slice(0, MAX_NAMES).map(({ abbr }) => abbr);
  const more = parts.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
