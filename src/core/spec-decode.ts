/** What a service counts of its speculative decoding. */

/** Counters at one moment, or how far they got between two. */
export interface DraftCounters {
  num_drafts: number;
  num_draft_tokens: number;
  num_accepted_tokens: number;
  /** By position in the draft, from 0. */
  num_accepted_tokens_per_pos: Record<string, number>;
}

export interface DraftFigures {
  drafts: number;
  draftTokens: number;
  acceptedTokens: number;
  /** Accepted of all guessed tokens, 0 … 1. */
  acceptanceRate: number;
  /** Mean tokens per step of the model: its own one and the accepted ones. */
  acceptanceLength: number;
  /** Share of the drafts whose guess for a position was accepted; positions in numeric order. */
  perPosition: { position: number; rate: number }[];
}

/** What was asked of one service over the measured parts of its tasks. */
export interface SpecDecodeReading {
  /** The address asked, without secrets. */
  url: string;
  /** Host, port and path without `metrics`, to tell services apart. */
  service: string;
  figures: DraftFigures | null;
  /** Why there are no figures. */
  problem: string | null;
  /** Each part from the end of a warm-up to the end of its last request, in order; null: could not be read. */
  parts: { before: DraftCounters | null; after: DraftCounters | null }[];
}
