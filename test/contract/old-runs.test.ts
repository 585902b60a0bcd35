import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { summarize } from '../../src/analysis/summarize.ts';
import type { RecordedRun } from '../../src/core/run.ts';
import { summaryJson } from '../../src/reporters/summary-json.ts';
import { readDetailsH5 } from '../../src/store/read-details-h5.ts';

const runs = join(import.meta.dirname, '../fixtures/runs');

/** Of the texts only those that programs read: sentences may become better ones. */
const NAMES = new Set(['name', 'unit', 'result', 'metric', 'throughput', 'latency', 'stage']);
const withoutSentences = (key: string, value: unknown) =>
  typeof value === 'string' && !NAMES.has(key) ? '' : value;

const before = readFileSync(join(runs, 'version-0.1.0_summary.json'), 'utf8');
const { format, ...old } = JSON.parse(before);

/** What version 0.1.0 said of its own run, in the words of today. */
function expectedSummary(): unknown {
  const text = JSON.stringify({ schema_version: 2, ...old });
  const renamed = text.replaceAll('utilisation', 'utilization').replaceAll('"waves":', '"cycles":');
  return JSON.parse(renamed, withoutSentences);
}

describe('a run that version 0.1.0 recorded', () => {
  it('is recalculated to the same numbers', async () => {
    expect(format).toBe(1);
    const run = (await readDetailsH5(join(runs, 'version-0.1.0.h5'))) as RecordedRun;
    const { name, rule, definitions, profile, stats_list: statsList } = old.summarizer;
    const options = {
      summarizer: name,
      window: 'stable_stage',
      rule,
      definitions,
      profile,
      statsList,
    } as const;
    const { content } = summaryJson(summarize(run, options), run.info, run.end, { plotTemplate: '' });
    expect(JSON.parse(String(content), withoutSentences)).toEqual(expectedSummary());
  });
});
