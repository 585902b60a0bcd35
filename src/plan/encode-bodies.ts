/** Every body once, before the run, in memory that all workers share. */
import type { EncodedBodies } from '../core/plan.ts';
import { PLACEHOLDER, saltBytes } from '../core/prompts/salt.ts';
import { markedPrompt } from '../core/prompts/salted-prompt.ts';
import type { Protocol, Sample, Target } from '../core/protocol.ts';
import type { SaltPlaces } from '../datasets/text/salt-places.ts';
import { withPrompt } from './salt-task.ts';

export interface Encoding {
  protocol: Protocol;
  target: Target;
}

/** Bodies that are sent as they are. */
export function encodeBodies(rows: readonly Sample[], { protocol, target }: Encoding): EncodedBodies {
  return packBodies(bodiesOf(rows, (row) => protocol.encode(row, target).body));
}

/** Bodies that get a salt when they are sent, but for those whose prompt has no place for one. */
export function encodeSalted(
  rows: readonly Sample[],
  { protocol, target }: Encoding,
  places: SaltPlaces,
): EncodedBodies {
  const at = new Float64Array(new SharedArrayBuffer(rows.length * Float64Array.BYTES_PER_ELEMENT));
  const words = new Uint8Array(new SharedArrayBuffer(rows.length));
  const bodies = bodiesOf(rows, (row, index) => {
    const place = places(row);
    if (place === null) return protocol.encode(row, target).body;
    const marked = withPrompt(row, () => markedPrompt(row.prompt, place));
    const { body } = protocol.encode(marked, target);
    at[index] = Buffer.byteLength(body.slice(0, placeholderIn(body, place.words)));
    words[index] = place.words;
    return body;
  });
  return { ...packBodies(bodies), salts: { at: at.buffer, words: words.buffer } };
}

function placeholderIn(body: string, words: number): number {
  const found = body.indexOf(PLACEHOLDER.repeat(saltBytes(words)));
  if (found < 0) throw new Error('a request body does not hold the place of its salt');
  return found;
}

/** One at a time: the texts of a long trace would not fit into the heap together. */
function* bodiesOf(
  rows: readonly Sample[],
  encode: (row: Sample, index: number) => string,
): Iterable<string> {
  for (const [index, row] of rows.entries()) yield encode(row, index);
}

export function packBodies(bodies: Iterable<string>): EncodedBodies {
  const encoded = Array.from(bodies, (b) => Buffer.from(b, 'utf8'));
  const total = encoded.reduce((sum, b) => sum + b.length, 0);
  const bytes = new SharedArrayBuffer(total);
  const offsets = new SharedArrayBuffer((encoded.length + 1) * 8);
  const all = new Uint8Array(bytes);
  const starts = new Float64Array(offsets);
  let at = 0;
  encoded.forEach((b, i) => {
    all.set(b, at);
    at += b.length;
    starts[i + 1] = at;
  });
  return { count: encoded.length, bytes, offsets };
}
