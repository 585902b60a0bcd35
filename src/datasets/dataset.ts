/** What every data-set type is: checked options in, samples out. */
import type { ZodType } from 'zod';
import type { Sample } from '../core/protocol.ts';
import type { TokenCounter } from './text/tokenizer.ts';

/** What a data set may know of the run beside its own options. */
export interface LoadContext {
  /** Relative paths start here. */
  cwd: string;
  /** Second place for relative paths: the value of AIS_BENCH_DATASETS_CACHE, or ''. */
  cacheDir: string;
  seed: number;
  /** Lengths given in tokens are tokens of this tokenizer. */
  tokenizer: TokenCounter;
  /** The model's `max_out_len`. */
  maxOutTokens: number;
}

/** One type of data set. `O`: its options with every default filled in; `I`: as a task config writes them. */
export interface DatasetType<O, I = unknown> {
  /** Keys are the task config's (snake_case, or the original's own); unknown keys are errors. */
  options: ZodType<O, I>;
  /**
   * Reads or generates the samples, in the order in which they are to be sent.
   * The same options, seed and tokenizer give byte-identical samples on any machine.
   * @throws UserError when data is missing or malformed; the message names file and line.
   */
  load(options: O, context: LoadContext): Promise<Sample[]>;
}
