import { describe, expect, it } from 'vitest';
import type { PlainRecord } from '../../core/records.ts';
import { definitions } from '../definitions.ts';
import { readRequests } from '../request-table.ts';
import { runOf, spanning, workedExample } from '../run.fixture.ts';
import { stageRules } from './registry.ts';
import { total } from './total.ts';
import { isNoWindow, type WindowRule } from './window.ts';

/** Window in seconds and member indices, or the reason why there is none. */
function pick(rule: WindowRule, records: PlainRecord[], maximum: number) {
  const table = readRequests(runOf(records), definitions.product);
  const found = rule(table, maximum, null);
  if (isNoWindow(found)) return found.reason;
  const { interval, members } = found;
  return {
    window: [interval.startMs / 1000, interval.endMs / 1000],
    members: [...members].map((row) => table.index[row]),
  };
}
const spans = (...pairs: [number, number][]) => pairs.map(([start, end], i) => spanning(i, start, end));
const failed = (index: number, start: number, end: number): PlainRecord => ({
  index,
  sent: start * 1000,
  end: end * 1000,
  outcome: 'http',
  status: 503,
  events: [],
});

/** C slots, W waves of length E s, slot k starting k·stagger s late. */
function lockStep(slots: number, waves: number, length: number, stagger: number): PlainRecord[] {
  return Array.from({ length: slots * waves }, (_, i) => {
    const start = (i % slots) * stagger + Math.floor(i / slots) * length;
    return spanning(i, start, start + length);
  });
}

describe('O21: stable_upstream', () => {
  const rule = stageRules.upstream;

  it('agrees with the unit tests of AISBench', () => {
    expect(pick(rule, spans([1, 3.5], [2, 5.5], [4, 7], [6, 9]), 2)).toEqual({
      window: [4, 6],
      members: [2, 3],
    });
    expect(pick(rule, spans([1, 3], [2, 4], [3.5, 6], [5, 7], [8, 9]), 2)).toEqual({
      window: [3.5, 5],
      members: [2, 3],
    });
    expect(pick(rule, spans([1, 3], [2, 4]), 2)).toMatch(/only one request/);
    expect(pick(rule, spans([1, 2]), 1)).toMatch(/only one request/);
    expect(pick(rule, workedExample, 2)).toEqual({ window: [10.55, 11], members: [2, 3, 4] });
  });

  it('keeps storage order at equal times', () => {
    // Stored so, the end at 2 comes before the start at 2 and the level stays at 1.
    expect(pick(rule, spans([0, 2], [2, 4], [4, 6]), 1)).toEqual({ window: [2, 4], members: [1, 2] });
    // Stored the other way round, starts come first: the level jumps over 1 and is there again by an end.
    expect(pick(rule, spans([4, 6], [2, 4], [0, 2]), 1)).toMatch(/only one request/);
  });

  it('does not see failures', () => {
    const records = [...spans([0, 2], [2, 4], [4, 6]), failed(3, 0.5, 5.5)];
    expect(pick(rule, records, 1)).toEqual({ window: [2, 4], members: [1, 2] });
    expect(pick(rule, records, 2)).toMatch(/exactly 2; the highest concurrency of all was 2/);
  });
});

describe('upstream-3.1, the rule of the released AISBench 3.1', () => {
  const rule = stageRules['upstream-3.1'];

  it('closes at the first end after the last start', () => {
    expect(pick(rule, spans([1, 3.5], [2, 5.5], [4, 7], [6, 9]), 2)).toEqual({
      window: [4, 7],
      members: [2, 3],
    });
    expect(pick(rule, spans([0, 2], [2, 4], [4, 6]), 1)).toEqual({ window: [2, 6], members: [1, 2] });
  });

  it('agrees with the document on whole waves, which the rule of the main branch does not', () => {
    const run = lockStep(32, 4, 4.13, 0.001);
    const lengthOf = (name: keyof typeof stageRules) => {
      const found = pick(stageRules[name], run, 32);
      if (typeof found === 'string') throw new Error(found);
      return found.window[1] - found.window[0];
    };
    expect(lengthOf('upstream-3.1')).toBeCloseTo(lengthOf('document'), 1);
    expect(lengthOf('upstream-3.1') - lengthOf('upstream')).toBeCloseTo(4.13, 1);
  });

  it('ends early when the level falls below 98 % and stays there for 1 ms', () => {
    const gap = spans([0, 2], [0.1, 4], [2.0005, 4], [6, 8], [6.1, 9], [8.5, 10]);
    expect(pick(rule, gap, 2)).toEqual({ window: [2.0005, 4], members: [2] });
    // 100 slots, of which one ends every second from 10 s on; the third to fifth end are not made good at once.
    const full = Array.from({ length: 100 }, (_, i): [number, number] => [i * 0.001, 10 + i]);
    const refilled: [number, number][] = [10.5, 11.5, 12.5].map((at) => [at, 300]);
    const members = [100, 101, 102];
    expect(pick(rule, spans(...full, ...refilled, [15.5, 300]), 100)).toEqual({
      window: [10.5, 15],
      members,
    });
    const atOnce = spans(...full, ...refilled, [15.0005, 300], [15.6, 300]);
    expect(pick(rule, atOnce, 100)).toEqual({ window: [10.5, 16], members: [...members, 103, 104] });
  });

  it('needs two starts at the maximum', () => {
    expect(pick(rule, spans([1, 3], [2, 4]), 2)).toMatch(/only one request/);
    expect(pick(rule, spans([1, 3]), 2)).toMatch(/no request brought/);
    expect(pick(rule, [], 1)).toMatch(/no request brought/);
  });
});

