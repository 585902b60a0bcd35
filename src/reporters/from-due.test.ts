import { describe, expect, it } from 'vitest';
import type { RunInfo } from '../core/run.ts';
import { csv } from './csv.ts';
import { json } from './json.ts';
import { documentSummary } from './summary.fixture.ts';

const info = { datasetAbbr: 'demo' } as RunInfo;
const assets = { plotTemplate: '' };
const late = documentSummary.perRequest.slice(0, 2).map((row) => ({
  ...row,
  stats: row.stats.map((stat) => ({ ...stat, value: stat.value + 1 })),
}));

describe('latencies counted from due', () => {
  it('are rows of their own below those of the original, which stay as they are', () => {
    const plain = String(csv(documentSummary, info, null, assets).content);
    const text = String(csv({ ...documentSummary, fromDue: late }, info, null, assets).content);
    expect(text.startsWith(plain)).toBe(true);
    expect(text.slice(plain.length).split('\n')).toEqual([
      expect.stringMatching(/^E2EL from due,stable,3048\.2945 ms,.*,8$/),
      expect.stringMatching(/^TTFT from due,stable,1050\.332 ms,.*,8$/),
      '',
    ]);
  });

  it('come after the common metrics in the json', () => {
    const plain = JSON.parse(String(json(documentSummary, info, null, assets).content));
    const table = JSON.parse(String(json({ ...documentSummary, fromDue: late }, info, null, assets).content));
    expect(table).toEqual({
      ...plain,
      'Average E2EL from due': { stable: '3048.2945 ms' },
      'Average TTFT from due': { stable: '1050.332 ms' },
    });
    expect(Object.keys(table).slice(0, -2)).toEqual(Object.keys(plain));
  });
});
