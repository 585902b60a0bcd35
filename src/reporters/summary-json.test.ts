import { describe, expect, it } from 'vitest';
import { info, runEnd } from '../analysis/run.fixture.ts';
import { documentSummary } from './summary.fixture.ts';
import { summaryJson } from './summary-json.ts';

const assets = { plotTemplate: '' };

describe('summary json', () => {
  it('holds SI units at full precision', () => {
    const file = summaryJson(documentSummary, info, runEnd, assets);
    const parsed = JSON.parse(file.content as string);
    expect(file.ending).toBe('_summary.json');
    expect(parsed.common['Benchmark Duration']).toEqual({ unit: 's', value: 19.8978505 });
    expect(parsed.per_request.E2EL).toMatchObject({ unit: 's', n: 8, Average: 2.0482945 });
    expect(parsed.window).toEqual({ start_s: 1, end_s: 20.8978505, t1_s: 0, t2_s: 1, t4_s: 20.8978505 });
    expect(parsed.run.warmup).toMatchObject({ total: 0, filled_over_s: null, fillers: null });
    expect(parsed.run).toMatchObject({ started_at: '2025-06-15T15:06:40.000Z', seed: 0, complete: true });
  });

  it('says how the slots were filled before the run', () => {
    const filled = { ...info, warmup: { ...info.warmup, filledOverMs: 4130 } };
    const file = summaryJson(documentSummary, filled, { ...runEnd, fillers: 17 }, assets);
    expect(JSON.parse(file.content as string).run.warmup).toEqual({
      ...info.warmup,
      filled_over_s: 4.13,
      fillers: 17,
    });
  });

  it('stays JSON when numbers do not exist and the run was killed', () => {
    const broken = {
      ...documentSummary,
      window: null,
      meanLevel: null,
      common: [
        { name: 'a', unit: 'ratio', value: Number.NaN } as const,
        { name: 'b', unit: 'ratio', value: Number.POSITIVE_INFINITY } as const,
      ],
    };
    const parsed = JSON.parse(summaryJson(broken, info, null, assets).content as string);
    expect(parsed.common).toEqual({ a: { unit: 'ratio', value: null }, b: { unit: 'ratio', value: null } });
    expect(parsed.run).toMatchObject({ complete: false, issued: null, end_s: null });
    expect(parsed.window).toBeNull();
  });
});
