/** The meta file beside a custom data set: how many rows, in which order, with which output lengths. */
import { z } from 'zod';
import { EXIT, UserError } from '../../core/errors.ts';
import { type Random, shuffled } from '../../core/random.ts';
import { MAX_COUNT } from '../text/length-distribution.ts';

const count = z.int().min(1).max(MAX_COUNT);
const countOrText = z.union([count, z.string().regex(/^\d+$/).transform(Number).pipe(count)]);

const uniformOutput = z.strictObject({
  method: z.literal('uniform'),
  params: z
    .strictObject({ min_value: count, max_value: count })
    .refine((p) => p.min_value <= p.max_value, { error: 'min_value must not be above max_value' }),
});

const percentageOutput = z.strictObject({
  method: z.literal('percentage'),
  params: z.strictObject({
    /** [tokens, share] pairs; the shares add up to 1. */
    percentage_distribute: z
      .array(z.tuple([count, z.number().gt(0).max(1)]))
      .min(1)
      .refine((pairs) => Math.abs(pairs.reduce((sum, [, share]) => sum + share, 0) - 1) < 1e-9, {
        error: 'the fractions must add up to 1',
      }),
  }),
});

const customMeta = z.strictObject({
  request_count: countOrText.optional(),
  sampling_mode: z.enum(['default', 'random', 'shuffle']).default('default'),
  output_config: z.discriminatedUnion('method', [uniformOutput, percentageOutput]).optional(),
});
export type CustomMeta = z.infer<typeof customMeta>;

/** Reads a meta file's text. @throws UserError that lists every mistake in it. */
export function parseMeta(text: string, file: string): CustomMeta {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError(EXIT.usage, `${file}: is not JSON (${(cause as Error).message})`, { cause });
  }
  const result = customMeta.safeParse(value);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map((i) => `  ${i.path.join('.') || 'the file'}: ${i.message}`);
  throw new UserError(EXIT.usage, `${file}:\n${mistakes.join('\n')}`, {
    hint: 'Allowed keys: request_count, sampling_mode (default, random, shuffle), output_config {method, params}.',
  });
}

/**
 * Which row each request takes. More requests than rows: the rows repeat in a cycle. `default` keeps
 * the order, `shuffle` mixes the first `request_count`, `random` picks that many without putting back.
 */
export function pickRows(rows: number, meta: CustomMeta, random: Random): number[] {
  const wanted = meta.request_count ?? rows;
  const pool = Array.from({ length: Math.max(wanted, rows) }, (_, i) => i % rows);
  if (meta.sampling_mode === 'random') return shuffled(pool, random).slice(0, wanted);
  const first = pool.slice(0, wanted);
  return meta.sampling_mode === 'shuffle' ? shuffled(first, random) : first;
}

/**
 * Output lengths in tokens for `requests` requests. Shares are served in their order, whole requests
 * each; what rounding leaves over gets the last length.
 */
export function outputLengths(
  config: NonNullable<CustomMeta['output_config']>,
  requests: number,
  random: Random,
): number[] {
  if (config.method === 'uniform') {
    const { min_value, max_value } = config.params;
    return Array.from({ length: requests }, () => random.int(min_value, max_value));
  }
  const pairs = config.params.percentage_distribute;
  // The small term keeps 0.29 * 100 = 28.999… from losing a request.
  const lengths = pairs.flatMap(([tokens, share]) =>
    new Array<number>(Math.floor(share * requests + 1e-9)).fill(tokens),
  );
  const last = pairs[pairs.length - 1][0];
  return [...lengths, ...new Array<number>(Math.max(0, requests - lengths.length)).fill(last)];
}
