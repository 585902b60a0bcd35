import { expect, it } from 'vitest';
import { chosen, tools } from './registry.mjs';

const keyOf = (tool) => tool.key;

it('a list picks tools by key, in any case and in their own order; none picks all', () => {
  expect(chosen(tools, 'AISBench, this', keyOf).map(keyOf)).toEqual(['this', 'aisbench']);
  expect(chosen(tools, undefined, keyOf)).toBe(tools);
});

it('an unknown name is an error that tells the known ones', () => {
  expect(() => chosen(tools, 'aiperf,vlm', keyOf)).toThrow(/no vlm; there are this, .*vllm/);
});
