import { describe, expect, it } from 'vitest';
import { definitions } from '../definitions.ts';
import { readRequests } from '../request-table.ts';
import { runOf, streamed } from '../run.fixture.ts';
import { cohortOf } from './latencies.ts';
import { fittedChange, leastLength, superPassesOf, variationOf } from './super-passes.ts';

it('cuts the requests of the window into whole blocks in the order of sending', () => {
  // Request i is sent at i seconds and has a TPOT of i + 1 tenths of a second; the one of 0 s is before the window.
  const records = Array.from({ length: 9 }, (_, i) => streamed(i, [i, i + 1, i + 1 + (i + 1) / 10], 2, 10));
  const table = readRequests(runOf(records.reverse()), definitions.product);
  const passes = superPassesOf(table, cohortOf(table, 0, 8000), 3);
  // Blocks of 0.2 0.3 0.4 and 0.5 0.6 0.7 s; two requests are left over.
  expect(passes.tpotP50Us).toEqual([300_000, 600_000]);
  expect(passes.tpotP90Us.map(Math.round)).toEqual([380_000, 680_000]);
  expect(passes.spanMs).toEqual([2000, 2000]);
});

it('variation and fitted change, worked by hand', () => {
  expect(variationOf([1, 2, 3])).toBe(0.5);
  // Slope 1 over three steps, median 2.5.
  expect(fittedChange([1, 2, 3, 4])).toBeCloseTo(1.2, 12);
  expect(fittedChange([4, 4, 4])).toBe(0);
});

describe('leastLength', () => {
  const passes = (tpotP50Us: number[]) => ({
    tpotP50Us,
    tpotP90Us: tpotP50Us,
    spanMs: tpotP50Us.map(() => 60_000),
  });

  it.each([
    // Variation 0.05: (1.96 · 0.05/0.05)² = 3.8, no more than the four a trend needs.
    ['the floor', [95, 100, 105], 100, 600],
    ['5 times the P99 of E2EL', [95, 100, 105], 130, 650],
    // Variation 0.1: 15.4, so 16 blocks of 60 s.
    ['16 super-passes for ± 5 % of TPOT', [90, 100, 110], 130, 960],
  ])('%s', (why, tpot, e2elP99S, seconds) => {
    expect(leastLength(passes(tpot), e2elP99S)).toEqual({ seconds, why });
  });
});
