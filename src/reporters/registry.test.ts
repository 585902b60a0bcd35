import { describe, expect, it } from 'vitest';
import { runOf, workedExample } from '../analysis/run.fixture.ts';
import { summarize } from '../analysis/summarize.ts';
import { DATA_PLACEHOLDER } from './page.ts';
import { reporters } from './registry.ts';

const assets = { plotTemplate: `<script>${DATA_PLACEHOLDER}</script>` };

describe.each(Object.entries(reporters))('reporter %s', (_name, reporter) => {
  it('gives the same bytes when the same records are read again, however they are batched', () => {
    const fileOf = (rowsPerBatch: number) => {
      const run = runOf(workedExample, {}, rowsPerBatch);
      const options = {
        summarizer: 's',
        window: 'stable_stage',
        rule: 'document',
        definitions: 'product',
        profile: 'default',
      } as const;
      return reporter(summarize(run, { ...options, statsList: ['Average'] }), run.info, run.end, assets);
    };
    const file = fileOf(6);
    expect(file.ending).toMatch(/^[._]/);
    expect(fileOf(2)).toEqual(file);
  });
});
