import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCursors, createWork, NO_WORK, slotsOf } from './work.ts';

describe('work shares', () => {
  it('partition the requests for any number of workers and any order of claiming', () => {
    const order = fc.array(fc.nat(63), { maxLength: 400 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(300), order, (count, requests, turns) => {
        const cursors = createCursors(count);
        const workers = Array.from({ length: count }, (_, index) =>
          createWork({ index, count }, requests, cursors),
        );
        const claimed = turns.map((turn) => workers[turn % count].next());
        // Whoever is left takes the rest, as the last worker to finish does.
        for (const worker of workers)
          for (let i = worker.next(); i !== NO_WORK; i = worker.next()) claimed.push(i);
        const given = claimed.filter((i) => i !== NO_WORK).sort((a, b) => a - b);
        expect(given).toEqual(Array.from({ length: requests }, (_, i) => i));
        for (const worker of workers) expect(worker.next()).toBe(NO_WORK);
      }),
    );
  });

  it("begin with the worker's own stride, in order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.nat(200), (count, requests) => {
        const cursors = createCursors(count);
        for (let index = 0; index < count; index++) {
          const work = createWork({ index, count }, requests, cursors);
          for (let i = index; i < requests; i += count) expect(work.next()).toBe(i);
        }
      }),
    );
  });

  it('split the slots without one lost or doubled, evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(100_000), (count, limit) => {
        const each = Array.from({ length: count }, (_, index) => slotsOf({ index, count }, limit));
        expect(each.reduce((a, b) => a + b, 0)).toBe(limit);
        expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
