/** Random lengths in tokens: uniform, Gaussian and Zipf, between a smallest and a largest value. */
import { z } from 'zod';
import type { Random } from '../../core/random.ts';

/** 2^20: the most requests and the longest text that the original accepts. */
export const MAX_COUNT = 1_048_576;

const length = z.int().min(1).max(MAX_COUNT);
const range = {
  MinValue: length.describe('The shortest length; what is drawn below it becomes it.'),
  MaxValue: length.describe('The longest length, included.'),
};
const methodMeaning = 'The law that lengths are drawn from.';
const paramsMeaning = 'Its parameters.';
const inOrder = (p: { MinValue: number; MaxValue: number }) => p.MinValue <= p.MaxValue;
const notInOrder = { error: 'MinValue must not be above MaxValue' };

/** Keys and limits are the original's, so that values written for it carry over. */
export const lengthDistribution = z.discriminatedUnion('Method', [
  z.strictObject({
    Method: z.literal('uniform').describe(methodMeaning),
    Params: z.strictObject(range).refine(inOrder, notInOrder).describe(paramsMeaning),
  }),
  z.strictObject({
    Method: z.literal('gaussian').describe(methodMeaning),
    Params: z
      .strictObject({
        ...range,
        Mean: z.number().min(-3e38).max(3e38).describe('Gaussian: the mean.'),
        Var: z.number().min(0).describe('Gaussian: the variance.'),
      })
      .refine(inOrder, notInOrder)
      .describe(paramsMeaning),
  }),
  z.strictObject({
    Method: z.literal('zipf').describe(methodMeaning),
    Params: z
      .strictObject({
        ...range,
        Alpha: z
          .number()
          .gt(1)
          .max(10)
          .describe('Zipf: the exponent; the larger, the more lengths are short.'),
      })
      .refine(inOrder, notInOrder)
      .describe(paramsMeaning),
  }),
]);
export type LengthDistribution = z.infer<typeof lengthDistribution>;

/** Draws one length. Both ends of a uniform range are drawn; a Gaussian is rounded, then clipped, as Zipf is. */
export function drawLength(distribution: LengthDistribution, random: Random): number {
  const { MinValue, MaxValue } = distribution.Params;
  const clip = (value: number) => Math.min(Math.max(value, MinValue), MaxValue);
  switch (distribution.Method) {
    case 'uniform':
      return random.int(MinValue, MaxValue);
    case 'gaussian': {
      const { Mean, Var } = distribution.Params;
      return clip(Math.round(Mean + Math.sqrt(Var) * random.normal()));
    }
    case 'zipf':
      return clip(drawZipf(distribution.Params.Alpha, random));
  }
}

/**
 * A whole number k ≥ 1 with probability proportional to k^−alpha, by rejection from a Pareto law
 * (L. Devroye, Non-Uniform Random Variate Generation, 1986, section X.6.1). Values above 2^53, which
 * an alpha close to 1 brings often, come out as 2^53.
 */
export function drawZipf(alpha: number, random: Random): number {
  const a = alpha - 1;
  const bLess1 = Math.expm1(a * Math.LN2);
  for (;;) {
    const u = 1 - random.next();
    const v = random.next();
    const k = Math.min(Math.floor(u ** (-1 / a)), Number.MAX_SAFE_INTEGER);
    // t = (1 + 1/k)^a, less 1: with a large k the plain difference would lose every digit.
    const tLess1 = Math.expm1(a * Math.log1p(1 / k));
    if ((v * k * tLess1) / bLess1 <= (tLess1 + 1) / (bLess1 + 1)) return k;
  }
}
