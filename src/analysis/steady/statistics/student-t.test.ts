import { expect, it } from 'vitest';
import { tQuantile } from './student-t.ts';

// Published tables (NIST), and for whole degrees 1 and 2 the closed forms.
it.each([
  [0.975, 1, 12.7062047362],
  [0.975, 2, 4.30265272991],
  [0.975, 5, 2.57058183661],
  [0.975, 10, 2.22813885196],
  [0.975, 19, 2.09302405441],
  [0.975, 30, 2.0422724563],
  [0.95, 19, 1.72913281152],
  [0.995, 10, 3.16927267261],
  [0.9, 3, 1.6377443537],
])('t of %d with %d degrees of freedom is %d', (p, df, t) => {
  expect(tQuantile(p, df)).toBeCloseTo(t, 6);
});

it('takes fractions of degrees, and comes to the normal quantile', () => {
  expect(tQuantile(0.975, 2.5)).toBeGreaterThan(tQuantile(0.975, 3));
  expect(tQuantile(0.975, 2.5)).toBeLessThan(tQuantile(0.975, 2));
  expect(tQuantile(0.975, 1e7)).toBeCloseTo(1.959964, 5);
  expect(tQuantile(0.5, 4)).toBe(0);
});
