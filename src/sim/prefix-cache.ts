/** A prefix cache without limit, as vLLM's: whole blocks of tokens, found by everything up to their end. */
import { createHash } from 'node:crypto';

export interface PrefixCache {
  /**
   * How many of the prompt's first tokens were cached; its whole blocks are cached from now on. The last
   * token always has to be computed, so a prompt is never cached whole.
   */
  take(prompt: string): number;
}

const words = /\S+/g;

/** Words between blanks are the tokens. 0 tokens a block: no cache. */
export function createPrefixCache(blockTokens: number): PrefixCache {
  if (blockTokens === 0) return { take: () => 0 };
  const known = new Set<string>();

  function take(prompt: string): number {
    let key = '';
    let hits = 0;
    let missed = false;
    let from = 0;
    let tokens = 0;
    for (const word of prompt.matchAll(words)) {
      tokens++;
      if (tokens % blockTokens !== 0) continue;
      const end = word.index + word[0].length;
      key = createHash('sha1').update(key).update(prompt.slice(from, end)).digest('base64');
      from = end;
      missed ||= !known.has(key);
      if (missed) known.add(key);
      else hits++;
    }
    const isWhole = hits > 0 && hits * blockTokens === tokens;
    return (isWhole ? hits - 1 : hits) * blockTokens;
  }

  return { take };
}
