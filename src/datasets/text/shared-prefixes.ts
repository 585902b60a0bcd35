/** How much of each prompt has to repeat earlier ones, so that a prefix cache hits a chosen share of all tokens. */
import { EXIT, UserError } from '../../core/errors.ts';

export interface HitTarget {
  /** Share of all prompt tokens, 0 to below 1. */
  rate: number;
  /** Tokens in a block of the service's cache: only whole blocks are found again. */
  blockTokens: number;
}

/**
 * For prompts of the given lengths (tokens): how many first tokens each takes from one text that all
 * share. A prompt's hits are the part of that text which an earlier prompt has already brought, so the
 * first prompt has none, and the others make up for it.
 *
 * The sum of hits is the target share of all tokens, to the nearest whole block, for any cache that finds
 * whole blocks of `blockTokens` and computes at least the last token of every prompt. It does not depend on
 * the order of arrival, since every distinct block is computed once.
 * @throws UserError (usage) when prompts of these lengths cannot repeat so much.
 */
export function sharedPrefixes(lengths: readonly number[], { rate, blockTokens }: HitTarget): number[] {
  const total = lengths.reduce((sum, n) => sum + n, 0);
  const wanted = toBlocks(rate * total, blockTokens);
  let hits = 0;
  let known = 0;
  let tokensLeft = total;
  const shared = lengths.map((length, i) => {
    const room = Math.floor((length - 1) / blockTokens) * blockTokens;
    // What is still missing, spread over what is still to come.
    const due = Math.min(toBlocks(((wanted - hits) * length) / tokensLeft, blockTokens), room, wanted - hits);
    tokensLeft -= length;
    if (wanted > 0 && (i === 0 || due >= known)) {
      hits += Math.min(known, room);
      known = Math.max(known, room);
      return room;
    }
    hits += due;
    return due;
  });
  if (hits === wanted) return shared;
  throw unreachable(hits, wanted, total, { rate, blockTokens });
}

const toBlocks = (tokens: number, blockTokens: number) => Math.round(tokens / blockTokens) * blockTokens;

function unreachable(hits: number, wanted: number, total: number, { rate, blockTokens }: HitTarget) {
  const best = (hits / total).toFixed(3);
  return new UserError(
    EXIT.usage,
    `PrefixCacheHitRate ${rate} cannot be reached: of ${total} prompt tokens ${wanted} would have to be found in the cache, and prompts of these lengths repeat ${hits} (${best})`,
    {
      hint: `Use more requests, longer prompts, or a lower rate: the first prompt finds nothing, and later ones find whole blocks of ${blockTokens} tokens before their last token.`,
    },
  );
}
