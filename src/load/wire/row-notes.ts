/** Makes the notes of a batch from what the worker sent along (recorder.ts), off the worker's thread. */
import type { Note, RecordBatch } from '../../core/records.ts';
import type { RawBatch, RawText } from './recorder.ts';

/** The batch with finish reasons, response ids and kept texts in its notes. */
export function withNotes(raw: RawBatch): RecordBatch {
  const { batch } = raw;
  const finishes = raw.finishes.split('\n');
  const ids = raw.ids.split('\n');
  const notes: Note[] = [];
  let fault = 0;
  let text = 0;
  let textAt = 0;
  for (let row = 0; row < batch.rows; row++) {
    const hasFault = fault < batch.notes.length && batch.notes[fault].row === row;
    const hasText = text < raw.texts.length && raw.texts[text].row === row;
    if (!hasFault && !hasText && finishes[row] === '' && ids[row] === '') continue;
    const note: Note = hasFault ? batch.notes[fault++] : { row };
    if (finishes[row] !== '') note.finishReason = finishes[row];
    if (ids[row] !== '') note.responseId = ids[row];
    if (hasText) textAt = addTexts(note, raw.texts[text++], raw.textBytes, textAt);
    notes.push(note);
  }
  batch.notes = notes;
  return batch;
}

/** Returns where the next row's bytes start. */
function addTexts(note: Note, { text, reasoning }: RawText, textBytes: Uint8Array, from: number): number {
  const bytes = Buffer.from(textBytes.buffer, textBytes.byteOffset, textBytes.length);
  const between = from + text;
  const to = between + reasoning;
  if (text > 0) note.text = unescaped(bytes.toString('utf8', from, between));
  if (reasoning > 0) note.reasoning = unescaped(bytes.toString('utf8', between, to));
  return to;
}

/** Parsed text that was escaped again, and text as it came, are both JSON; anything else is kept as it is. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
