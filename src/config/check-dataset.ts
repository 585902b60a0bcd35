/** One data-set task, checked by the schema of its type. */

import { isObject } from '../core/json-object.ts';
import { type DatasetName, datasets } from '../datasets/registry.ts';
import { checkValue, shown } from './issue-text.ts';
import type { Findings } from './mistakes.ts';
import { didYouMean } from './nearest.ts';
import type { DatasetConfig } from './run-config.ts';
import { datasetTask, datasetTaskKeys } from './schemas.ts';
import type { Source } from './source.ts';

const names = Object.keys(datasets) as DatasetName[];

/** The task, or null when `findings` got a mistake of it. */
export function checkDataset(source: Source, findings: Findings): DatasetConfig | null {
  const wrong = (path: string, problem: string) =>
    findings.mistakes.push({ file: source.file, path, problem });
  if (!isObject(source.value)) {
    wrong(source.path, `expected an object, got ${shown(source.value, [])}`);
    return null;
  }
  const isCommon = ([key]: [string, unknown]) => datasetTaskKeys.includes(key);
  const entries = Object.entries(source.value);
  const common = checkValue(datasetTask, Object.fromEntries(entries.filter(isCommon)), source.path);
  const type = names.find((name) => name === (source.value as { type?: unknown }).type);
  if (!type) {
    const given = source.value.type;
    const near = typeof given === 'string' ? didYouMean(given, names) : '';
    wrong(
      `${source.path}.type`,
      `expected one of ${names.map((n) => `"${n}"`).join(', ')}, got ${shown(given, [])}${near}`,
    );
  }
  const given = Object.fromEntries(entries.filter((e) => !isCommon(e)));
  const options = type ? checkValue(datasets[type].options, given, source.path) : null;
  const found = [...common.findings, ...(options?.findings ?? [])];
  findings.mistakes.push(
    ...found.map((f) => ({ file: source.file, ...f, problem: withCommonKeys(f.path, f.problem) })),
  );
  if (!type || common.value === null || !isObject(options?.value)) return null;
  const { abbr, test_range, reader_cfg } = common.value;
  return {
    abbr,
    type,
    options: options.value,
    testRange: (test_range ?? reader_cfg?.test_range ?? '').trim(),
    file: source.file,
  };
}

/** The type's schema does not know the fields that every task has, so it cannot suggest them. */
function withCommonKeys(path: string, problem: string): string {
  if (problem !== 'unknown key') return problem;
  return problem + didYouMean(path.split('.').at(-1) ?? '', datasetTaskKeys);
}
