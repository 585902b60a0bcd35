/** What the simulated service can be told. Every field has a default; port 0 takes a free port. */
import type { FaultSpec } from './faults.ts';
import { type LengthLaw, tokensByBytes, tokensByWords } from './generation.ts';
import { defaultLaw, type PerformanceLaw } from './law.ts';
import type { SpeculationLaw } from './speculation.ts';

export interface SimOptions {
  host: string;
  port: number;
  /** The model's name in `/v1/models`, in metrics, and in answers to requests that name none. */
  model: string;
  /** Requests for another model are refused with 404, as real services do. */
  strictModel: boolean;
  /** The key that requests must bring as a bearer token; '': none. */
  apiKey: string;
  /** Fixes answers and faults. */
  seed: number;
  law: PerformanceLaw;
  /** By what factor every duration of the law is shortened. */
  speed: number;
  /** Maximum number of tokens of prompt and answer together. */
  maxModelLen: number;
  /** Length of answers that may end before their limit. */
  answerLength: LengthLaw;
  countTokens: (text: string) => number;
  /**
   * Tokens in a block of the prefix cache, which has no limit and counts words as tokens; 0: no cache.
   * Set it together with `wordTokens`, so that hits and prompt lengths are counted alike.
   */
  prefixBlockTokens: number;
  /** The usage of an answer tells how many prompt tokens were found in the prefix cache. */
  reportCachedTokens: boolean;
  /** Every word between blanks counts as one token, instead of one token for every few bytes. */
  wordTokens: boolean;
  /** Counters of speculative decoding, in the truth and in the metrics; null: none. Tokens come no faster. */
  speculation: SpeculationLaw | null;
  /** Prompt tokens of every image, video or sound. */
  imageTokens: number;
  faults: readonly FaultSpec[];
  /** The ground truth is written here when the service stops; '' writes nothing. */
  truthFile: string;
  /** The ground truth keeps the newest requests, with up to this many token times in all (8 bytes each). */
  truthTokens: number;
  /** Behind its law by more than this, the service slips instead of catching up. */
  maxLagMs: number;
}

export const simDefaults: SimOptions = {
  host: '127.0.0.1',
  port: 0,
  model: 'sim-model',
  strictModel: false,
  apiKey: '',
  seed: 0,
  law: defaultLaw,
  speed: 1,
  maxModelLen: 32_768,
  answerLength: { medianTokens: 160, sigma: 0.6 },
  countTokens: tokensByBytes,
  prefixBlockTokens: 0,
  reportCachedTokens: false,
  wordTokens: false,
  speculation: null,
  imageTokens: 256,
  faults: [],
  truthFile: '',
  truthTokens: 20_000_000,
  maxLagMs: 100,
};

/** Options with any field left out, the law's included. */
export type SimChoices = Partial<Omit<SimOptions, 'law'>> & { law?: Partial<PerformanceLaw> };

export function withDefaults(choices: SimChoices): SimOptions {
  const options = { ...simDefaults, ...choices, law: { ...simDefaults.law, ...choices.law } };
  return options.wordTokens ? { ...options, countTokens: tokensByWords } : options;
}
