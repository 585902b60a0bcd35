/** Order without a comparator: half a million values in some ten milliseconds. */

/** Counting digits costs the same for few values as for many. */
const RADIX_PAYS = 4000;

/**
 * The positions 0 … n − 1 by ascending value, equal values in order of position. Values are ≥ 0 and not NaN:
 * the bits of such doubles order like whole numbers, so they are sorted by 16 bits at a time.
 */
export function orderOf(values: Float64Array): Uint32Array {
  const n = values.length;
  if (n < RADIX_PAYS) return Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const bits = new Uint16Array(values.slice().buffer);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  let order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let spare = new Uint32Array(n);
  for (let pass = 0; pass < 4; pass++) {
    const digit = littleEndian ? pass : 3 - pass;
    const starts = new Uint32Array(65_537);
    for (let i = 0; i < n; i++) starts[bits[i * 4 + digit] + 1]++;
    for (let value = 0; value < 65_536; value++) starts[value + 1] += starts[value];
    for (let at = 0; at < n; at++) spare[starts[bits[order[at] * 4 + digit]]++] = order[at];
    [order, spare] = [spare, order];
  }
  return order;
}
