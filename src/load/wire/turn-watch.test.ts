import { describe, expect, it } from 'vitest';
import { createTurnWatch } from './turn-watch.ts';

/** An event loop in slow motion: each turn reads some sockets one after another, then runs what was set for its end. */
function world() {
  let nowMs = 0;
  let pending: (() => void)[] = [];
  const watch = createTurnWatch({ now: () => nowMs, afterTurn: (act) => pending.push(act) });
  return {
    watch,
    sleep(ms: number) {
      nowMs += ms;
    },
    /** `works`: how long each read takes, ms. Returns how many callbacks ran at the end. */
    turn(works: number[]) {
      for (const work of works) {
        const stamp = nowMs;
        nowMs += work;
        if (watch.watching) watch.read(stamp);
      }
      const due = pending;
      pending = [];
      for (const act of due) act();
      return due.length;
    },
  };
}

describe('turn watch', () => {
  it('measures how long the sockets of a turn waited for those before them', () => {
    const { watch, turn, sleep } = world();
    watch.arm();
    sleep(100);
    turn([1, 1, 1, 1, 1]);
    expect(watch.stampWait()).toMatchObject({ n: 5, p50Ms: 2, maxMs: 4, meanMs: 2 });
    expect(watch.readWork()).toMatchObject({ n: 5, maxMs: 1 });
  });

  it('counts from the start of the turn before for bytes that came meanwhile', () => {
    const { watch, turn } = world();
    watch.arm();
    turn([5, 5]);
    turn([1]);
    // The second turn's first socket may have been ready right after the kernel was asked for the first.
    expect(watch.stampWait().n).toBe(3);
    expect(watch.stampWait().maxMs).toBeCloseTo(10, 1);
  });

  it('is over when a turn reads nothing, and costs nothing until it is armed again', () => {
    const { watch, turn } = world();
    expect(turn([1])).toBe(0);
    watch.arm();
    expect([turn([1]), turn([]), turn([1])]).toEqual([1, 1, 0]);
    expect(watch.stampWait().n).toBe(1);
    watch.arm();
    turn([1]);
    expect(watch.stampWait().n).toBe(2);
  });

  it('lets go of a loop that never comes to rest', () => {
    const { watch, turn } = world();
    watch.arm();
    for (let i = 0; i < 1000; i++) turn([1]);
    expect(watch.watching).toBe(false);
    expect(watch.stampWait().n).toBeLessThan(20);
  });

  it('forgets the warm-up', () => {
    const { watch, turn } = world();
    watch.arm();
    turn([50]);
    watch.clear();
    expect(watch.stampWait()).toEqual({ n: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });
});
