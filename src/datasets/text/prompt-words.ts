/** Random text of an exact length in tokens. */
import { EXIT, UserError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { TokenCounter } from './tokenizer.ts';

/** Enough for 4,096 different prompts of one token; looking for more words only costs time. */
const MAX_WORDS = 4096;
const MIN_WORDS = 64;

/**
 * Words that are one token each at the start of a text as well as after a space, so that n of them
 * joined by spaces are n tokens. Low token ids come first: they are the more common words.
 * @throws UserError (usage) when the tokenizer has too few of them.
 */
export function singleTokenWords(tokenizer: TokenCounter): readonly string[] {
  const picked: string[] = [];
  for (const word of tokenizer.vocabulary?.() ?? []) {
    if (tokenizer.count(word) === 1 && tokenizer.count(`${word} ${word}`) === 2) picked.push(word);
    if (picked.length === MAX_WORDS) break;
  }
  if (picked.length >= MIN_WORDS) return picked;
  throw new UserError(
    EXIT.usage,
    `the tokenizer ${tokenizer.name} has ${picked.length} words of one token; ${MIN_WORDS} are needed to write prompts of an exact length`,
    { hint: "Leave the model's `path` empty: lengths are then tokens of the embedded tokenizer." },
  );
}

/** What texts are drawn from. */
export interface TextSource {
  words: readonly string[];
  tokenizer: TokenCounter;
  random: Random;
}

/**
 * A text that the tokenizer counts as exactly `tokens` (≥ 1). `start` are words that it begins with;
 * they are part of the length.
 * @throws UserError (usage) when the words of this tokenizer cannot be put together to that length.
 */
export function textOfLength(
  tokens: number,
  start: readonly string[],
  { words, tokenizer, random }: TextSource,
): string {
  const draw = () => words[random.int(0, words.length - 1)];
  const chosen = [...start];
  while (chosen.length < tokens) chosen.push(draw());
  // A word after another one may be merged with it or split, in a tokenizer that looks across spaces.
  for (let attempt = 0; attempt < 16; attempt++) {
    const text = chosen.join(' ');
    const excess = tokenizer.count(text) - tokens;
    if (excess === 0) return text;
    if (excess > 0) chosen.length = Math.max(start.length, chosen.length - excess);
    else for (let i = excess; i < 0; i++) chosen.push(draw());
    if (excess > 0 && attempt % 2 === 1) chosen.push(draw());
  }
  throw new UserError(
    EXIT.usage,
    `no text of exactly ${tokens} tokens could be written for the tokenizer ${tokenizer.name}`,
    { hint: "Leave the model's `path` empty: lengths are then tokens of the embedded tokenizer." },
  );
}
