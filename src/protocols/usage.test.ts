import { describe, expect, it } from 'vitest';
import type { Usage } from '../core/protocol.ts';
import { countOf, readUsage } from './usage.ts';

describe('countOf', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [7, 7],
    [7.0, 7],
    ['7', 7],
    [' 12 ', 12],
    ['12.0', 12],
    [2 ** 32 - 2, 2 ** 32 - 2],
    [2 ** 32 - 1, undefined],
    [2 ** 32, undefined],
    [2 ** 53, undefined],
    ['4294967295', undefined],
    [1e308, undefined],
    [-1, undefined],
    [0.5, undefined],
    ['', undefined],
    ['seven', undefined],
    ['0x10', undefined],
    ['-1', undefined],
    [null, undefined],
    [undefined, undefined],
    [true, undefined],
    [[7], undefined],
    [{ value: 7 }, undefined],
  ])('%j is %j', (value, count) => {
    expect(countOf(value)).toBe(count);
  });
});

describe('readUsage', () => {
  const openai = { prompt_tokens: 9, completion_tokens: 4 };
  const both: Usage = { inTokens: 9, outTokens: 4 };
  it.each<[string, object, Usage | undefined]>([
    ['its own place', { usage: openai }, both],
    ['a choice', { choices: [{ index: 0, usage: openai }] }, both],
    ['Groq', { x_groq: { usage: openai } }, both],
    ['SGLang', { meta_info: { ...openai, cached_tokens: 8 } }, { ...both, cachedTokens: 8 }],
    ['a message', { message: { usage: { input_tokens: 9, output_tokens: 4 } } }, both],
    ['llama.cpp', { timings: { prompt_n: 1, cache_n: 8, predicted_n: 4 } }, { ...both, cachedTokens: 8 }],
    ['llama.cpp without a cache', { timings: { prompt_n: 9, predicted_n: 4, predicted_ms: 1.5 } }, both],
    [
      'OpenAI',
      { usage: { ...openai, prompt_tokens_details: { cached_tokens: 8 } } },
      { ...both, cachedTokens: 8 },
    ],
    ['DeepSeek', { usage: { ...openai, prompt_cache_hit_tokens: 8 } }, { ...both, cachedTokens: 8 }],
    [
      'Anthropic',
      { usage: { input_tokens: 1, cache_read_input_tokens: 8, output_tokens: 4 } },
      { ...both, cachedTokens: 8 },
    ],
    ['nobody', { usage: null, choices: [null, 7], timings: [] }, undefined],
  ])('reads the counts of %s', (_, answer, usage) => {
    expect(readUsage(answer as Record<string, unknown>)).toEqual(usage);
  });

  it('reads each count by itself', () => {
    expect(readUsage({ usage: { prompt_tokens: -1, completion_tokens: 4 } })).toEqual({ outTokens: 4 });
    expect(readUsage({ usage: { prompt_tokens: '9', completion_tokens: null } })).toEqual({ inTokens: 9 });
    expect(readUsage({ usage: { completion_tokens: 2 ** 32 }, timings: { predicted_n: 4 } })).toEqual({
      outTokens: 4,
    });
    expect(readUsage({ usage: { prompt_tokens: -1, completion_tokens: 0.5 } })).toBeUndefined();
  });
});
