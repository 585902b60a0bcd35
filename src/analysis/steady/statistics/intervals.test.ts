import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../core/random.ts';
import { meanOfBatches, ratioOfBatches, trendOfBatches } from './intervals.ts';

describe('the interval of a mean', () => {
  it('is that of Student for independent values', () => {
    // Alternating values have negative correlation, which counts as almost none: r = (20·(−0.95) + 1)/17 < 0.
    const y = Array.from({ length: 20 }, (_, i) => 10 + (i % 2 ? 1 : -1));
    const { value, standardError, halfWidth } = meanOfBatches(y);
    expect(value).toBeCloseTo(10, 12);
    expect(standardError).toBeCloseTo(Math.sqrt(20 / 19 / 20), 12);
    expect(halfWidth).toBeCloseTo(2.093024054 * standardError, 8);
  });

  it('has no width where nothing varies', () => {
    const { value, halfWidth } = meanOfBatches(Array(20).fill(1549.636804));
    expect(value).toBeCloseTo(1549.636804, 9);
    expect(halfWidth).toBe(0);
  });

  const autoregressive = (random: Random, r: number) => {
    let x = random.normal() / Math.sqrt(1 - r * r);
    return Array.from({ length: 20 }, () => {
      x = r * x + random.normal();
      return x;
    });
  };

  it.each([
    [0, 0.93, 0.985],
    [0.3, 0.9, 0.985],
  ])('covers the truth of correlated batches (r = %d)', (r, least, most) => {
    const random = seededRandom(11, `coverage ${r}`);
    const runs = 1000;
    let held = 0;
    for (let i = 0; i < runs; i++) {
      const { value, halfWidth } = meanOfBatches(autoregressive(random, r));
      if (Math.abs(value) <= halfWidth) held++;
    }
    expect(held / runs).toBeGreaterThan(least);
    expect(held / runs).toBeLessThan(most);
  });
});

describe('the interval of a ratio', () => {
  it('does not widen with batches that are merely larger', () => {
    const b = Array.from({ length: 20 }, (_, i) => 50 + 5 * i);
    expect(
      ratioOfBatches(
        b.map((count) => 3 * count),
        b,
      ),
    ).toMatchObject({ value: 3, halfWidth: 0 });
  });

  it('is the ratio of the sums', () => {
    const a = Array.from({ length: 20 }, (_, i) => (i * 7) % 5);
    const b = Array.from({ length: 20 }, (_, i) => 1 + ((i * 3) % 4));
    const ratio = a.reduce((x, y) => x + y, 0) / b.reduce((x, y) => x + y, 0);
    expect(ratioOfBatches(a, b).value).toBeCloseTo(ratio, 12);
  });
});

it('a trend raises few false alarms in noise', () => {
  const random = seededRandom(5, 'trend');
  let alarms = 0;
  for (let i = 0; i < 1000; i++) {
    const { change, halfWidth } = trendOfBatches(Array.from({ length: 20 }, () => 100 + random.normal()));
    if (Math.abs(change) > halfWidth) alarms++;
  }
  // 10 % by construction of a 90 % interval.
  expect(alarms).toBeGreaterThan(50);
  expect(alarms).toBeLessThan(150);
});
