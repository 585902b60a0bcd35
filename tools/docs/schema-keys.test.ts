import { expect, it } from 'vitest';
import { z } from 'zod';
import { keysOf } from './schema-keys.ts';

it('keysOf names nested keys, those of every alternative, ranges, defaults, and what has no meaning', () => {
  const size = z.int().min(1).max(9);
  const schema = z.strictObject({
    law: z
      .discriminatedUnion('name', [
        z.strictObject({ name: z.literal('even'), size: size.describe('How big.') }),
        z.strictObject({ name: z.literal('bell'), size: size.describe('How big.'), mean: z.number().gt(1) }),
      ])
      .describe('The law.'),
    turns: z
      .array(z.strictObject({ role: z.string() }))
      .max(3)
      .optional()
      .describe('The turns.'),
    loud: z
      .preprocess((v) => v === 'yes', z.boolean())
      .default(false)
      .describe('How loud.'),
  });
  expect(keysOf(schema)).toEqual([
    { path: 'law', type: 'object', fallback: 'required', meaning: 'The law.' },
    { path: 'law.name', type: '`"even"`, `"bell"`', fallback: 'required', meaning: '' },
    { path: 'law.size', type: 'whole number from 1 to 9', fallback: 'required', meaning: 'How big.' },
    { path: 'law.mean', type: 'number above 1', fallback: 'required', meaning: '' },
    { path: 'turns', type: 'list of 0 to 3: object', fallback: '', meaning: 'The turns.' },
    { path: 'turns[].role', type: 'text', fallback: 'required', meaning: '' },
    { path: 'loud', type: 'true or false', fallback: '`false`', meaning: 'How loud.' },
  ]);
});
