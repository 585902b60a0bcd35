import { expect, it } from 'vitest';
import { createPrefixCache } from './prefix-cache.ts';

const text = (...parts: [from: number, to: number][]) =>
  parts.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => `w${from + i}`)).join(' ');

it('finds whole blocks from the start of the prompt on, never the whole prompt', () => {
  const cache = createPrefixCache(4);
  expect(cache.take(text([0, 10]))).toBe(0);
  expect(cache.take(text([0, 10]))).toBe(8);
  // A block in part is not there; the same block behind another one is another block.
  expect(cache.take(text([0, 7], [90, 95]))).toBe(4);
  expect(cache.take(text([4, 8], [4, 8]))).toBe(0);
  // Two whole blocks: the last token has to be computed, and with it its block.
  expect(cache.take(text([0, 8]))).toBe(4);
  expect(cache.take('')).toBe(0);
});

it('finds nothing when there is no cache', () => {
  const cache = createPrefixCache(0);
  expect([cache.take('a b c'), cache.take('a b c')]).toEqual([0, 0]);
});
