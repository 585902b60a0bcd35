/** The names under which an earlier run kept what is named now. */
import { mergedAbbr } from '../../config/files/merge-datasets.ts';
import type { RunConfig } from '../../config/run-config.ts';
import type { NamedTask } from '../../core/text/file-name.ts';

/**
 * A run with the other setting of `--merge-ds` kept the same data sets under other names: what is not there by its own
 * name is looked for under those of its parts, or under that of the data sets of its type as one task. `notes` say what was
 * taken so.
 */
export function recordedNames(
  tasks: RunConfig['tasks'],
  isRecorded: (task: NamedTask) => boolean,
): { names: NamedTask[]; notes: string[] } {
  const names = new Map<string, NamedTask>();
  const notes = new Set<string>();
  for (const { model, dataset } of tasks) {
    const of = (datasetAbbr: string): NamedTask => ({ modelAbbr: model.abbr, datasetAbbr });
    const own = of(dataset.abbr);
    const parts = (dataset.parts ?? []).map(({ abbr }) => of(abbr));
    const merged = of(mergedAbbr(dataset));
    let found = [own];
    if (!isRecorded(own) && parts.some(isRecorded)) {
      found = parts;
      notes.add(`${nameOf(own)} is recorded as ${parts.length} tasks, one for each dataset.`);
    } else if (!isRecorded(own) && isRecorded(merged)) {
      found = [merged];
      notes.add(
        `${nameOf(own)} has no record of its own; ${nameOf(merged)} contains all datasets of its type.`,
      );
    }
    for (const task of found) names.set(JSON.stringify(task), task);
  }
  return { names: [...names.values()], notes: [...notes] };
}

const nameOf = ({ modelAbbr, datasetAbbr }: NamedTask) => `${modelAbbr}/${datasetAbbr}`;
