/** Writes `_details.jsonl`: one JSON object per attempt, failed ones included. */

import { closeSync, writeSync } from 'node:fs';
import { failureLine, failureWords } from '../core/failures/failure-words.ts';
import type { RowTest } from '../core/held.ts';
import type { ChatMessage, MessagePart } from '../core/protocol.ts';
import { type Note, outcomes, type RecordBatch, tokenSources, UNKNOWN_TOKENS } from '../core/records.ts';
import type { RunInfo } from '../core/run.ts';
import { quietJson } from '../core/text/outside-text.ts';
import { type DetailsWriter, orWriteError } from './details-writer.ts';
import { createFile } from './own-files.ts';

export interface JsonlOptions {
  /** What that attempt asked; `input` is left out when this is not given or does not know. */
  inputOf?: (index: number, turn: number, attempt: number) => string | ChatMessage[] | undefined;
  /** The data row's own id, behind request `index`; without it, its number in the data. */
  idOf?: (index: number) => string | number;
  /** Attempts that only held the load; they are marked as such. */
  isHeld?: RowTest | null;
}

/** What is known of all attempts of a run. */
export interface DetailsSource extends JsonlOptions {
  info: RunInfo;
}

const WRITE_CHARS = 2 ** 20;

/** Creates or overwrites the file. The writer throws a `UserError` when the disk refuses. */
export function createDetailsJsonl(path: string, info: RunInfo, options: JsonlOptions = {}): DetailsWriter {
  const fd = orWriteError(path, messageOf, () => createFile(path));
  const source: DetailsSource = { ...options, info };
  let pending = '';
  const flush = () =>
    orWriteError(path, messageOf, () => {
      const bytes = Buffer.from(pending);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      pending = '';
    });
  return {
    append(batch) {
      const notes = new Map(batch.notes.map((note) => [note.row, note]));
      for (let row = 0; row < batch.rows; row++) {
        pending += `${quietJson(JSON.stringify(detailsOf(batch, row, notes.get(row), source)))}\n`;
        if (pending.length > WRITE_CHARS) flush();
      }
    },
    close() {
      flush();
      closeSync(fd);
    },
  };
}

/** One attempt as the object of its line. */
export function detailsOf(
  b: RecordBatch,
  row: number,
  note: Note | undefined,
  { info, inputOf, idOf, isHeld }: DetailsSource,
): Record<string, unknown> {
  const index = b.index[row];
  const outcome = outcomes[b.outcome[row]];
  return {
    data_abbr: info.datasetAbbr,
    // What scripts of AISBench's users count on: whole numbers from 0 in the order of sending.
    id: index,
    row_id: idOf ? idOf(index) : index % Math.max(1, info.samples),
    success: outcome === 'ok',
    error_info: outcome === 'ok' ? '' : errorInfo(outcome, b.status[row], note),
    input_tokens: tokensOrNull(b.inTokens[row]),
    output_tokens: tokensOrNull(b.outTokens[row]),
    cached_tokens: tokensOrNull(b.cachedTokens[row]),
    input: withoutFiles(inputOf?.(index, b.turn[row], b.attempt[row])),
    turn_id: b.turn[row],
    prediction: predictionOf(note),
    index,
    attempt: b.attempt[row],
    worker: b.worker[row],
    due_ms: rounded(b.due[row]),
    sent_ms: rounded(b.sent[row]),
    first_byte_ms: rounded(b.firstByte[row]),
    end_ms: rounded(b.end[row]),
    outcome,
    status: b.status[row],
    error_body: note?.errorBody,
    content_type: note?.contentType,
    content_encoding: note?.contentEncoding,
    location: note?.location,
    retry_after_s: note?.retryAfterS,
    finish_reason: note?.finishReason ?? null,
    response_id: note?.responseId ?? null,
    unknown_field: note?.unknownField,
    token_source: tokenSources[b.tokenSource[row]],
    held: isHeld?.(b, row) || undefined,
  };
}

/** Why it failed, in one line with the service's own words. */
function errorInfo(outcome: string, status: number, note: Note | undefined): string {
  if (note?.cause === undefined) return outcome;
  const { cause, errorBody: body } = note;
  return failureLine(failureWords({ ...note, outcome, status, cause, body }));
}

/** Shorter ones are left whole. */
const LONG_URL = 256;

/** The prompt without the bytes of its images, video and sound: they would be most of the file, once per attempt. */
function withoutFiles(prompt: string | ChatMessage[] | undefined): typeof prompt {
  if (prompt === undefined || typeof prompt === 'string') return prompt;
  return prompt.map((message) => {
    if (typeof message.content === 'string') return message;
    return { ...message, content: message.content.map(withoutFile) };
  });
}

function withoutFile(part: MessagePart): MessagePart {
  switch (part.type) {
    case 'image_url':
      return { ...part, image_url: { ...part.image_url, url: shortened(part.image_url.url) } };
    case 'video_url':
      return { ...part, video_url: { ...part.video_url, url: shortened(part.video_url.url) } };
    case 'audio_url':
      return { ...part, audio_url: { ...part.audio_url, url: shortened(part.audio_url.url) } };
    default:
      return part;
  }
}

/** A long data URL keeps its kind and its length. */
function shortened(url: string): string {
  const comma = url.indexOf(',');
  if (url.length <= LONG_URL || comma === -1 || !/^data:/i.test(url)) return url;
  return `${url.slice(0, comma + 1)}… (${url.length - comma - 1} characters)`;
}

/** As the original joins the two; null when no text was kept. */
function predictionOf(note: Note | undefined): string | null {
  if (note?.reasoning) return note.text ? `${note.reasoning}</think>${note.text}` : note.reasoning;
  return note?.text ?? null;
}

function tokensOrNull(count: number): number | null {
  return count === UNKNOWN_TOKENS ? null : count;
}

/** To 0.1 µs, a tenth of what a stamp means; null when the moment never came. */
function rounded(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms * 1e4) / 1e4;
}

function messageOf(error: unknown): string {
  return (error as Error).message;
}
