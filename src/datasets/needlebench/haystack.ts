/** Long texts of given lengths in tokens, cut from documents: the hay in which needles are hidden. */
import { type Random, shuffled } from '../../core/random.ts';
import type { TokenCounter } from '../text/tokenizer.ts';

export interface Haystack {
  /**
   * The next so many tokens of text, give or take one or two where it is cut. Documents repeat from the
   * first when all have been used.
   */
  take(tokens: number): string;
}

/** A stretch of a document, counted when it is first used. */
interface Piece {
  text: string;
  tokens?: number;
}

/** Lines, as tokens seldom reach across them, with the breaks that end them; long ones in parts, in code points. */
const piece = /[^\n]{1,1000}\n*|\n+/gu;

/**
 * Makes haystacks, each with the documents in an order of its own. Pieces are counted once for all of
 * them: a text of a million tokens costs seconds, and a data set has ten.
 * @param documents At least one of them not blank.
 */
export function haystacks(
  documents: readonly string[],
  tokenizer: TokenCounter,
): (random: Random) => Haystack {
  const cut = documents.map((text): Piece[] =>
    (text.endsWith('\n') ? text : `${text}\n`).match(piece)!.map((text) => ({ text })),
  );
  const tokensOf = (p: Piece) => {
    p.tokens ??= tokenizer.count(p.text);
    return p.tokens;
  };

  return (random) => {
    const pieces = shuffled([...cut], random).flat();
    let at = 0;
    let rest: Piece | null = null;

    function take(tokens: number): string {
      const parts: string[] = [];
      for (let left = tokens; left > 0; ) {
        const next: Piece = rest ?? pieces[at++ % pieces.length];
        rest = null;
        const size = tokensOf(next);
        if (size <= left) parts.push(next.text);
        else {
          const length = lengthOfTokens(next.text, left, tokenizer);
          parts.push(next.text.slice(0, length));
          rest = { text: next.text.slice(length) };
        }
        left -= size;
      }
      return parts.join('');
    }
    return { take };
  };
}

/** How much of the text is at most so many tokens; never half of a character outside the basic plane. */
function lengthOfTokens(text: string, tokens: number, tokenizer: TokenCounter): number {
  let low = 0;
  let high = text.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (tokenizer.count(text.slice(0, middle)) <= tokens) low = middle;
    else high = middle;
  }
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(low - 1));
  return isHalf ? low - 1 : low;
}
