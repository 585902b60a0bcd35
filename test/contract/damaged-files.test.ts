import { describe, expect, it } from 'vitest';
import { cases } from '../../src/core/cases.fixture.ts';
import { damagedFiles } from '../redteam/damaged-files.ts';

describe('damaged files', () => {
  it('are read as they were written, or refused: never changed without a word, and never for ever', async () => {
    const { failures, tried, survived } = await damagedFiles(cases(238), 20_261_127);
    expect(failures).toEqual([]);
    expect(survived).toBe(tried);
  }, 120_000);
});
