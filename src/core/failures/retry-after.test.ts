import { describe, expect, it } from 'vitest';
import { retryAfterS } from './retry-after.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('retryAfterS', () => {
  it.each([
    ['0', 0],
    ['120', 120],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10],
    ['Friday, 02-Jan-26 03:04:15 GMT', 10],
    ['Fri Jan  2 03:04:15 2026 GMT', 10],
    ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['99999999999', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %s as %s', (value, seconds) => {
    expect(retryAfterS(value, now)).toBe(seconds);
  });
});
