/** The `test_range` of a data-set config: a slice in Python's notation. */
import { EXIT, UserError } from '../core/errors.ts';

const slice = /^\[\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?\s*)?\]$/;

/**
 * Picks rows by a slice `[start:stop:step]` with Python's meaning (each part may be left out, negative
 * positions count from the end, a negative step walks backwards). '' picks all.
 * @throws UserError (usage) when the text is no slice, the step is 0, or no row is left.
 */
export function applyTestRange<T>(rows: readonly T[], range: string): T[] {
  if (range.trim() === '') return [...rows];
  const parts = slice.exec(range.trim());
  if (parts === null) throw badRange(range, 'is not a slice');
  const [start, stop, step = 1] = parts
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  if (step === 0) throw badRange(range, 'has step 0');

  const size = rows.length;
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? size : size - 1;
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const first = start === undefined ? (step > 0 ? low : high) : place(start);
  const end = stop === undefined ? (step > 0 ? high : low) : place(stop);

  const picked: T[] = [];
  for (let at = first; step > 0 ? at < end : at > end; at += step) picked.push(rows[at]);
  if (picked.length === 0) throw badRange(range, `picks none of the ${size} rows`);
  return picked;
}

function badRange(range: string, problem: string): UserError {
  return new UserError(EXIT.usage, `test_range "${range}" ${problem}`, {
    hint: 'Expected [start:stop] or [start:stop:step] as in Python, for example [0:100], [:8] or [::2].',
  });
}
