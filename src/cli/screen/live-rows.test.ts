import { describe, expect, it } from 'vitest';
import type { LiveFigures } from '../../core/run.ts';
import { lineOf, liveRow, progressOf, shareDone } from './live-rows.ts';

function rowOf(figures: Partial<LiveFigures>, planned: number | null = 10) {
  const row = liveRow({ name: 'm/d', planned, durationMs: planned === null ? 60_000 : null, logFile: null });
  row.state = 'sending';
  const none = { posted: 0, received: 0, failed: 0, cancelled: 0, retried: 0, inFlight: 0, events: 0 };
  row.source = { figures: () => ({ ...none, elapsedMs: 0, phase: 'running', ...figures }) as LiveFigures };
  return row;
}

describe('progress of a task', () => {
  it.each<[string, Partial<LiveFigures>, string]>([
    ['nothing has ended', { posted: 4 }, '0/10'],
    ['without retries', { posted: 7, received: 5, failed: 1, cancelled: 1 }, '7/10'],
    [
      'attempts that were sent again are no requests',
      { posted: 9, received: 2, failed: 6, retried: 5 },
      '3/10',
    ],
    ['all failed in each of three attempts', { posted: 30, failed: 30, retried: 20 }, '10/10'],
  ])('counts requests, not attempts: %s', (_, figures, progress) => {
    expect(progressOf(rowOf(figures))).toBe(progress);
    expect(shareDone(rowOf(figures))).toBeCloseTo(Number(progress.split('/')[0]) / 10);
    expect(lineOf(rowOf(figures))).toContain(`Progress ${progress},`);
  });

  it('goes by the time where that ends the run', () => {
    const row = rowOf({ elapsedMs: 15_000, received: 1000, retried: 3 }, null);
    expect([progressOf(row), shareDone(row)]).toEqual(['15/60 s', 0.25]);
  });
});
