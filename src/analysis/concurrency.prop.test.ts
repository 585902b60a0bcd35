import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edgesOf, highestLevel, meanLevel, sweep } from './concurrency.ts';
import { definitions } from './definitions.ts';
import { readRequests } from './request-table.ts';
import { runOf } from './run.fixture.ts';

const spans = fc.array(fc.tuple(fc.nat(20), fc.nat(10)), { minLength: 1, maxLength: 12 });
const tableOf = (pairs: [number, number][]) =>
  readRequests(
    runOf(pairs.map(([sent, length], index) => ({ index, sent, end: sent + length, events: [] }))),
    definitions.product,
  );

describe('the level', () => {
  it('is the number of attempts with sent ≤ t < end', () => {
    fc.assert(
      fc.property(spans, (pairs) => {
        const edges = edgesOf(tableOf(pairs));
        const levels = new Map<number, number>();
        sweep(edges, (atMs, level) => levels.set(atMs, level));
        for (const [atMs, level] of levels) {
          expect(level).toBe(pairs.filter(([sent, length]) => sent <= atMs && atMs < sent + length).length);
        }
        const { level, atMs } = highestLevel(edges);
        expect(level).toBe(Math.max(0, ...levels.values()));
        if (level > 0) expect(levels.get(atMs)).toBe(level);
      }),
    );
  });

  it('has the same time average by requests as by steps', () => {
    fc.assert(
      fc.property(spans, fc.nat(20), fc.integer({ min: 1, max: 20 }), (pairs, from, length) => {
        const table = tableOf(pairs);
        let area = 0;
        let previousMs = 0;
        let previous = 0;
        sweep(edgesOf(table), (atMs, level) => {
          area += previous * Math.max(0, Math.min(atMs, from + length) - Math.max(previousMs, from));
          previousMs = atMs;
          previous = level;
        });
        expect(meanLevel(table, from, from + length)).toBeCloseTo(area / length, 9);
      }),
    );
  });
});
