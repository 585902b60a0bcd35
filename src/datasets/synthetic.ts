/** Plug-in: generated prompts of chosen lengths, with or without a shared prefix. */
import { z } from 'zod';
import type { Sample } from '../core/protocol.ts';
import { seededRandom } from '../core/random.ts';
import type { DatasetType, LoadContext } from './dataset.ts';
import { drawLength, LARGEST_COUNT, lengthDistribution } from './length-distribution.ts';
import { singleTokenWords, textOfLength } from './prompt-words.ts';

const stringConfig = z.strictObject({
  Input: lengthDistribution.describe('Length of prompts, in tokens of the tokenizer in use.'),
  Output: lengthDistribution.describe('Length of answers: the `max_tokens` of each request.'),
});

const tokenIdConfig = z
  .strictObject({
    RequestSize: z.int().min(1).max(LARGEST_COUNT).describe('Length of every prompt, in tokens.'),
    PrefixLen: z
      .int()
      .min(0)
      .default(0)
      .describe('The first tokens of every prompt, the same in all; at most `RequestSize`.'),
    VocabSize: z
      .int()
      .min(1)
      .optional()
      .describe('Accepted and without effect: the tokenizer in use says what its vocabulary is.'),
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
        '`string`: lengths drawn at random; `tokenid`: one length, with or without a shared prefix. Upper and lower case are the same.',
      ),
    RequestCount: z.int().min(1).max(LARGEST_COUNT).describe('How many prompts are made.'),
    TrustRemoteCode: z
      .boolean()
      .optional()
      .describe('Accepted and without effect: no code is ever loaded with a tokenizer.'),
    StringConfig: stringConfig.optional().describe('Needed for `Type: "string"`.'),
    TokenIdConfig: tokenIdConfig.optional().describe('Needed for `Type: "tokenid"`.'),
  })
  .superRefine((value, check) => {
    const needed = value.Type === 'string' ? 'StringConfig' : 'TokenIdConfig';
    if (value[needed] === undefined) {
      check.addIssue({ code: 'custom', path: [needed], message: `is needed for Type "${value.Type}"` });
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

function stringSamples({ StringConfig, RequestCount }: Options, context: LoadContext): Sample[] {
  if (StringConfig === undefined) return [];
  const inputs = seededRandom(context.seed, 'synthetic input lengths');
  const outputs = seededRandom(context.seed, 'synthetic output lengths');
  const write = promptWriter([], singleTokenWords(context.tokenizer), context);
  return Array.from({ length: RequestCount }, (_, index) => ({
    id: String(index),
    prompt: write(drawLength(StringConfig.Input, inputs)),
    maxOutTokens: drawLength(StringConfig.Output, outputs),
  }));
}

function tokenIdSamples({ TokenIdConfig, RequestCount }: Options, context: LoadContext): Sample[] {
  if (TokenIdConfig === undefined) return [];
  const { RequestSize, PrefixLen } = TokenIdConfig;
  const words = singleTokenWords(context.tokenizer);
  const random = seededRandom(context.seed, 'synthetic shared prefix');
  const prefix =
    PrefixLen === 0 ? [] : textOfLength(PrefixLen, [], words, context.tokenizer, random).split(' ');
  const write = promptWriter(prefix, words, context);
  return Array.from({ length: RequestCount }, (_, index) => ({
    id: String(index),
    prompt: write(RequestSize),
  }));
}

/** How often a text that was already given out is drawn anew. */
const MOST_REDRAWS = 32;

/** Writes prompts of given lengths, each different from the ones before. */
function promptWriter(
  prefix: readonly string[],
  words: readonly string[],
  { tokenizer, seed }: LoadContext,
): (tokens: number) => string {
  const random = seededRandom(seed, 'synthetic words');
  const given = new Set<string>();
  return (tokens) => {
    let text = textOfLength(tokens, prefix, words, tokenizer, random);
    const mayDiffer = tokens > prefix.length;
    for (let redraw = 0; mayDiffer && given.has(text) && redraw < MOST_REDRAWS; redraw++) {
      text = textOfLength(tokens, prefix, words, tokenizer, random);
    }
    given.add(text);
    return text;
  };
}
