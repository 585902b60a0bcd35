import { describe, expect, it } from 'vitest';
import { summarizeOptions as options, runOf } from './run.fixture.ts';
import { summarize } from './summarize.ts';

const records = [0, 1, 2].map((index) => ({
  index,
  sent: index,
  end: index + 9,
  inTokens: 10,
  outTokens: 1,
  events: [[index + 5, 'text'] as [number, 'text']],
}));

describe('CachedTokens', () => {
  it('is a row over the requests whose cached tokens are known', () => {
    const [first, second, third] = records;
    const run = runOf([{ ...first, cachedTokens: 0 }, { ...second, cachedTokens: 8 }, third]);
    expect(summarize(run, options).perRequest.at(-1)).toMatchObject({
      name: 'CachedTokens',
      unit: 'tokens',
      n: 2,
      stats: [{ value: 4 }, { value: 8 }],
    });
  });

  it('is no row when no service said any', () => {
    const names = summarize(runOf(records), options).perRequest.map(({ name }) => name);
    expect(names).not.toContain('CachedTokens');
  });
});
