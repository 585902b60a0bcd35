/**
 * What speculative decoding would have done for a request. It only counts: tokens leave when the law says, as if
 * every draft cost what its tokens save, so that runs with and without it compare.
 */
import type { Random } from '../core/random.ts';

export interface SpeculationLaw {
  /** Tokens guessed in every draft. */
  draftTokens: number;
  /** Chance that a guess is accepted, given that all before it in its draft were; 0 … 1. */
  acceptance: number;
}

/** Counts of one request, or of all. */
export interface DraftCounts {
  drafts: number;
  /** At index i: in how many drafts the guess for position i was accepted. */
  acceptedAt: number[];
}

export function noDrafts({ draftTokens }: SpeculationLaw): DraftCounts {
  return { drafts: 0, acceptedAt: Array.from({ length: draftTokens }, () => 0) };
}

/**
 * Takes one generated token after another; the first comes from the prompt, without a draft. Returns how many
 * guesses were accepted when the token is the first of a new draft, else null. What a draft yields beyond the end of the answer
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
    let accepted = 0;
    while (accepted < draftTokens && random.next() < acceptance) accepted++;
    // The accepted guesses and the token that the model itself put after them; one of these is this token.
    yielded = accepted;
    return accepted;
  };
}

/** Adds a draft of which the first `accepted` guesses were accepted. */
export function countDraft(counts: DraftCounts, accepted: number): void {
  counts.drafts++;
  for (let at = 0; at < accepted; at++) counts.acceptedAt[at]++;
}
