/** `model_dataset_combinations` of a config file: which model runs with which data sets, instead of all with all. */
import { z } from 'zod';
import { isObject } from '../core/json-object.ts';
import { checkSource } from './issue-text.ts';
import type { Findings } from './mistakes.ts';
import { didYouMean } from './nearest.ts';
import type { Source } from './source.ts';

const KEY = 'model_dataset_combinations';

/** Members are the tasks themselves, as the original has them; only their names are looked at. */
const members = (what: string) => {
  const expected = `expected a list of tasks, at least one, taken from ${what}`;
  const member = z.looseObject(
    { abbr: z.string('expected a name (abbr)') },
    `expected a task taken from ${what}`,
  );
  return z.array(member, expected).min(1, expected);
};
const expectedList = 'expected a list of { models, datasets }, at least one';
const combinations = z
  .array(
    z.strictObject({ models: members('models'), datasets: members('datasets') }, 'expected an object'),
    expectedList,
  )
  .min(1, expectedList);

/** The abbrs of the data sets that a model runs with. */
export type DatasetsOf = (modelAbbr: string) => ReadonlySet<string>;

/**
 * What the file's combinations say, null without any. A member that is not among the file's tasks is a
 * mistake; a model that no combination holds does not run, and a warning says so.
 */
export function checkCombinations(
  source: Source | null,
  tasks: { models: readonly Source[]; datasets: readonly Source[] },
  findings: Findings,
): DatasetsOf | null {
  if (source === null) return null;
  const { file } = source;
  const value = checkSource(combinations, { ...source, path: KEY }, findings);
  if (value === null) return null;
  const known = { models: abbrsOf(tasks.models), datasets: abbrsOf(tasks.datasets) };
  const pairs = new Map<string, Set<string>>();
  value.forEach((combination, i) => {
    for (const kind of ['models', 'datasets'] as const) {
      combination[kind].forEach(({ abbr }, k) => {
        if (known[kind].includes(abbr.trim())) return;
        const problem = `expected one of ${kind}, but "${abbr}" is not among them${didYouMean(abbr, known[kind])}`;
        findings.mistakes.push({ file, path: `${KEY}[${i}].${kind}[${k}]`, problem });
      });
    }
    for (const model of combination.models) {
      const datasets = pairs.get(model.abbr.trim()) ?? new Set();
      for (const { abbr } of combination.datasets) datasets.add(abbr.trim());
      pairs.set(model.abbr.trim(), datasets);
    }
  });
  const idle = known.models.filter((abbr) => !pairs.has(abbr));
  if (idle.length > 0) {
    findings.warnings.push(
      `${KEY} of ${file}: not run because they are in no combination: ${idle.join(', ')}`,
    );
  }
  return (modelAbbr) => pairs.get(modelAbbr) ?? new Set();
}

function abbrsOf(sources: readonly Source[]): string[] {
  return sources.flatMap(({ value }) =>
    isObject(value) && typeof value.abbr === 'string' ? [value.abbr.trim()] : [],
  );
}
