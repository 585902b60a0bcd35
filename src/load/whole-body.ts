/** A body that is read when it has ended: an error, or an answer in one piece. */
export interface WholeBody {
  parts: Buffer[];
  length: number;
}

/** So much of an error is kept. */
export const ERROR_BODY_BYTES = 2048;
/** A longer answer in one piece is refused: memory stays bounded whatever a service sends. */
export const MAX_BODY_BYTES = 256 * 1024 * 1024;

export function emptyBody(): WholeBody {
  return { parts: [], length: 0 };
}

/** Keeps a copy of the bytes `from` to `to`. */
export function keepBytes(body: WholeBody, bytes: Buffer, from: number, to: number): void {
  if (to <= from) return;
  body.parts.push(Buffer.from(bytes.subarray(from, to)));
  body.length += to - from;
}

export function textOf(body: WholeBody): string {
  return Buffer.concat(body.parts).toString('utf8');
}
