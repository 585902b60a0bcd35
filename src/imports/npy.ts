/** The numpy array format, as much of it as AISBench writes: a vector of little-endian doubles. */

const MAGIC = '\x93NUMPY';

/** Throws an `Error` in one line when the bytes are anything else, or cut. */
export function decodeVector(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== MAGIC)
    throw new Error('it is not a numpy array');
  const short = bytes[6] === 1;
  const headerAt = short ? 10 : 12;
  const dataAt = headerAt + (short ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = Buffer.from(bytes.subarray(headerAt, dataAt)).toString('latin1');
  if (!header.includes("'<f8'"))
    throw new Error(`expected an array of doubles ('<f8'), got ${header.trim()}`);
  const length = Number(/'shape': \((\d+),\)/.exec(header)?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error(`expected a vector, got ${header.trim()}`);
  if (dataAt + 8 * length > bytes.length)
    throw new Error(`it was cut: ${bytes.length} bytes of ${dataAt + 8 * length}`);
  return Float64Array.from({ length }, (_, i) => view.getFloat64(dataAt + 8 * i, true));
}
