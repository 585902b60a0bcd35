import { describe, expect, it } from 'vitest';
import { createCountHistogram } from './count-histogram.ts';
import { distributionOf, isStatName, parseStatsList, statOf } from './stats.ts';

describe('distributionOf', () => {
  it('interpolates linearly as numpy does', () => {
    const oneToFive = distributionOf(Float64Array.of(5, 3, 1, 2, 4));
    expect(['Average', 'Min', 'Max', 'Median', 'P75'].map((name) => statOf(oneToFive, name))).toEqual([
      3, 1, 5, 3, 4,
    ]);
    expect(statOf(distributionOf(Float64Array.of(1, 2, 3, 4)), 'P90')).toBeCloseTo(3.7, 12);
    expect(statOf(distributionOf(Float64Array.of(7)), 'P99')).toBe(7);
    expect(statOf(distributionOf(new Float64Array()), 'P99')).toBeNaN();
  });
});

describe('createCountHistogram', () => {
  it('is exact on both sides of its dense table', () => {
    const histogram = createCountHistogram();
    const values = [0, 0, 20_000, 4_194_303, 4_194_304, 600_000_000];
    for (const value of values) histogram.add(value);
    const counted = histogram.distribution();
    const sorted = distributionOf(Float64Array.from(values));
    for (const name of ['Average', 'Min', 'Max', 'Median', 'P1', 'P75', 'P99']) {
      expect(statOf(counted, name)).toBe(statOf(sorted, name));
    }
    expect(createCountHistogram().distribution().quantile(0.5)).toBeNaN();
  });
});

describe('parseStatsList', () => {
  it('knows the legal names', () => {
    expect(['P1', 'P01', 'P99', 'Average', 'Median'].every(isStatName)).toBe(true);
    expect(['P0', 'P00', 'P100', 'P50.5', 'p50', 'Mean', ''].some(isStatName)).toBe(false);
  });

  it('drops what it does not know, cuts at 8, and falls back to Average', () => {
    expect(parseStatsList(['Average', 'P0', 7, 'Average', 'P05'])).toEqual({
      stats: ['Average', 'P05'],
      warnings: [
        expect.stringContaining('"P0"'),
        expect.stringContaining('7'),
        expect.stringContaining('twice'),
      ],
    });
    const nine = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9'];
    expect(parseStatsList(nine).stats).toEqual(nine.slice(0, 8));
    expect(parseStatsList(nine).warnings).toEqual([expect.stringContaining('P9')]);
    expect(parseStatsList([])).toEqual({ stats: ['Average'], warnings: [expect.any(String)] });
  });
});
