import { describe, expect, it } from 'vitest';
import { OUTCOME } from '../../core/records.ts';
import { createRetryPause } from './retry-pause.ts';

const end = {
  outcome: OUTCOME.http,
  status: 503,
  fault: { cause: 'HTTP 503' },
  sentMs: 0,
  endMs: 1,
  retryable: true,
  unreachable: false,
};

describe('the pause before a retry', () => {
  it('doubles from 0.1 s to 5 s', () => {
    const pause = createRetryPause(() => 0.5);
    expect([0, 1, 2, 3, 4, 5, 6, 7, 2000].map((attempt) => pause(end, attempt))).toEqual([
      100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000,
    ]);
  });

  it('is drawn within a fifth of that', () => {
    expect(createRetryPause(() => 0)(end, 1)).toBeCloseTo(160);
    expect(createRetryPause(() => 1)(end, 1)).toBeCloseTo(240);
    expect(createRetryPause(() => 1)(end, 9)).toBe(5000);
  });

  it('is as long as the service asked for, at most a minute', () => {
    const pause = createRetryPause(() => 0.5);
    expect([0, 0.5, 7, 60, 3600].map((retryAfterS) => pause({ ...end, fault: { retryAfterS } }, 3))).toEqual([
      0, 500, 7000, 60_000, 60_000,
    ]);
  });
});
