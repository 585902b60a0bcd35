import { describe, expect, it } from 'vitest';
import {
  createEarlyEnd,
  createFailureWatch,
  createQuietWatch,
  type FailureFigures,
} from './failure-watch.ts';

const none: FailureFigures = { received: 0, events: 0, failed: 0, refused: 0, waiting: 0 };

/** Looks four times a second while `at` tells the figures; when it said what. */
function watched(at: (s: number) => Partial<FailureFigures>, forS: number, maxErrorPct = 100) {
  const watch = createFailureWatch(maxErrorPct);
  for (let s = 0; s <= forS; s += 0.25) {
    const found = watch.check({ ...none, ...at(s) }, s * 1000);
    if (found !== null) return { s, ...found };
  }
  return null;
}

describe('a service that refuses connections', () => {
  const refusing = (perS: number) => (s: number) => ({
    failed: Math.floor(s * perS),
    refused: Math.floor(s * perS),
  });

  it('is dead after 20 of them in a row', () => {
    expect(watched(refusing(10), 10)).toEqual({
      s: 2,
      why: 'The service could not be reached 20 times in a row.',
      isUnreachable: true,
    });
  });

  it('is not dead because all slots were refused in one instant', () => {
    expect(watched(() => ({ failed: 500, refused: 500 }), 0.75)).toBeNull();
    expect(watched((s) => ({ failed: 500, refused: 500, received: s >= 0.5 ? 1 : 0 }), 20)).toBeNull();
  });

  it('is not dead when it answers now and then, well or not', () => {
    const well = (s: number) => ({ ...refusing(10)(s), received: Math.floor(s) });
    expect(watched(well, 60)).toBeNull();
    const badly = (s: number) => ({ refused: s * 10, failed: s * 10 + Math.floor(s) });
    expect(watched(badly, 8)).toBeNull();
  });
});

describe('a service that answers with errors only', () => {
  it('is dead after 10 s of them', () => {
    expect(watched((s) => ({ received: 3, events: 30, failed: Math.floor(s * 4) }), 60)).toEqual({
      s: 10.25,
      why: 'The service returned only errors for 10 s, 41 of them.',
      isUnreachable: false,
    });
  });

  it('is not dead while a stream says something, or when it recovers in time', () => {
    expect(watched((s) => ({ events: s * 100, failed: s * 100 }), 60)).toBeNull();
    expect(watched((s) => ({ received: Math.floor(s / 9), failed: s * 100 }), 60)).toBeNull();
  });

  it('is given longer while a request may still go well', () => {
    const beside = (untilS: number) => (s: number) => ({ failed: s * 40, waiting: s < untilS ? 2 : 0 });
    expect(watched(beside(30), 60)?.s).toBe(30);
    expect(watched(beside(1e9), 200)?.s).toBe(90.25);
    // Long answers beside many that are turned away: one of them comes in time.
    const long = (s: number) => ({ ...beside(1e9)(s), received: s >= 60 ? 1 : 0, waiting: s < 60 ? 2 : 0 });
    expect(watched(long, 69)).toBeNull();
  });

  it('is not dead after a few errors with pauses, or when nothing has ended yet', () => {
    expect(watched((s) => ({ failed: Math.floor(s / 5) }), 40)).toBeNull();
    expect(watched(() => ({}), 1000)).toBeNull();
  });
});

describe('the largest error rate', () => {
  it('ends a run that is above it, once there are attempts enough to tell', () => {
    expect(watched((s) => ({ received: s * 8, failed: s * 2 }), 60, 10)).toEqual({
      s: 5,
      why: '10 of 50 attempts failed, which exceeds --max-error-rate 10.',
      isUnreachable: false,
    });
    expect(watched((s) => ({ received: s * 8, failed: s * 2 }), 60, 20)).toBeNull();
    expect(watched((s) => ({ received: s < 4 ? 0 : 40, failed: 4 }), 4, 10)).toBeNull();
  });

  it('of 100 ends none, of 0 any with a failure', () => {
    expect(watched((s) => ({ received: s, failed: s * 99 }), 60)).toBeNull();
    expect(watched((s) => ({ received: s * 100, failed: s > 3 ? 1 : 0 }), 60, 0)?.s).toBe(3.25);
  });
});

describe('a service that is no more', () => {
  it('is quiet when nothing has come for 5 s, counted from when it was first asked', () => {
    const isQuiet = createQuietWatch();
    expect([
      isQuiet(100, 60_000),
      isQuiet(100, 64_750),
      isQuiet(101, 64_999),
      isQuiet(101, 69_750),
      isQuiet(101, 70_000),
    ]).toEqual([false, false, false, false, true]);
  });
});

describe('the early end of a run', () => {
  it('stops a run whose service is gone once, and cancels what is in flight when nothing more is heard', () => {
    const earlyEnd = createEarlyEnd(100);
    const steps: [number, string][] = [];
    for (let s = 0; s <= 10; s += 0.25) {
      const refused = Math.floor(s * 20);
      const figures = { ...none, failed: refused, refused, bytesIn: Math.min(s, 3) };
      const step = earlyEnd.check(figures, s * 1000);
      if (step !== null) steps.push([s, step]);
    }
    expect(steps[0]).toEqual([1.25, 'stop']);
    expect(steps[1]).toEqual([8, 'cancel']);
    expect(steps.slice(1).every(([, step]) => step === 'cancel')).toBe(true);
    expect(earlyEnd.verdict?.isUnreachable).toBe(true);
  });

  it('lets a run that goes well go on', () => {
    const earlyEnd = createEarlyEnd(100);
    for (let s = 0; s < 20; s++)
      expect(earlyEnd.check({ ...none, received: s, bytesIn: s }, s * 1000)).toBeNull();
    expect(earlyEnd.verdict).toBeNull();
  });
});
