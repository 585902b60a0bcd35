import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, intervalOf } from './difference.ts';

const side = fc
  .array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 6 })
  .map((values) => values.map((value) => ({ value, low: value * 0.99, high: value * 1.02 })));
const scaled = (runs: { value: number; low: number; high: number }[], by: number) =>
  runs.map(({ value, low, high }) => ({ value: value * by, low: low * by, high: high * by }));
const interval = (...sides: Parameters<typeof differenceOf>) => intervalOf(differenceOf(...sides)!);
const logs = ({ ratio, low, high }: ReturnType<typeof intervalOf>) => [low, ratio, high].map(Math.log);

function expectClose(found: number[], wanted: number[]): void {
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i], 6);
  });
}

describe('intervalOf', () => {
  it('is turned round by swapping the sides', () => {
    fc.assert(
      fc.property(side, side, (base, next) => {
        const back = logs(interval(next, base, 0.02)).map((log) => -log);
        expectClose(logs(interval(base, next, 0.02)), back.reverse());
      }),
    );
  });

  it('does not depend on the unit or on the order of runs', () => {
    fc.assert(
      fc.property(side, side, fc.double({ min: 0.01, max: 100, noNaN: true }), (base, next, by) => {
        const other = interval(scaled(base, by).reverse(), scaled(next, by).reverse(), 0.02);
        expectClose(logs(other), logs(interval(base, next, 0.02)));
      }),
    );
  });
});
