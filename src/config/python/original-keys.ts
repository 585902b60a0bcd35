/**
 * Python files change what they take from a base config: `gsm8k_datasets[0]['reader_cfg']['test_range'] = '[0:8]'`.
 * Packaged configs have our own, flat form, so they are lent the dicts of the original's form, empty, and what a file has put
 * into them goes to its place in ours.
 */
import { isPlainObject } from './plain.ts';

type Fields = Record<string, unknown>;

/** The value of a base config's export `name`, with those dicts. Its own are never touched. */
export function withOriginalKeys(name: string, value: unknown): unknown {
  if (name === 'summarizer' && isPlainObject(value)) return { calculator: {}, ...value };
  if (!/^(\w*_)?datasets$/.test(name) || !Array.isArray(value)) return value;
  return value.map((task: unknown) => (isPlainObject(task) ? { ...emptyDictsOf(task), ...task } : task));
}

function emptyDictsOf({ type }: Fields): Fields {
  if (type !== 'synthetic') return { reader_cfg: {} };
  const lengths = () => ({ Params: {} });
  const config = { StringConfig: { Input: lengths(), Output: lengths() }, TokenIdConfig: {} };
  return { reader_cfg: {}, config };
}

/** A data-set task of our own form without those dicts. `test_range` is all that counts of `reader_cfg` there. */
export function datasetWithoutOriginalKeys({ reader_cfg: reader, config, ...own }: Fields): Fields {
  const range = isPlainObject(reader) && 'test_range' in reader ? { test_range: reader.test_range } : {};
  return merged({ ...own, ...range }, isPlainObject(config) ? config : {});
}

/** The same of a summarizer; the window stays that of the base. */
export function summarizerWithoutOriginalKeys({ calculator, ...own }: Fields): Fields {
  return isPlainObject(calculator) && 'stats_list' in calculator
    ? { ...own, stats_list: calculator.stats_list }
    : own;
}

function merged(below: Fields, above: Fields): Fields {
  const result = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const before = result[key];
    if (!isPlainObject(value) || isDistribution(value)) result[key] = value;
    // What is lent and still empty is nothing that anyone said.
    else if (isPlainObject(before) || Object.keys(value).length > 0)
      result[key] = merged(isPlainObject(before) ? before : {}, value);
  }
  return result;
}

/** Parameters belong to their method: those of another one do not stay. */
const isDistribution = (value: Fields) => 'Method' in value;