describe('stable_document', () => {
  const rule = stageRules.document;

  it('reaches from the first send after the maximum to the last moment at it', () => {
    expect(pick(rule, spans([1, 3.5], [2, 5.5], [4, 7], [6, 9]), 2)).toEqual({
      window: [4, 7],
      members: [2, 3],
    });
    // The level dips to 1 from 3 to 3.5 and from 4 to 5, and leaves 2 for good at 6.
    expect(pick(rule, spans([1, 3], [2, 4], [3.5, 6], [5, 7], [8, 9]), 2)).toEqual({
      window: [3.5, 6],
      members: [2, 3],
    });
    expect(pick(rule, workedExample, 2)).toEqual({ window: [10.55, 11.3], members: [2, 3, 4] });
  });

  it('lets ends come before starts at equal times', () => {
    // A closed loop of one slot without think time: the level is 1 throughout and never 2.
    const loop = spans([0, 1], [1, 2], [2, 3]);
    expect(pick(rule, loop, 1)).toEqual({ window: [1, 3], members: [1, 2] });
    expect(pick(rule, loop.toReversed(), 1)).toEqual({ window: [1, 3], members: [1, 2] });
    expect(pick(rule, loop, 2)).toMatch(/never reached; the highest was 1 at 0\.000 s/);
  });

  it('covers whole waves of a lock-step run, so that its rate is exact', () => {
    for (const [waves, stagger] of [
      [3, 0],
      [4, 0.005],
      [10, 4.13 / 32],
    ]) {
      const found = pick(rule, lockStep(32, waves, 4.13, stagger), 32);
      if (typeof found === 'string') throw new Error(found);
      const [from, to] = found.window;
      expect(found.members).toHaveLength(32 * (waves - 1));
      expect(to - from).toBeCloseTo((waves - 1) * 4.13, 9);
    }
  });

  it('counts a failed attempt as holding its slot, and as a member', () => {
    const records = [...spans([0, 4], [2, 5], [4.5, 6]), failed(3, 0, 2)];
    expect(pick(rule, records, 2)).toEqual({ window: [2, 6 - 1], members: [1, 2] });
    expect(pick(rule, [...records, failed(4, 5, 5.5)], 2)).toEqual({ window: [2, 5.5], members: [1, 2, 4] });
  });

  it('ignores an attempt of no length', () => {
    const records = [...spans([0, 2], [1, 4], [2.5, 5]), failed(3, 1.5, 1.5), failed(4, 4.5, 4.5)];
    expect(pick(rule, records, 2)).toEqual({ window: [1.5, 4], members: [3, 2] });
  });

  it('says which condition failed', () => {
    expect(pick(rule, spans([0, 5], [1, 5]), 3)).toBe(
      'the maximum concurrency of 3 was never reached; the highest was 2 at 1.000 s',
    );
    expect(pick(rule, spans([0, 5], [1, 5]), 2)).toBe(
      'the maximum concurrency of 2 was reached at 1.000 s, but no request was sent after that',
    );
    expect(pick(rule, spans([0, 2], [1, 2], [3, 4]), 2)).toBe(
      'the maximum concurrency of 2 was reached at 1.000 s and left for good at 2.000 s, before the next request was sent at 3.000 s',
    );
    expect(pick(rule, [], 1)).toMatch(/never reached; the highest was 0/);
  });
});

describe('total', () => {
  it('spans every attempt, failed ones with the time they took', () => {
    expect(pick(total, [...spans([1, 2], [3, 4]), failed(2, 0.5, 6)], 2)).toEqual({
      window: [0.5, 6],
      members: [2, 0, 1],
    });
    expect(pick(total, [], 1)).toBe('the run contains no request');
  });

  it('spans successes only where failures take no time', () => {
    const table = readRequests(runOf([...spans([1, 2], [3, 4]), failed(2, 0.5, 6)]), definitions.upstream);
    expect(total(table, 2, null)).toMatchObject({ interval: { startMs: 1000, endMs: 4000 } });
  });
});
