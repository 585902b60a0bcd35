/** One line of a Mooncake trace, checked. */
import { badRow, describeValue, type Row } from './data-file.ts';

/** A hash id of the trace stands for so many tokens; the last one of a row may stand for fewer. */
export const BLOCK_TOKENS = 512;

interface TraceBlock {
  /** Rows with the same hash share this block; null: nobody shares it. */
  hash: number | string | null;
  tokens: number;
}

export interface TraceRow {
  /** Place in the file, from 0; blank lines do not count. */
  index: number;
  /** As recorded; null: the row has none. */
  timestampMs: number | null;
  /** The prompt itself, when the trace holds it; null: `blocks` say what to write. */
  text: string | null;
  blocks: TraceBlock[];
  maxOutTokens: number;
}

/** @throws UserError that names file, line and field. */
export function readTraceRow(row: Row, index: number, file: string): TraceRow {
  const { fields } = row;
  const timestampMs = fields.timestamp ?? null;
  if (timestampMs !== null && !(typeof timestampMs === 'number' && timestampMs >= 0)) {
    throw wrong(row, file, 'timestamp', 'a time in ms, at least 0');
  }
  const output = fields.output_length ?? 0;
  if (!isCount(output)) throw wrong(row, file, 'output_length', 'a whole number of tokens');
  const hasText = fields.input_text !== undefined && fields.input_text !== null;
  if (hasText && (typeof fields.input_text !== 'string' || fields.input_text === '')) {
    throw wrong(row, file, 'input_text', 'a text');
  }
  return {
    index,
    timestampMs,
    text: hasText ? (fields.input_text as string) : null,
    blocks: hasText ? [] : blocksOf(row, file),
    // The original's reading: a request for nothing asks for one token.
    maxOutTokens: Math.max(1, output),
  };
}

function blocksOf(row: Row, file: string): TraceBlock[] {
  const { input_length: length, hash_ids: hashes } = row.fields;
  if (!isCount(length) || length === 0) {
    throw wrong(
      row,
      file,
      'input_length',
      'a whole number of tokens, at least 1 (or a string in "input_text")',
    );
  }
  const count = Math.ceil(length / BLOCK_TOKENS);
  const ids = hashes ?? [];
  if (!Array.isArray(ids) || !ids.every(isHash)) throw wrong(row, file, 'hash_ids', 'a list of numbers');
  if (ids.length > 0 && ids.length !== count) {
    throw badRow(
      file,
      row.line,
      `has ${ids.length} hash_ids for an input_length of ${length}`,
      `${count}: one per ${BLOCK_TOKENS} tokens, the last one may stand for fewer`,
    );
  }
  return Array.from({ length: count }, (_, i) => ({
    hash: ids[i] ?? null,
    tokens: Math.min(BLOCK_TOKENS, length - i * BLOCK_TOKENS),
  }));
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isHash = (value: unknown): value is number | string =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));

function wrong(row: Row, file: string, field: string, expected: string) {
  const value = row.fields[field];
  const problem = value === undefined ? `has no "${field}"` : `has ${describeValue(value)} as "${field}"`;
  return badRow(file, row.line, problem, expected);
}
