import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyTestRange } from './test-range.ts';

/** Python's rule, read literally: walk i = start, start + step, … and keep what lies between the clamped ends. */
function naiveSlice(size: number, start: number | null, stop: number | null, step: number): number[] {
  const clamp = (at: number) => {
    const place = at < 0 ? at + size : at;
    if (place < 0) return step > 0 ? 0 : -1;
    if (place >= size) return step > 0 ? size : size - 1;
    return place;
  };
  const from = start === null ? (step > 0 ? 0 : size - 1) : clamp(start);
  const to = stop === null ? (step > 0 ? size : -1) : clamp(stop);
  const all = Array.from({ length: size }, (_, i) => i);
  const walked = step > 0 ? all : all.reverse();
  return walked.filter(
    (i) =>
      (step > 0 ? i >= from && i < to : i <= from && i > to) && Math.abs(i - from) % Math.abs(step) === 0,
  );
}

it('agrees with the naive reading of a slice', () => {
  const bound = fc.option(fc.integer({ min: -25, max: 25 }));
  const anyStep = fc.integer({ min: -6, max: 6 }).filter((step) => step !== 0);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), bound, bound, anyStep, (size, start, stop, step) => {
      const expected = naiveSlice(size, start, stop, step);
      const rows = Array.from({ length: size }, (_, i) => i);
      const range = `[${start ?? ''}:${stop ?? ''}:${step}]`;
      if (expected.length === 0) expect(() => applyTestRange(rows, range, 1)).toThrow('picks none');
      else expect(applyTestRange(rows, range, 1)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
