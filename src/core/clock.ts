/** A monotonic clock: milliseconds since an epoch, at sub-microsecond resolution. */
export interface Clock {
  now(): number;
}

/** A clock whose zero can be moved, for those who have to be given it before the zero is known. */
export interface RunClock extends Clock {
  startAt(epochNs: bigint): void;
}

/** Monotonic nanoseconds of this machine (CLOCK_MONOTONIC); the same count in every thread and process. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/**
 * A clock that reads 0 at `epochNs` of the machine's monotonic count, in any thread.
 * `performance.now()` is cheaper than `hrtime.bigint()` but counts from each thread's own start, so
 * the distance is measured once: of several tries the one with the narrowest bracket is the best.
 */
export function clockSince(epochNs: bigint): Clock {
  let offsetMs = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 16; i++) {
    const before = process.hrtime.bigint();
    const here = performance.now();
    const after = process.hrtime.bigint();
    const width = Number(after - before);
    if (width < narrowest) {
      narrowest = width;
      offsetMs = Number((before + after) / 2n - epochNs) / 1e6 - here;
    }
  }
  return { now: () => performance.now() + offsetMs };
}

/** Reads 0 now, until it is told another zero. */
export function createRunClock(): RunClock {
  let clock = clockSince(monotonicNs());
  return {
    now: () => clock.now(),
    startAt(epochNs) {
      clock = clockSince(epochNs);
    },
  };
}
