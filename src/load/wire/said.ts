/** What a service has said of one attempt so far, beside the events themselves, and what that amounts to. */
import type { Delta, Protocol, Usage } from '../../core/protocol.ts';
import { UNKNOWN_TOKENS } from '../../core/records.ts';

export interface Said {
  inTokens: number;
  outTokens: number;
  cachedTokens: number;
  /** As the service said them; undefined when it did not. */
  finish: string | undefined;
  id: string | undefined;
  error: string | undefined;
  /** The end mark came. */
  done: boolean;
  /** Where output stood that no field known to us holds; undefined when there was none. */
  strayField: string | undefined;
  /** Events with such output. */
  strays: number;
}

/** An answer without text is complete when it ends for one of these reasons; with any other it was cut short. */
const NATURAL_ENDS = new Set(['stop', 'eos_token', 'stop_sequence', 'end_turn']);
const BROKEN_ENDS = /^(abort(ed)?|error|cancell?ed|insufficient_system_resource)$/i;
/** An answer without text may still be counted as one token: the one that ends the text. */
const MAX_EMPTY_TOKENS = 1;

export function nothingSaid(): Said {
  return {
    inTokens: UNKNOWN_TOKENS,
    outTokens: UNKNOWN_TOKENS,
    cachedTokens: UNKNOWN_TOKENS,
    finish: undefined,
    id: undefined,
    error: undefined,
    done: false,
    strayField: undefined,
    strays: 0,
  };
}

export function forgetSaid(said: Said): void {
  said.inTokens = UNKNOWN_TOKENS;
  said.outTokens = UNKNOWN_TOKENS;
  said.cachedTokens = UNKNOWN_TOKENS;
  said.finish = undefined;
  said.id = undefined;
  said.error = undefined;
  said.done = false;
  said.strayField = undefined;
  said.strays = 0;
}

/**
 * Takes over what `delta` tells of the answer's end. Which counts it tells stands in `delta.usage`, their values
 * in `counts`: each by itself, as an event may say one and leave another open.
 */
export function takeEnd(said: Said, delta: Delta, counts: Usage | undefined): void {
  const { usage, finish, done } = delta;
  if (usage?.inTokens !== undefined) said.inTokens = counts!.inTokens!;
  if (usage?.outTokens !== undefined) said.outTokens = counts!.outTokens!;
  if (usage?.cachedTokens !== undefined) said.cachedTokens = counts!.cachedTokens!;
  if (finish !== undefined) said.finish = finish;
  if (done) said.done = true;
}

/**
 * Output that stands where no output is known is taken for such until the first known output: its text, or ''.
 * A first event that tells the role is none, whatever else is in it.
 */
export function strayOutput(said: Said, delta: Delta, outputs: number, isFirst: boolean): string {
  const { stray, role } = delta;
  if (stray === undefined || outputs > said.strays || (isFirst && role !== undefined)) return '';
  said.strayField ??= stray.field;
  said.strays++;
  return stray.text;
}

/** No output was produced by services that counted some: the count of an answer with output cannot be 0. */
export function settleCounts(said: Said, outputs: number): void {
  if (outputs > 0 && said.outTokens === 0) said.outTokens = UNKNOWN_TOKENS;
}

/** Why an answer that has come to its end is a failure; '' when it is none. */
export function faultIn(said: Said, outputs: number, ending: Protocol['ending']): string {
  const { error, finish, done, outTokens } = said;
  if (error !== undefined) return `the service sent an error: ${error}`;
  if (finish !== undefined && BROKEN_ENDS.test(finish)) {
    return `the service ended the answer with finish reason "${finish}"`;
  }
  if (outputs === 0) {
    const isEmpty = outTokens === UNKNOWN_TOKENS || outTokens <= MAX_EMPTY_TOKENS;
    const isLegal = finish !== undefined && NATURAL_ENDS.has(finish) && isEmpty;
    return isLegal ? '' : 'no output in the response';
  }
  if (!done && finish === undefined && ending !== 'body') return 'the stream ended before its end mark';
  return '';
}
