import { expect, it } from 'vitest';
import { batchOf, type PlainRecord } from '../../../core/records.ts';
import type { SimTruth, TruthRequest } from '../../../sim/truth.ts';
import { stampErrors } from './stamp-errors.ts';

const BASE_NS = 9_007_199_254_740_993_000n;

const truthOf = (tokensMs: Record<string, number[]>): SimTruth => ({
  baseMonotonicNs: String(BASE_NS),
  engine: { steps: 0, meanLateMs: 0, maxLateMs: 0, slippedMs: 0 },
  dropped: 0,
  requests: Object.entries(tokensMs).map(([id, ms]) => {
    const tokenNs = ms.map((t) => t * 1e6);
    return { id, tokenNs, firstTokenNs: tokenNs[0] } as TruthRequest;
  }),
});

const record = (responseId: string, sent: number, stamps: number[]): PlainRecord => ({
  index: 0,
  sent,
  end: 1000,
  events: [[sent + 0.1, 'role'], ...stamps.map((ms): [number, 'text'] => [ms, 'text']), [1000, 'done']],
  note: { responseId },
});

it('compares token by token on the common clock, without the start', () => {
  // The client's time zero is 50 ms after the service's.
  const truth = truthOf({ a: [100, 200, 300], b: [150, 250, 350], c: [1, 2] });
  const batch = batchOf([
    record('b', 10, [101, 202, 301]),
    record('a', 0, [51, 150.5, 252]),
    record('c', 0, [51]),
    record('unknown', 0, [7]),
  ]);
  const found = stampErrors([batch], truth, BASE_NS + 50_000_000n, 200);
  expect(found).toMatchObject({ tokens: 8, unmatched: 2 });
  expect([...found.errorsMs].map((ms) => Math.round(ms * 1000) / 1000)).toEqual([2, 1, 2]);
});
