/** Makes the notes of a batch from what the worker sent along (recorder.ts), off the worker's thread. */
import type { Note, RecordBatch } from '../core/records.ts';
import type { RawBatch } from './recorder.ts';

/** The batch with finish reasons, response ids and kept texts in its notes. */
export function withNotes(raw: RawBatch): RecordBatch {
  const { batch } = raw;
  const finishes = raw.finishes.split('\n');
  const ids = raw.ids.split('\n');
  const faults = new Map<number, Note>(batch.notes.map((note) => [note.row, note]));
  const notes: Note[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const note = faults.get(row) ?? { row };
    if (finishes[row] !== '') note.finishReason = finishes[row];
    if (ids[row] !== '') note.responseId = ids[row];
    notes.push(note);
  }
  addTexts(raw, notes);
  batch.notes = notes.filter((note) => Object.keys(note).length > 1);
  return batch;
}

function addTexts({ texts, textBytes }: RawBatch, notes: Note[]): void {
  const bytes = Buffer.from(textBytes.buffer, textBytes.byteOffset, textBytes.length);
  let at = 0;
  for (const { row, text, reasoning } of texts) {
    if (text > 0) notes[row].text = unescaped(bytes.toString('utf8', at, at + text));
    at += text;
    if (reasoning > 0) notes[row].reasoning = unescaped(bytes.toString('utf8', at, at + reasoning));
    at += reasoning;
  }
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
