/** The `test_range` of a data-set config: a slice in Python's notation, or how many rows to take by chance. */
import { EXIT, UserError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';

const slice = /^\[\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?\s*)?\]$/;
const amount = /^\d+(\.\d+)?(e-?\d+)?$/;

/**
 * Picks rows by a slice `[start:stop:step]` with Python's meaning (each part may be left out, negative
 * positions count from the end, a negative step walks backwards). A number picks rows by chance, in their
 * order: a whole one so many, one below 1 that share of them (rounded down). '' picks all.
 * @param seed Fixes which rows a number picks.
 * @throws UserError (usage) when the text is neither, the step is 0, or no row is left.
 */
export function applyTestRange<T>(rows: readonly T[], range: string, seed: number): T[] {
  if (range.trim() === '') return [...rows];
  if (amount.test(range.trim())) return byChance(rows, range, seed);
  const parts = slice.exec(range.trim());
  if (parts === null) throw badRange(range, 'is not a slice');
  const [start, stop, step = 1] = parts
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  if (step === 0) throw badRange(range, 'has step 0');

  const size = rows.length;
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? size : size - 1;
  const [nearest, farthest] = step > 0 ? [low, high] : [high, low];
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const first = start === undefined ? nearest : place(start);
  const end = stop === undefined ? farthest : place(stop);

  const picked: T[] = [];
  for (let at = first; step > 0 ? at < end : at > end; at += step) picked.push(rows[at]);
  if (picked.length === 0) throw badRange(range, `picks none of the ${size} rows`);
  return picked;
}

/** Walks the rows once and takes each with the chance that fills what is still wanted (D. Knuth, TAOCP 2, 3.4.2, algorithm S). */
function byChance<T>(rows: readonly T[], range: string, seed: number): T[] {
  const number = Number(range);
  const wanted = number < 1 ? Math.floor(number * rows.length) : Math.min(number, rows.length);
  if (!Number.isInteger(wanted)) throw badRange(range, 'is neither a whole number nor a fraction below 1');
  if (wanted === 0) throw badRange(range, `picks none of the ${rows.length} rows`);
  const random = seededRandom(seed, 'test_range');
  let missing = wanted;
  return rows.filter((_, at) => {
    const isTaken = random.int(1, rows.length - at) <= missing;
    if (isTaken) missing--;
    return isTaken;
  });
}

function badRange(range: string, problem: string): UserError {
  return new UserError(EXIT.usage, `test_range "${range}" ${problem}`, {
    hint: 'Expected [start:stop] or [start:stop:step] as in Python, for example [0:100], [:8] or [::2]; or a number: 100 rows, or 0.1 of them, picked at random.',
  });
}
