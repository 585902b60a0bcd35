/**
 * What speculative decoding would have done for a request. It only counts: tokens leave when the law says, as if
 * every draft cost what its tokens save, so that runs with and without it compare.
 */
import type { Random } from '../core/random.ts';

export interface SpeculationLaw {
  /** Tokens guessed in every draft. */
  draftTokens: number;
  /** Chance that a guess holds, given that all before it in its draft held; 0 … 1. */
  acceptance: number;
}

/** Counts of one request, or of all. */
export interface DraftCounts {
  drafts: number;
  /** At index i: in how many drafts the guess for position i held. */
  acceptedAt: number[];
}

export function noDrafts({ draftTokens }: SpeculationLaw): DraftCounts {
  return { drafts: 0, acceptedAt: Array.from({ length: draftTokens }, () => 0) };
}

/**
 * Takes one generated token after another; the first comes from the prompt, without a draft. Returns how many
 * guesses held when the token is the first of a new draft's, else null. What a draft yields beyond the end of the answer
 * counts too, as in a real service.
 */
export function createSpeculation(
  { draftTokens, acceptance }: SpeculationLaw,
  random: Random,
): () => number | null {
  let yielded = 1;
  return () => {
    if (yielded > 0) {
      yielded--;
      return null;
    }
    let held = 0;
    while (held < draftTokens && random.next() < acceptance) held++;
    // The guesses that held and the token that the model itself put after them; one of these is this token.
    yielded = held;
    return held;
  };
}

/** Adds a draft of which the first `held` guesses held. */
export function countDraft(counts: DraftCounts, held: number): void {
  counts.drafts++;
  for (let at = 0; at < held; at++) counts.acceptedAt[at]++;
}
