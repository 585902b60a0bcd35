import { describe, expect, it } from 'vitest';
import { createTruthLog, truthJson } from './truth.ts';

const head = {
  baseMonotonicNs: '123456789012345678',
  engine: { steps: 0, meanLateMs: 0, maxLateMs: 0, slippedMs: 0 },
  dropped: 0,
};

describe('truth log', () => {
  it('forgets the oldest requests when the token times fill its room, and says how many', () => {
    const log = createTruthLog(1000);
    for (let i = 0; i < 100; i++) log.reserve(log.open('p', i), 84);
    const kept = [...log.requests()].map((request) => request.number);
    expect(kept.at(-1)).toBe(99);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(log.dropped() + kept.length).toBe(100);
  });

  it('keeps times exact through JSON', () => {
    const log = createTruthLog(1000);
    const entry = log.open('p', 86_400_000.000_001);
    entry.stream = true;
    log.reserve(entry, 3);
    entry.tokenMs.set([86_400_000.25, 86_400_001.000_123]);
    entry.tokensSent = 2;
    const parsed = JSON.parse([...truthJson(head, log.requests())].join(''));
    expect(parsed).toEqual({ ...head, requests: [...log.requests()] });
    expect(parsed.requests[0]).toMatchObject({
      arrivalNs: 86_400_000_000_001,
      admittedNs: null,
      tokenNs: [86_400_000_250_000, 86_400_001_000_123],
      endNs: null,
      outcome: 'open',
    });
  });

  it('is valid JSON when empty', () => {
    expect(JSON.parse([...truthJson(head, [])].join(''))).toEqual({ ...head, requests: [] });
  });
});
