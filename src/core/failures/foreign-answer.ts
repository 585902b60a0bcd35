/** Bytes that answer an HTTP/1.1 request in another protocol, told by how they begin. */
import { HTTP2_CAUSE, TLS_CAUSE } from './failure-hints.ts';

const TLS_RECORDS = new Set([0x15, 0x16]);
/** RFC 9113: a server begins with SETTINGS, or with GOAWAY when it refuses; both are of stream 0. */
const HTTP2_FRAMES = new Set([0x04, 0x07]);
const FRAME_HEAD_BYTES = 9;

/** The cause to tell, or null for bytes of no protocol that is known here. */
export function foreignAnswer(bytes: Uint8Array): string | null {
  if (TLS_RECORDS.has(bytes[0]) && bytes[1] === 0x03) return TLS_CAUSE;
  if (Buffer.from(bytes.subarray(0, 7)).toString('latin1') === 'HTTP/2 ') return HTTP2_CAUSE;
  if (bytes.length < FRAME_HEAD_BYTES || bytes[0] !== 0 || !HTTP2_FRAMES.has(bytes[3])) return null;
  return bytes.subarray(5, FRAME_HEAD_BYTES).every((byte) => byte === 0) ? HTTP2_CAUSE : null;
}
