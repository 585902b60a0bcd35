/** Order without a comparator: half a million values in some ten milliseconds. */

/** Counting digits pays from here on; wide ones when there are more values than a cache holds. */
const RADIX_PAYS = 1000;
const WIDE_PAYS = 100_000;

/**
 * The positions 0 … n − 1 by ascending value, equal values in order of position. Values are ≥ 0 and not NaN:
 * the bits of such doubles order like whole numbers, so they are sorted by 8 or 16 bits at a time. Bits that are the
 * same in all cost nothing: whole µs leave the last ones 0.
 */
export function orderOf(values: Float64Array): Uint32Array {
  const n = values.length;
  if (n < RADIX_PAYS) return Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const { buffer } = values.slice();
  const digits = n < WIDE_PAYS ? new Uint8Array(buffer) : new Uint16Array(buffer);
  const perValue = digits.length / n;
  const kinds = 2 ** (64 / perValue);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const counts = new Uint32Array(perValue * kinds);
  for (let i = 0, column = 0; i < digits.length; i++) {
    counts[column * kinds + digits[i]]++;
    column = column + 1 === perValue ? 0 : column + 1;
  }
  let order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let spare = new Uint32Array(n);
  for (let pass = 0; pass < perValue; pass++) {
    const column = littleEndian ? pass : perValue - 1 - pass;
    const starts = counts.subarray(column * kinds, (column + 1) * kinds);
    if (starts[digits[column]] === n) continue;
    startsOf(starts);
    for (let at = 0; at < n; at++) spare[starts[digits[order[at] * perValue + column]]++] = order[at];
    [order, spare] = [spare, order];
  }
  return order;
}

/** Turns counts into how many come before, in place. */
function startsOf(counts: Uint32Array): void {
  let before = 0;
  for (let value = 0; value < counts.length; value++) {
    const count = counts[value];
    counts[value] = before;
    before += count;
  }
}
