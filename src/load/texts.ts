/** Turns the kept text of a batch (text-log.ts) into its notes, off the worker's thread. */
import type { Note, RecordBatch } from '../core/records.ts';
import type { RawBatch } from './recorder.ts';

/** The batch with `text` and `reasoning` in its notes. */
export function withTexts({ batch, texts, textBytes }: RawBatch): RecordBatch {
  if (texts.length === 0) return batch;
  const notes = new Map<number, Note>(batch.notes.map((note) => [note.row, note]));
  const bytes = Buffer.from(textBytes.buffer, textBytes.byteOffset, textBytes.length);
  let at = 0;
  for (const { row, text, reasoning } of texts) {
    const note = notes.get(row) ?? { row };
    notes.set(row, note);
    if (text > 0) note.text = unescaped(bytes.toString('utf8', at, at + text));
    at += text;
    if (reasoning > 0) note.reasoning = unescaped(bytes.toString('utf8', at, at + reasoning));
    at += reasoning;
  }
  batch.notes = [...notes.values()].sort((a, b) => a.row - b.row);
  return batch;
}

/** The scan of the hot path does not check escapes: a text with a wrong one is kept as it came. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
