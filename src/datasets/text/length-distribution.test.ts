import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { drawLength, drawZipf, type LengthDistribution, lengthDistribution } from './length-distribution.ts';

const DRAWS = 20_000;

function drawn(distribution: LengthDistribution): number[] {
  const random = seededRandom(7, 'lengths');
  return Array.from({ length: DRAWS }, () => drawLength(distribution, random));
}
const share = (values: number[], value: number) => values.filter((v) => v === value).length / values.length;
const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

describe('drawLength', () => {
  it('draws both ends of a uniform range as often as its middle', () => {
    const values = drawn({ Method: 'uniform', Params: { MinValue: 3, MaxValue: 6 } });
    for (const value of [3, 4, 5, 6]) expect(share(values, value)).toBeCloseTo(0.25, 1);
    expect(values.every((v) => v >= 3 && v <= 6)).toBe(true);
  });

  it('rounds a Gaussian without moving its mean, and clips it', () => {
    const wide = { MinValue: 1, MaxValue: 1000, Mean: 100.25, Var: 25 };
    const values = drawn({ Method: 'gaussian', Params: wide });
    // Standard error 5 / sqrt(20000) = 0.035.
    expect(Math.abs(mean(values) - 100.25)).toBeLessThan(0.15);
    expect(mean(values.map((v) => (v - 100.25) ** 2))).toBeCloseTo(25 + 1 / 12, -0.5);
    const narrow = drawn({ Method: 'gaussian', Params: { ...wide, MinValue: 98, MaxValue: 102 } });
    expect([Math.min(...narrow), Math.max(...narrow)]).toEqual([98, 102]);
    expect(drawn({ Method: 'gaussian', Params: { ...wide, Mean: -3e38 } })[0]).toBe(1);
  });

  it.each([1.5, 2, 4])('draws Zipf with alpha %d as its law says', (alpha) => {
    let zeta = (100_000 + 0.5) ** (1 - alpha) / (alpha - 1);
    for (let k = 100_000; k >= 1; k--) zeta += k ** -alpha;
    const random = seededRandom(7, 'zipf');
    const values = Array.from({ length: DRAWS }, () => drawZipf(alpha, random));
    for (const k of [1, 2, 3]) {
      const p = k ** -alpha / zeta;
      expect(Math.abs(share(values, k) - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / DRAWS));
    }
    const above = values.filter((v) => v > 100).length / DRAWS;
    const tail = 100.5 ** (1 - alpha) / (alpha - 1) / zeta;
    expect(Math.abs(above - tail)).toBeLessThan(4 * Math.sqrt(tail / DRAWS) + 1e-3);
  });

  it('ends with an alpha just above 1, and puts the long tail on the largest value', () => {
    const values = drawn({ Method: 'zipf', Params: { MinValue: 10, MaxValue: 500, Alpha: 1.0000001 } });
    expect(share(values, 500)).toBeGreaterThan(0.99);
    expect(values.every((v) => v >= 10 && v <= 500)).toBe(true);
  });
});

describe('lengthDistribution', () => {
  const limits = { MinValue: 1, MaxValue: 10 };
  it.each([
    { Method: 'uniform', Params: { ...limits, Mean: 3 } },
    { Method: 'gaussian', Params: limits },
    { Method: 'gaussian', Params: { ...limits, Mean: 3, Var: -1 } },
    { Method: 'zipf', Params: { ...limits, Alpha: 1 } },
    { Method: 'zipf', Params: { ...limits, Alpha: 10.5 } },
    { Method: 'uniform', Params: { MinValue: 11, MaxValue: 10 } },
    { Method: 'uniform', Params: { MinValue: 0, MaxValue: 10 } },
    { Method: 'uniform', Params: { MinValue: 1.5, MaxValue: 10 } },
    { Method: 'uniform', Params: { MinValue: 1, MaxValue: 2 ** 20 + 1 } },
    { Method: 'poisson', Params: limits },
  ])('refuses %j', (value) => {
    expect(lengthDistribution.safeParse(value).success).toBe(false);
  });
});
