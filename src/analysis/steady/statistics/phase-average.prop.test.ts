import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phaseAverage } from './phase-average.ts';

const window = fc.record({
  from: fc.integer({ min: -50, max: 50 }),
  cycle: fc.integer({ min: 1, max: 20 }),
  rest: fc.integer({ min: 1, max: 60 }),
});

describe('phaseAverage', () => {
  it('is the mean over all boxes of length T − E inside the window', () => {
    fc.assert(
      fc.property(window, fc.integer({ min: -60, max: 140 }), ({ from, cycle, rest }, mark) => {
        const average = phaseAverage(from, from + cycle + rest, cycle);
        // Boxes (start, start + T − E]: those that hold the mark start within [mark − (T − E), mark).
        const starts = Math.min(mark, from + cycle) - Math.max(mark - rest, from);
        expect(average.at(mark)).toBeCloseTo(Math.max(0, starts) / cycle / rest, 12);
      }),
    );
  });

  it('spreads a mark over a time like many marks', () => {
    fc.assert(
      fc.property(
        window,
        fc.integer({ min: -60, max: 140 }),
        fc.nat(40),
        ({ from, cycle, rest }, start, length) => {
          const average = phaseAverage(from, from + cycle + rest, cycle);
          const pieces = 2000;
          let sum = 0;
          for (let i = 0; i < pieces; i++) sum += average.at(start + ((i + 0.5) / pieces) * length);
          expect(average.over(start, start + length)).toBeCloseTo(sum / pieces, 5);
        },
      ),
      { numRuns: 50 },
    );
  });
});
