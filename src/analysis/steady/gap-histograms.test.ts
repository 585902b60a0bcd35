import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { createGapHistograms } from './gap-histograms.ts';

it('keeps quantiles within 0.2 % and equal gaps exactly', () => {
  const random = seededRandom(1, 'gaps');
  const histograms = createGapHistograms(4);
  const gaps = Array.from({ length: 50_000 }, () => Math.round(20_000 * random.exponential()));
  gaps.forEach((gap, i) => {
    histograms.add(i % 4, gap);
  });
  const sorted = [...gaps].sort((a, b) => a - b);
  const sample = histograms.between(0, 4, 2);
  for (const p of [0.001, 0.5, 0.9, 0.99]) {
    const exact = sorted[Math.ceil(p * gaps.length) - 1];
    expect(Math.abs(sample.quantile(p) / exact - 1)).toBeLessThan(0.002);
  }
  const equal = createGapHistograms(1);
  for (let i = 0; i < 100; i++) equal.add(0, 20_001);
  expect(equal.between(0, 1, 1).quantile(0.99)).toBe(20_001);
});

it('counts by group, of the segments asked for alone', () => {
  const histograms = createGapHistograms(6);
  for (const [segment, gap] of [
    [0, 5],
    [1, 10],
    [2, 10],
    [3, 4_000_000_000],
    [4, 30],
  ])
    histograms.add(segment, gap);
  const sample = histograms.between(1, 5, 2);
  expect([...sample.counts]).toEqual([2, 2]);
  expect(sample.quantile(0.5)).toBe(10);
  expect(sample.quantile(1)).toBe(4_000_000_000);
  expect([...sample.upTo(10)]).toEqual([2, 0]);
  expect([...sample.upTo(30)]).toEqual([2, 1]);
  expect(createGapHistograms(2).between(0, 2, 2).quantile(0.5)).toBeNaN();
});
