import { expect, it } from 'vitest';
import { runOf, streamed } from '../../src/analysis/run.fixture.ts';
import { summarize } from '../../src/analysis/summarize.ts';
import type { PlainRecord } from '../../src/core/records.ts';

const STALL_S = { from: 100, to: 200 };
const SERVICE_S = 0.001;
const PER_S = 100;

/** E2EL in s by statistic, of requests sent at these moments, each of which waits for the end of the stall. */
function e2el(sentS: readonly number[]) {
  const records = sentS.map((sent, i) => {
    const start = sent >= STALL_S.from && sent < STALL_S.to ? STALL_S.to : sent;
    return streamed(i, [sent, start + SERVICE_S], 1, 1);
  });
  const { perRequest } = summarize(runOf(records, {}, 1000), {
    summarizer: '',
    window: 'total',
    rule: 'document',
    definitions: 'product',
    profile: 'default',
    statsList: ['Average', 'P75', 'P99', 'Max'],
  });
  const { stats } = perRequest.find(({ name }) => name === 'E2EL')!;
  return Object.fromEntries(stats.map(({ name, value }) => [name, value]));
}

// Tene's example of coordinated omission: 100 requests/s of 1 ms each, and the service stands still for 100 s.
it('O14: an open loop shows a stall to every request that met it', () => {
  const found = e2el(Array.from({ length: STALL_S.to * PER_S }, (_, i) => i / PER_S));
  expect(found.Average).toBeCloseTo(25.0035, 6);
  expect(found.P75).toBeCloseTo(50, 1);
  expect(found.P99).toBeCloseTo(98, 1);
  expect(found.Max).toBeCloseTo(100.001, 6);
});

it('O14: a closed loop of one client meets it once', () => {
  const found = e2el(Array.from({ length: STALL_S.from * PER_S + 1 }, (_, i) => i / PER_S));
  expect(found.Average).toBeCloseTo((10_001 * 0.001 + 100) / 10_001, 6);
  expect(found.P99).toBeCloseTo(0.001, 6);
  expect(found.Max).toBeCloseTo(100.001, 6);
});

// A role chunk, reasoning, content, then the usage chunk late: only generated output is a first or last token.
it.each([
  ['product', 0.1, 0.5],
  ['upstream', 0.001, 0.75],
] as const)('O17: under %s definitions TTFT is %d s and E2EL %d s', (name, ttftS, e2elS) => {
  const record: PlainRecord = {
    index: 0,
    sent: 0,
    end: 800,
    inTokens: 10,
    outTokens: 3,
    events: [
      [1, 'role'],
      [100, 'reasoning'],
      [300, 'text'],
      [500, 'text'],
      [750, 'usage'],
      [800, 'done'],
    ],
  };
  const { perRequest } = summarize(runOf([record]), {
    summarizer: '',
    window: 'total',
    rule: 'document',
    definitions: name,
    profile: 'default',
    statsList: ['Average'],
  });
  const average = (metric: string) => perRequest.find((row) => row.name === metric)!.stats[0].value;
  expect(average('TTFT')).toBeCloseTo(ttftS, 9);
  expect(average('E2EL')).toBeCloseTo(e2elS, 9);
});
