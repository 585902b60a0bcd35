/** Generated text is kept as raw payloads while requests run, and read when a batch has left the worker. */
import type { Protocol } from '../core/protocol.ts';
import type { Note, RecordBatch } from '../core/records.ts';
import type { RawBatch } from './recorder.ts';

/** Stands behind each payload; no JSON text holds this byte. */
export const PAYLOAD_END = 0;

/** The batch with `text` and `reasoning` in its notes. */
export function withTexts({ batch, texts }: RawBatch, protocol: Protocol, stream: boolean): RecordBatch {
  if (texts.length === 0) return batch;
  const notes = new Map<number, Note>(batch.notes.map((note) => [note.row, note]));
  for (const { row, payloads } of texts) {
    const note = notes.get(row) ?? { row };
    notes.set(row, note);
    const parts = Buffer.from(payloads.buffer, payloads.byteOffset, payloads.length)
      .toString('utf8')
      .split('\0');
    for (const part of parts.slice(0, -1)) {
      const delta = stream ? protocol.decode(part) : protocol.decodeBody(part);
      if (delta.text !== undefined) note.text = (note.text ?? '') + delta.text;
      if (delta.reasoning !== undefined) note.reasoning = (note.reasoning ?? '') + delta.reasoning;
    }
  }
  batch.notes = [...notes.values()].sort((a, b) => a.row - b.row);
  return batch;
}
