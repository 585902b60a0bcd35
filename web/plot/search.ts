/** The first position in [from, to) where `above` holds, or `to`; it must hold for all after the first. */
export function firstAbove(from: number, to: number, above: (position: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (above(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
