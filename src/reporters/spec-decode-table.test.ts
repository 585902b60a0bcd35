import { describe, expect, it } from 'vitest';
import type { SpecDecodeReading } from '../core/spec-decode.ts';
import { readSpecDecodeFile, serviceAt, specDecodeFile } from './spec-decode-table.ts';

const reading: SpecDecodeReading = {
  url: 'https://h/llm/metrics',
  service: 'h:443/llm',
  figures: {
    drafts: 8,
    draftTokens: 16,
    acceptedTokens: 4,
    acceptanceRate: 0.25,
    acceptanceLength: 1.5,
    perPosition: [2, 10].map((position) => ({ position, rate: 1 / position })),
  },
  problem: null,
  parts: [],
};
const { parts: _, ...told } = reading;

describe('the file of speculative decoding', () => {
  it('is read back as it was written', () => {
    expect(readSpecDecodeFile(specDecodeFile(reading).content)).toEqual(told);
    const nothing = { ...reading, figures: null, problem: 'no metrics' };
    expect(readSpecDecodeFile(specDecodeFile(nothing).content)).toMatchObject({
      figures: null,
      problem: 'no metrics',
    });
  });

  it.each(['', '[]', '{"url": "x", "error": null, "data": null}', '{"url": "http://h/metrics", "data": 3}'])(
    'is not %j',
    (content) => {
      expect(readSpecDecodeFile(content)).toBeNull();
    },
  );

  it.each([
    ['http://h/metrics', 'h:80'],
    ['http://[::1]:8000/metrics', '[::1]:8000'],
    ['https://h/a/metrics?k=1', 'h:443/a'],
  ])('names the service of %s %s', (url, name) => {
    expect(serviceAt(new URL(url))).toBe(name);
  });
});
