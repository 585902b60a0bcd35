/**
 * Ascending times as bytes: whole ns, each as its distance from the one before, as a variable-length integer. A
 * constant rate then stays constant: rounding to µs would not leave it so. The page runs this same file, so nothing
 * here may need Node.
 */
const NS_PER_MS = 1e6;
const MAX_VARINT_BYTES = 8;

export function encodeTimes(ms: Float64Array): Uint8Array {
  const bytes = new Uint8Array(ms.length * MAX_VARINT_BYTES);
  let at = 0;
  let before = 0;
  for (const time of ms) {
    const ns = Math.round(time * NS_PER_MS);
    let rest = ns - before;
    before = ns;
    while (rest >= 128) {
      bytes[at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    bytes[at++] = rest;
  }
  return bytes.subarray(0, at);
}

/** The inverse, in seconds. Throws `RangeError` when the bytes end too early. */
export function decodeTimes(bytes: Uint8Array, count: number): Float64Array {
  const seconds = new Float64Array(count);
  let at = 0;
  let ns = 0;
  for (let i = 0; i < count; i++) {
    let scale = 1;
    for (;;) {
      if (at >= bytes.length) throw new RangeError('The plot data end too early.');
      const byte = bytes[at++];
      ns += (byte % 128) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    seconds[i] = ns / 1e9;
  }
  return seconds;
}
