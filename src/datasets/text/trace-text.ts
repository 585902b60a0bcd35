/** Text for the blocks of a recorded trace: the same block id has the same text, other ids have other texts. */
import type { Random } from '../../core/random.ts';
import { singleTokenWords } from './prompt-words.ts';
import type { TokenCounter } from './tokenizer.ts';

/** A block of a trace: which text, and how many of its first tokens. */
export interface TextBlock {
  /** A whole number from 0, below `BlockWriter.texts`. */
  id: number;
  tokens: number;
}

export interface BlockWriter {
  /** How many blocks have texts of their own. */
  texts: number;
  /** The blocks' words, joined by spaces. */
  write(blocks: readonly TextBlock[]): string;
}

/** The words that follow a block's number are cut out of this many random words. */
const POOL_WORDS = 65_536;
/** A block begins with its number, written in words; 64 words, the fewest there can be, number 262,144 blocks. */
const NUMBER_WORDS = 3;

/**
 * Writes blocks of up to `longest` tokens. Each word is one token at the start of a text and after a space
 * (true of the embedded tokenizer throughout; one that merges words across spaces may count a few fewer).
 * A block is cut from one pool instead of drawn word by word, so that a trace of 100 million tokens is
 * written in seconds and only its numbers are kept in memory.
 */
export function blockWriter(longest: number, tokenizer: TokenCounter, random: Random): BlockWriter {
  const words = singleTokenWords(tokenizer);
  const { text, starts } = pool(POOL_WORDS + longest, () => words[random.int(0, words.length - 1)]);
  // Odd, so that the places of consecutive numbers do not repeat before the whole pool is used.
  const stride = random.int(0, POOL_WORDS / 2 - 1) * 2 + 1;

  function blockText({ id, tokens }: TextBlock): string {
    const parts: string[] = [];
    for (let rest = id, i = 0; i < Math.min(NUMBER_WORDS, tokens); i++) {
      parts.push(words[rest % words.length]);
      rest = Math.floor(rest / words.length);
    }
    const from = (id * stride) % POOL_WORDS;
    const left = tokens - parts.length;
    if (left > 0) parts.push(text.slice(starts[from], starts[from + left] - 1));
    return parts.join(' ');
  }

  return {
    texts: words.length ** NUMBER_WORDS,
    write: (blocks) => blocks.map(blockText).join(' '),
  };
}

/** Random words joined by spaces, and where each starts; one more start than words. */
function pool(size: number, draw: () => string): { text: string; starts: Uint32Array } {
  const starts = new Uint32Array(size + 1);
  const drawn: string[] = [];
  for (let i = 0; i < size; i++) {
    drawn.push(draw());
    starts[i + 1] = starts[i] + drawn[i].length + 1;
  }
  return { text: drawn.join(' '), starts };
}
