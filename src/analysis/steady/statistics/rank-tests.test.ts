import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../core/random.ts';
import { mannKendall, medianOf, pettitt } from './rank-tests.ts';

describe('mannKendall', () => {
  it.each([
    // All ten pairs rise; variance 5 · 4 · 15/18 = 16.67; z = 9/4.0825.
    ['a line', [1, 2, 3, 4, 5], 10, 0.02749],
    // Three rise, three fall … less one: (3,4), (1,2), (1,4), (2,4) against (3,1), (3,2); variance 4 · 3 · 13/18; z = 1/2.9439.
    ['no order', [3, 1, 2, 4], 2, 0.73411],
    // Two rise, one ties: variance (3 · 2 · 11 − 2 · 1 · 9)/18 = 2.667; z = 1/1.633.
    ['a tie', [1, 1, 2], 2, 0.54029],
    ['a constant', [7, 7, 7, 7], 0, 1],
  ])('of %s', (_what, y, s, pValue) => {
    const found = mannKendall(y);
    expect(found.s).toBe(s);
    expect(found.pValue).toBeCloseTo(pValue, 4);
  });

  it('counts the significant autocorrelations of the ranks', () => {
    // 1 + 2 (Σ (20 − k)(19 − k)(18 − k) r_k)/(20 · 19 · 18) over r₁ = 0.642, r₃ = −0.597, r₄ = −0.805, r₅ = −0.554,
    // r₈ = 0.565: 0.3628 of 950, z = 39/18.564.
    const waves = [
      [10, 11, 12, 13, 12.1, 11.1, 10.1, 9, 10.5, 11.5],
      [12.5, 13.5, 12.6, 11.6, 10.6, 9.6, 10.7, 11.7, 12.7, 13.7],
    ].flat();
    expect(mannKendall(waves).s).toBe(40);
    expect(mannKendall(waves).pValue).toBeCloseTo(0.0356535, 6);
  });

  it('finds fewer trends in correlated noise than it would without', () => {
    const independent = Math.sqrt((100 * 99 * 205) / 18);
    let found = 0;
    let without = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed, 'correlated');
      let value = random.normal();
      const y = Array.from({ length: 100 }, () => {
        value = 0.6 * value + 0.8 * random.normal();
        return value;
      });
      const { s, pValue } = mannKendall(y);
      if (pValue < 0.05) found++;
      if (Math.abs(s) - 1 > 1.96 * independent) without++;
    }
    // 40 and 64 of 200: the correlation that is to be corrected for is estimated, too.
    expect(found).toBeLessThan(0.75 * without);
  });
});

it('pettitt finds the split that differs most in rank', () => {
  // U = 5, 8, 9, 8, 5 at the splits: 2 exp(−6 · 81/(216 + 36)).
  expect(pettitt([1, 2, 3, 10, 11, 12])).toEqual({ at: 3, k: 9, pValue: 2 * Math.exp(-486 / 252) });
  expect(pettitt([5, 5, 5, 5])).toEqual({ at: 0, k: 0, pValue: 1 });
});

it('medianOf, odd and even', () => {
  expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
