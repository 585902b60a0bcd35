/** Counts the tokens that a service did not report. */
import type { Sample } from '../../core/protocol.ts';
import {
  isOutput,
  KIND,
  type Note,
  OUTCOME,
  type RecordBatch,
  type TokenSource,
  tokenSources,
  UNKNOWN_TOKENS,
} from '../../core/records.ts';
import type { PromptLog } from './prompt-log.ts';
import type { TokenCounter } from './tokenizer.ts';

/** What is known of prompts beside the rows. */
export interface KnownOfPrompts {
  /** Counts by sample number; hand the same map in with every batch of a run, so that each prompt is counted once. */
  promptTokens?: Map<number, number>;
  /** The prompt of a conversation's later turn, where it is known. */
  promptOf?: PromptLog['promptOf'];
  /**
   * The most tokens that a request for the sample may generate: no estimate is higher, and an answer that ended for
   * its length has exactly so many.
   */
  limitOf?(sample: Sample): number | undefined;
}

/**
 * Fills the unknown token counts of the rows that went well; every other number stays as it is.
 * Input: tokens of the sample's prompt (request i has sample i % samples). Output: tokens of the kept
 * text and reasoning, and one for every tool-call event. Where no text was kept every output event counts
 * as one token, and `tokenSource` says `none`: too low when the service sends several tokens in an event
 * (or does not stream at all). `tokenSource` tells of the output count; `usage` stays where only the
 * input count was missing.
 * @returns The batch itself when nothing was unknown, else a copy that shares the other columns.
 */
export function fillTokenCounts(
  batch: RecordBatch,
  samples: readonly Sample[],
  counter: TokenCounter,
  { promptTokens = new Map(), promptOf, limitOf }: KnownOfPrompts = {},
): RecordBatch {
  const open = openRows(batch);
  if (open.length === 0) return batch;
  const notes = new Map(batch.notes.map((note) => [note.row, note]));
  const filled: RecordBatch = {
    ...batch,
    inTokens: batch.inTokens.slice(),
    outTokens: batch.outTokens.slice(),
    tokenSource: batch.tokenSource.slice(),
  };
  for (const row of open) {
    if (filled.inTokens[row] === UNKNOWN_TOKENS && samples.length > 0) {
      filled.inTokens[row] =
        batch.turn[row] === 0
          ? promptCount(batch.index[row] % samples.length, samples, counter, promptTokens)
          : turnCount(promptOf?.(batch.index[row], batch.turn[row], batch.attempt[row]), counter);
    }
    if (filled.outTokens[row] === UNKNOWN_TOKENS) {
      const [tokens, source] = outputCount(batch, row, notes.get(row), counter);
      const limit = samples.length > 0 ? limitOf?.(samples[batch.index[row] % samples.length]) : undefined;
      filled.outTokens[row] = within(limit, tokens, notes.get(row)?.finishReason);
      filled.tokenSource[row] = tokenSources.indexOf(source);
    }
  }
  return filled;
}

function within(limit: number | undefined, tokens: number, finish: string | undefined): number {
  if (limit === undefined) return tokens;
  return finish === 'length' ? limit : Math.min(tokens, limit);
}

function openRows(batch: RecordBatch): number[] {
  const open: number[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const unknown = batch.inTokens[row] === UNKNOWN_TOKENS || batch.outTokens[row] === UNKNOWN_TOKENS;
    if (unknown && batch.outcome[row] === OUTCOME.ok) open.push(row);
  }
  return open;
}

function promptCount(
  sample: number,
  samples: readonly Sample[],
  counter: TokenCounter,
  known: Map<number, number>,
): number {
  const before = known.get(sample);
  if (before !== undefined) return before;
  const tokens = samples[sample].promptTokens ?? counter.countPrompt(samples[sample].prompt);
  known.set(sample, tokens);
  return tokens;
}

/** Unknown stays unknown: what the service had answered before was not kept. */
function turnCount(prompt: Sample['prompt'] | undefined, counter: TokenCounter): number {
  return prompt === undefined ? UNKNOWN_TOKENS : counter.countPrompt(prompt);
}

function outputCount(
  batch: RecordBatch,
  row: number,
  note: Note | undefined,
  counter: TokenCounter,
): [number, TokenSource] {
  let outputs = 0;
  let toolEvents = 0;
  for (let at = batch.eventStart[row]; at < batch.eventStart[row + 1]; at++) {
    if (isOutput(batch.eventKind[at])) outputs++;
    if (batch.eventKind[at] === KIND.tool) toolEvents++;
  }
  const { text, reasoning } = note ?? {};
  if (text === undefined && reasoning === undefined) return [outputs, 'none'];
  return [counter.count(text ?? '') + counter.count(reasoning ?? '') + toolEvents, counter.source];
}
