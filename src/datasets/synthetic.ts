/** Plug-in: generated prompts of chosen lengths, with or without a shared prefix. */
import { z } from 'zod';
import type { Sample } from '../core/protocol.ts';
import { seededRandom } from '../core/random.ts';
import type { DatasetType, LoadContext } from './dataset.ts';
import { drawLength, lengthDistribution, MAX_COUNT } from './text/length-distribution.ts';
import { singleTokenWords, type TextSource, textOfLength } from './text/prompt-words.ts';
import { sharedPrefixes } from './text/shared-prefixes.ts';

const stringConfig = z.strictObject({
  Input: lengthDistribution.describe('Length of prompts, in tokens of the tokenizer in use.'),
  Output: lengthDistribution.describe('Length of answers: the `max_tokens` of each request.'),
});

const tokenIdConfig = z
  .strictObject({
    RequestSize: z.int().min(1).max(MAX_COUNT).describe('Length of every prompt, in tokens.'),
    PrefixLen: z
      .int()
      .min(0)
      .default(0)
      .describe('The first tokens of every prompt, the same in all; at most `RequestSize`.'),
    VocabSize: z
      .int()
      .min(1)
      .optional()
      .describe('Accepted but ignored: the tokenizer in use says what its vocabulary is.'),
  })
  .refine((c) => c.PrefixLen <= c.RequestSize, {
    path: ['PrefixLen'],
    error: 'PrefixLen must not be above RequestSize',
  });

/** Keys are the original's. The part that `Type` does not name may be there; it is checked, not used. */
const options = z
  .strictObject({
    Type: z
      .string()
      .transform((type) => type.toLowerCase())
      .pipe(z.enum(['string', 'tokenid']))
      .describe(
        '`string`: lengths drawn at random; `tokenid`: one length, with or without a shared prefix. Case does not matter.',
      ),
    RequestCount: z.int().min(1).max(MAX_COUNT).describe('How many prompts are made.'),
    TrustRemoteCode: z
      .boolean()
      .optional()
      .describe('Accepted but ignored: no code is ever loaded with a tokenizer.'),
    PrefixCacheHitRate: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe(
        'Fraction of all prompt tokens that an unlimited prefix cache finds; 0: nothing beyond `PrefixLen` is repeated on purpose.',
      ),
    PrefixCacheBlock: z
      .int()
      .min(1)
      .max(MAX_COUNT)
      .default(16)
      .describe('Tokens in a block of the prefix cache that `PrefixCacheHitRate` is meant for.'),
    StringConfig: stringConfig.optional().describe('Needed for `Type: "string"`.'),
    TokenIdConfig: tokenIdConfig.optional().describe('Needed for `Type: "tokenid"`.'),
  })
  .superRefine((value, check) => {
    const needed = value.Type === 'string' ? 'StringConfig' : 'TokenIdConfig';
    if (value[needed] === undefined) {
      check.addIssue({ code: 'custom', path: [needed], message: `is needed for Type "${value.Type}"` });
    }
    if (value.PrefixCacheHitRate > 0 && value.Type === 'tokenid' && value.TokenIdConfig?.PrefixLen) {
      const message = 'cannot be combined with PrefixLen, because each sets how much is repeated';
      check.addIssue({ code: 'custom', path: ['PrefixCacheHitRate'], message });
    }
  });
type Options = z.output<typeof options>;

/**
 * Random words, seeded. Lengths are tokens of the tokenizer in use, exactly. Beyond the shared prefix no
 * prompt begins like another but by chance, and no two are equal unless nearly every text of so few
 * tokens has been given out (there are 4,096 of one token).
 */
export const synthetic: DatasetType<Options, z.input<typeof options>> = {
  options,
  async load(config, context) {
    return config.Type === 'string' ? stringSamples(config, context) : tokenIdSamples(config, context);
  },
};

function stringSamples(config: Options, context: LoadContext): Sample[] {
  const { StringConfig, RequestCount } = config;
  if (StringConfig === undefined) return [];
  const inputs = seededRandom(context.seed, 'synthetic input lengths');
  const outputs = seededRandom(context.seed, 'synthetic output lengths');
  const lengths = Array.from({ length: RequestCount }, () => drawLength(StringConfig.Input, inputs));
  return promptsOf(lengths, 0, config, context).map((row, index) => ({
    id: String(index),
    ...row,
    maxOutTokens: drawLength(StringConfig.Output, outputs),
  }));
}

function tokenIdSamples(config: Options, context: LoadContext): Sample[] {
  const { TokenIdConfig, RequestCount } = config;
  if (TokenIdConfig === undefined) return [];
  const { RequestSize, PrefixLen } = TokenIdConfig;
  const lengths = Array.from({ length: RequestCount }, () => RequestSize);
  return promptsOf(lengths, PrefixLen, config, context).map((row, index) => ({
    id: String(index),
    ...row,
  }));
}

/**
 * Prompts of the given lengths; all share `prefixTokens`, or as much as the hit rate asks. Other options
 * give other texts: a service's cache may still hold the prompts of the task before.
 */
function promptsOf(
  lengths: readonly number[],
  prefixTokens: number,
  config: Options,
  context: LoadContext,
): Pick<Sample, 'prompt' | 'sharedWords'>[] {
  const { PrefixCacheHitRate: rate, PrefixCacheBlock: blockTokens } = config;
  const random = seededRandom(context.seed, `synthetic words ${JSON.stringify(config)}`);
  const { tokenizer } = context;
  const source = { words: singleTokenWords(tokenizer), tokenizer, random };
  const shared = rate > 0 ? sharedPrefixes(lengths, { rate, blockTokens }) : lengths.map(() => prefixTokens);
  const longest = shared.reduce((most, n) => Math.max(most, n), 0);
  const prefix = longest === 0 ? [] : textOfLength(longest, [], source).split(' ');
  const write = promptWriter(prefix, source);
  return lengths.map((tokens, i) => ({
    prompt: write(tokens, shared[i]),
    sharedWords: Math.min(shared[i], prefix.length),
  }));
}

/** How often a text that was already given out is drawn anew. */
const MAX_REDRAWS = 32;

/**
 * Writes prompts of given lengths, each different from the ones before, whose first `shared` tokens are
 * the prefix's. The word behind them is not the prefix's next one, nor one that stood there before, as
 * long as there are words left: so nothing more is shared by chance.
 */
function promptWriter(
  prefix: readonly string[],
  source: TextSource,
): (tokens: number, shared: number) => string {
  const { words, random } = source;
  const given = new Set<string>();
  const forks = new Map<number, Set<string>>();

  function fork(at: number): string {
    const taken = forks.get(at) ?? new Set(prefix.slice(at, at + 1));
    forks.set(at, taken);
    let word = words[random.int(0, words.length - 1)];
    for (let redraw = 0; taken.has(word) && redraw < MAX_REDRAWS; redraw++) {
      word = words[random.int(0, words.length - 1)];
    }
    taken.add(word);
    return word;
  }

  return (tokens, shared) => {
    const mayDiffer = tokens > shared;
    const draw = () =>
      textOfLength(
        tokens,
        mayDiffer ? [...prefix.slice(0, shared), fork(shared)] : prefix.slice(0, shared),
        source,
      );
    let text = draw();
    for (let redraw = 0; mayDiffer && given.has(text) && redraw < MAX_REDRAWS; redraw++) text = draw();
    given.add(text);
    return text;
  };
}
