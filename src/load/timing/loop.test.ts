import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScheduleSpec } from '../../core/plan.ts';
import { OUTCOME } from '../../core/records.ts';
import { createSchedule } from '../../schedules/registry.ts';
import type { AttemptDone, AttemptEnd } from '../wire/attempt-end.ts';
import type { Job } from '../wire/job.ts';
import { UNREACHABLE_PAUSE_MS } from './attempts.ts';
import { createLoop, type Loop, type LoopEnd } from './loop.ts';
import { createRetryPause, type RetryPause } from './retry-pause.ts';
import { createCursors, createWork } from './work.ts';

interface Sent extends Job {
  sent: number;
  end: number;
  worker: number;
}

/** A world with its own time: alarms and ends of attempts happen in order when it is run. */
function createWorld(startMs: number) {
  let now = startMs;
  let tie = 0;
  const agenda: { at: number; tie: number; act: () => void }[] = [];
  const clock = { now: () => now };
  const at = (time: number, act: () => void) => agenda.push({ at: Math.max(time, now), tie: tie++, act });
  const createAlarm = () => {
    let current = 0;
    return {
      set(atMs: number, ring: () => void) {
        const mine = ++current;
        at(atMs, () => mine === current && ring());
      },
      clear: () => current++,
    };
  };
  async function run(until = Number.POSITIVE_INFINITY) {
    for (let steps = 0; agenda.length > 0; steps++) {
      if (steps > 100_000) throw new Error('the world does not come to rest');
      agenda.sort((a, b) => a.at - b.at || a.tie - b.tie);
      if (agenda[0].at > until) break;
      const next = agenda.shift()!;
      now = next.at;
      next.act();
    }
    await Promise.resolve();
  }
  return { clock, at, createAlarm, run };
}

type Answer = (job: Job) => Partial<AttemptEnd> & { afterMs: number };

function createLoops(
  spec: ScheduleSpec,
  answer: Answer,
  options: {
    workers?: number;
    retries?: number;
    graceMs?: number;
    holdMs?: number;
    pause?: RetryPause;
    /** Turns of each conversation. */
    turns?: number;
    /** The slots are filled over so long before time zero. */
    fillMs?: number;
  } = {},
) {
  const { workers = 1, retries = 0, graceMs = 30_000, holdMs, turns = 1, fillMs = 0 } = options;
  const world = createWorld(0 - fillMs);
  const schedule = createSchedule(spec);
  const cursors = createCursors(workers);
  const sent: Sent[] = [];
  const ends: LoopEnd[] = [];
  /** By request: when its first attempt could have left; NaN stands for each retry. */
  const ready: number[] = [];
  const loops: Loop[] = Array.from({ length: workers }, (_, index) => {
    const pending = new Map<Job, () => void>();
    const share = { index, count: workers };
    return createLoop({
      schedule,
      share,
      work: createWork(share, schedule.requests + (schedule.held ?? 0), cursors),
      clock: world.clock,
      alarm: world.createAlarm(),
      sender: {
        send(job: Job, done: AttemptDone) {
          const record: Sent = { ...job, sent: world.clock.now(), end: Number.NaN, worker: index };
          sent.push(record);
          const { afterMs, ...end } = answer(job);
          const finish = (outcome: Partial<AttemptEnd>) => {
            if (!pending.delete(job)) return;
            record.end = world.clock.now();
            done({
              outcome: OUTCOME.ok,
              status: 200,
              fault: null,
              sentMs: record.sent,
              endMs: record.end,
              retryable: false,
              unreachable: false,
              ...outcome,
            });
          };
          const cancel = () => finish({ outcome: OUTCOME.cancelled });
          pending.set(job, cancel);
          world.at(record.sent + afterMs, () => finish(end));
        },
        cancel(job: Job) {
          pending.get(job)?.();
        },
        cancelAll() {
          for (const cancel of [...pending.values()]) cancel();
        },
      },
      retries,
      retryPause: options.pause ?? ((end) => (end.unreachable ? UNREACHABLE_PAUSE_MS : 0)),
      nextTurn: (job, end) =>
        job.turn + 1 < turns ? { ...job, turn: job.turn + 1, attempt: 0, due: end.endMs } : null,
      graceMs: () => graceMs,
      fill:
        fillMs > 0
          ? {
              overMs: fillMs,
              job: (n: number) => ({ index: n, turn: 0, attempt: 0, due: 0, measured: false }),
            }
          : undefined,
      hold:
        holdMs === undefined
          ? undefined
          : {
              maxMs: () => holdMs,
              owedElsewhere: () =>
                loops.reduce((sum, loop, other) => sum + (other === index ? 0 : loop.figures.owed), 0),
            },
      onEnd: (_end, readyMs) => ready.push(readyMs),
      soon: (act) => world.at(world.clock.now(), act),
    });
  });
  for (const loop of loops) void loop.run().then((end) => ends.push(end));
  return { world, sent, ends, ready, loops };
}

/** Most attempts in flight at one time. */
function maxConcurrency(sent: readonly Sent[]): number {
  const steps = sent
    .flatMap((s) => [
      [s.sent, 1],
      [s.end, -1],
    ])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let concurrency = 0;
  return Math.max(...steps.map(([, step]) => (concurrency += step)));
}

describe('closed loop', () => {
  it('keeps its slots full and is due the moment a slot comes free', async () => {
    const { world, sent, ends } = createLoops({ kind: 'closed', requests: 5, limit: 2 }, (job) => ({
      afterMs: 10 + job.index,
    }));
    await world.run();
    expect(sent.map((s) => [s.index, s.due, s.sent])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [2, 10, 10],
      [3, 11, 11],
      [4, 22, 22],
    ]);
    expect(ends).toEqual([{ issued: 5, lastIssueMs: 22, slotsOpened: 2 }]);
  });

  it('says when a first attempt could have left, and nothing of a retry', async () => {
    const { world, sent, ready } = createLoops(
      { kind: 'closed', requests: 2, limit: 1 },
      (job) => ({
        afterMs: 10,
        ...(job.index + job.attempt === 0 && { outcome: OUTCOME.http, retryable: true }),
      }),
      { retries: 1 },
    );
    await world.run();
    expect(sent.map((s) => [s.index, s.attempt])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(ready).toEqual([0, Number.NaN, 20]);
  });

  it('keeps the concurrency until the work ends, though one worker is far slower', async () => {
    const slow = createLoops(
      { kind: 'closed', requests: 100, limit: 4 },
      (job) => ({ afterMs: job.index % 2 ? 100 : 10 }),
      { workers: 2 },
    );
    await slow.world.run();
    const lastSend = Math.max(...slow.sent.map((s) => s.sent));
    for (const time of [lastSend / 4, lastSend / 2, lastSend * 0.99])
      expect(slow.sent.filter((s) => s.sent <= time && s.end > time)).toHaveLength(4);
    // Worker 0 has taken over part of worker 1's odd numbers.
    expect(slow.sent.some((s) => s.worker === 0 && s.index % 2 === 1)).toBe(true);
  });
});

describe('conversations', () => {
  it('sends the turns of a conversation one after the other in its slot, due when the turn before ended', async () => {
    const { world, sent, ends, ready } = createLoops(
      { kind: 'closed', requests: 3, limit: 2 },
      (job) => ({ afterMs: 10 + job.index }),
      { turns: 2 },
    );
    await world.run();
    expect(sent.map((s) => [s.index, s.turn, s.due, s.sent])).toEqual([
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 1, 10, 10],
      [1, 1, 11, 11],
      [2, 0, 20, 20],
      [2, 1, 32, 32],
    ]);
    expect(ends).toEqual([{ issued: 6, lastIssueMs: 32, slotsOpened: 2 }]);
    expect(ready).toEqual([0, 0, 10, 11, 20, 32]);
  });

  it('ends a conversation with a turn that fails, and tries a turn again in its place', async () => {
    const { world, sent } = createLoops(
      { kind: 'closed', requests: 2, limit: 1 },
      ({ index, turn, attempt }) => ({
        afterMs: 10,
        ...(index === 0 && turn === 1 && { outcome: OUTCOME.protocol }),
        ...(index === 1 && turn === 1 && attempt === 0 && { outcome: OUTCOME.http, retryable: true }),
      }),
      { turns: 3, retries: 1 },
    );
    await world.run();
    expect(sent.map((s) => [s.index, s.turn, s.attempt, s.due])).toEqual([
      [0, 0, 0, 0],
      [0, 1, 0, 10],
      [1, 0, 0, 20],
      [1, 1, 0, 30],
      [1, 1, 1, 30],
      [1, 2, 0, 50],
    ]);
  });

  it('sends no further turn when the time is over', async () => {
    const { world, sent } = createLoops(
      { kind: 'pressure', limit: 2, clientsPerS: 0, durationMs: 25 },
      () => ({ afterMs: 10 }),
      { turns: 100 },
    );
    await world.run();
    expect(sent.map((s) => s.sent)).toEqual([0, 0, 10, 10, 20, 20]);
  });

  it('holds the load until the last turn of its own conversations', async () => {
    const { world, sent, ends } = createLoops(
      { kind: 'closed', requests: 3, limit: 2 },
      (job) => ({ afterMs: 10 + job.index }),
      { turns: 4, holdMs: 1000 },
    );
    await world.run();
    const own = sent.filter((s) => s.index < 3);
    expect(own).toHaveLength(12);
    expect(own.every((s) => s.end > s.sent)).toBe(true);
    expect(ends[0].measuredMs).toBe(44);
  });

  it('gives every slot its next turn when all end in one instant', async () => {
    const { world, sent } = createLoops(
      { kind: 'closed', requests: 40, limit: 40 },
      () => ({ afterMs: 10 }),
      { turns: 2, workers: 2 },
    );
    await world.run();
    expect(sent.filter((s) => s.turn === 1).map((s) => s.due)).toEqual(Array.from({ length: 40 }, () => 10));
  });
});

describe('sharing', () => {
  it('sends every planned request exactly once, and never more at a time than the limit', async () => {
    const spec = fc.oneof(
      fc.record({
        kind: fc.constant('closed' as const),
        requests: fc.nat(60),
        limit: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({
        kind: fc.constant('rate' as const),
        requests: fc.nat(60),
        limit: fc.integer({ min: 1, max: 9 }),
        requestsPerS: fc.constantFrom(1, 50, 5000),
        burstiness: fc.constantFrom(0, 0.5, 1),
        seed: fc.nat(),
      }),
      fc
        .record({ limit: fc.integer({ min: 1, max: 9 }), at: fc.array(fc.nat(500)) })
        .map(({ limit, at }) => ({ kind: 'timestamps' as const, limit, atMs: Float64Array.from(at) })),
    );
    await fc.assert(
      fc.asyncProperty(
        spec,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(40), { minLength: 1 }),
        async (s, wanted, times) => {
          const workers = Math.min(wanted, s.limit);
          const { world, sent, ends } = createLoops(
            s,
            (job) => ({ afterMs: times[job.index % times.length] }),
            { workers },
          );
          await world.run();
          const schedule = createSchedule(s);
          const all = Array.from({ length: schedule.requests }, (_, i) => i);
          expect(sent.map((x) => x.index).sort((a, b) => a - b)).toEqual(all);
          expect(ends.reduce((sum, end) => sum + end.issued, 0)).toBe(all.length);
          expect(ends).toHaveLength(workers);
          if (sent.length > 0) expect(maxConcurrency(sent)).toBeLessThanOrEqual(s.limit);
          for (const x of sent) {
            expect(x.sent).toBeGreaterThanOrEqual(x.due);
            if (s.kind !== 'closed') expect(x.due).toBe(schedule.dueAt(x.index));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('open loop', () => {
  const spec = { kind: 'rate', requests: 6, limit: 2, requestsPerS: 100, burstiness: 0, seed: 1 } as const;

  it('sends at the due times while slots are free', async () => {
    const { world, sent } = createLoops(spec, () => ({ afterMs: 1 }));
    await world.run();
    expect(sent.map((s) => [s.due, s.sent])).toEqual([10, 20, 30, 40, 50, 60].map((t) => [t, t]));
  });

  it('delays sent, never due, when all slots are taken', async () => {
    const { world, sent, ready } = createLoops(spec, () => ({ afterMs: 100 }));
    await world.run();
    expect(sent.map((s) => [s.due, s.sent])).toEqual([
      [10, 10],
      [20, 20],
      [30, 110],
      [40, 120],
      [50, 210],
      [60, 220],
    ]);
    // Waiting for a slot is waiting for the service: the client was not late.
    expect(ready).toEqual(sent.map((s) => s.sent));
  });
});

describe('pressure', () => {
  const spec = { kind: 'pressure', limit: 3, clientsPerS: 100, durationMs: 45 } as const;

  it('opens slots one by one, sends until time is up, lets the rest finish', async () => {
    const { world, sent, ends } = createLoops(spec, () => ({ afterMs: 15 }));
    await world.run();
    expect(sent.map((s) => [s.due, s.sent])).toEqual([
      [0, 0],
      [10, 10],
      [15, 15],
      [20, 20],
      [25, 25],
      [30, 30],
      [35, 35],
      [40, 40],
    ]);
    expect(Math.max(...sent.map((s) => s.end))).toBe(55);
    expect(ends).toEqual([{ issued: 8, lastIssueMs: 45, slotsOpened: 3 }]);
  });

  it('cancels what outlives the grace, and says how many slots there were', async () => {
    const { world, sent, ends } = createLoops({ ...spec, durationMs: 15 }, () => ({ afterMs: 1e9 }), {
      graceMs: 50,
    });
    await world.run(1000);
    expect(sent.map((s) => s.end)).toEqual([65, 65]);
    expect(ends).toEqual([{ issued: 2, lastIssueMs: 15, slotsOpened: 2 }]);
  });
});

describe('hold', () => {
  const spec = { kind: 'pressure', limit: 4, clientsPerS: 0, durationMs: 100 } as const;
  /** One request of the measured time takes long, the rest 10 ms. */
  const oneLong = (job: Job) => ({ afterMs: job.index === 3 ? 400 : 10 });

  it.each([1, 2])(
    'keeps every slot sending until the last measured request has ended, %d workers',
    async (workers) => {
      const { world, sent, ends } = createLoops(spec, oneLong, { workers, holdMs: 10_000 });
      await world.run();
      expect(sent.some((s) => s.sent > 380 && s.sent <= 450)).toBe(true);
      // A worker asks after the others each 50 ms.
      expect(Math.max(...sent.map((s) => s.sent))).toBeLessThanOrEqual(450);
      expect(maxConcurrency(sent)).toBe(4);
      for (let ms = 105; ms < 400; ms += 10) {
        expect(sent.filter((s) => s.sent <= ms && ms < s.end)).toHaveLength(4);
      }
      expect(ends.map((end) => end.measuredMs)).toEqual(Array(workers).fill(100));
    },
  );

  it('is capped', async () => {
    const { world, sent } = createLoops(spec, oneLong, { holdMs: 50 });
    await world.run();
    expect(Math.max(...sent.map((s) => s.sent))).toBe(140);
  });

  it('numbers on where a closed loop has used up its requests', async () => {
    const closed = { kind: 'closed', requests: 6, limit: 2 } as const;
    const answer = (job: Job) => ({ afterMs: job.index === 5 ? 35 : 10 });
    const { world, sent, ends } = createLoops(closed, answer, { holdMs: 10_000 });
    await world.run();
    expect(sent.map((s) => s.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(ends[0].measuredMs).toBe(30);
  });

  it('sends the retries of planned requests, even where all others have ended', async () => {
    const closed = { kind: 'closed', requests: 4, limit: 2 } as const;
    const answer = (job: Job) =>
      job.index === 3 && job.attempt === 0
        ? { afterMs: 15, outcome: OUTCOME.network, retryable: true, unreachable: true }
        : { afterMs: 10 };
    const { world, sent } = createLoops(closed, answer, { holdMs: 10_000, retries: 1 });
    await world.run();
    const retry = sent.find((s) => s.index === 3 && s.attempt === 1);
    expect(retry).toMatchObject({ sent: 125, end: 135 });
    for (let ms = 30; ms < 135; ms += 10)
      expect(sent.some((s) => s.index > 3 && s.sent <= ms && ms < s.end)).toBe(true);
  });

  it.each([1, 3])(
    'goes on with the arrivals of an open loop until the planned ones have ended, %d workers',
    async (workers) => {
      const open = {
        kind: 'rate',
        requests: 6,
        limit: 100,
        requestsPerS: 100,
        burstiness: 0,
        held: 50,
        seed: 0,
      } as const;
      const answer = (job: Job) => ({ afterMs: job.index === 4 ? 130 : 10 });
      const { world, sent, ends } = createLoops(open, answer, { holdMs: 500, workers });
      await world.run();
      expect(ends.map((end) => end.measuredMs)).toEqual(Array(workers).fill(60));
      const indices = sent.map((s) => s.index).sort((a, b) => a - b);
      expect(indices).toEqual(indices.map((_, i) => i));
      expect(sent.map((s) => s.sent)).toEqual(sent.map((s) => (s.index + 1) * 10));
      // Request 4 ends at 180 ms; workers ask after one another each 50 ms.
      expect(indices.length).toBeGreaterThanOrEqual(17);
      expect(indices.length).toBeLessThanOrEqual(23);
    },
  );

  it('is capped in an open loop, and lets everything sent end', async () => {
    const open = {
      kind: 'rate',
      requests: 6,
      limit: 100,
      requestsPerS: 100,
      burstiness: 0,
      held: 5,
      seed: 0,
    } as const;
    const { world, sent } = createLoops(open, () => ({ afterMs: 1000 }), { holdMs: 50 });
    await world.run();
    expect(sent).toHaveLength(10);
    expect(sent.every((s) => s.end === s.sent + 1000)).toBe(true);
  });

  it('begins when it is told', async () => {
    const { world, loops, ends } = createLoops(spec, oneLong, { holdMs: 10_000 });
    world.at(55, () => loops[0].endMeasuring());
    await world.run();
    expect(ends[0].measuredMs).toBe(55);
  });
});

describe('filling the slots before the run', () => {
  const concurrencyAt = (sent: readonly Sent[], ms: number) =>
    sent.filter((s) => s.sent <= ms && ms < s.end).length;

  it.each([1, 3])('hands a full service over, slot by slot, with %i workers', async (workers) => {
    const spec = { kind: 'closed', requests: 40, limit: 8 } as const;
    const { world, sent, ends } = createLoops(spec, () => ({ afterMs: 800 }), { workers, fillMs: 800 });
    await world.run();
    const measured = sent.filter((s) => s.measured);
    expect(measured.map((s) => s.index).sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
    expect(ends.reduce((sum, end) => sum + end.issued, 0)).toBe(40);
    expect(ends.reduce((sum, end) => sum + end.fillers!, 0)).toBe(8);
    // Filled from -800 ms on, one slot each 100 ms; the requests before time zero end in the same order.
    expect(sent.filter((s) => !s.measured).map((s) => s.sent)).toEqual(
      [...Array(8).keys()].map((k) => k * 100 - 800),
    );
    expect(measured.slice(0, 8).map((s) => s.sent)).toEqual([...Array(8).keys()].map((k) => k * 100));
    expect(measured.every((s) => s.due === s.sent)).toBe(true);
    for (let ms = -99; ms < 3200; ms += 50) expect(concurrencyAt(sent, ms)).toBe(8);
    expect(maxConcurrency(sent)).toBe(8);
  });

  it('goes on filling with short requests, and cuts long ones so that every slot has gone over by then', async () => {
    const spec = { kind: 'closed', requests: 12, limit: 4 } as const;
    const { world, sent } = createLoops(spec, (job) => ({ afterMs: job.index % 2 === 0 ? 1e6 : 30 }), {
      fillMs: 400,
    });
    await world.run(399);
    const before = sent.filter((s) => !s.measured);
    expect(before.length).toBeGreaterThan(4);
    for (const { sent: from, end } of before)
      expect(Number.isNaN(end) ? 399 - from : end - from).toBeLessThanOrEqual(400);
    await world.run(401);
    expect(sent.filter((s) => !s.measured && Number.isNaN(s.end))).toEqual([]);
    for (let ms = 0; ms < 400; ms += 20)
      expect(
        concurrencyAt(
          sent.map((s) => ({ ...s, end: Number.isNaN(s.end) ? 1e9 : s.end })),
          ms,
        ),
      ).toBe(4);
  });

  it('asks a service that cannot be reached no faster than in a run', async () => {
    const spec = { kind: 'pressure', limit: 1, clientsPerS: 0, durationMs: 1 } as const;
    const { world, sent } = createLoops(
      spec,
      () => ({ afterMs: 0, outcome: OUTCOME.network, unreachable: true }),
      { fillMs: 1000 },
    );
    await world.run();
    expect(sent.filter((s) => !s.measured)).toHaveLength(1000 / UNREACHABLE_PAUSE_MS);
  });

  it('ends soon when it is stopped before the run', async () => {
    const spec = { kind: 'closed', requests: 12, limit: 4 } as const;
    const { world, sent, ends, loops } = createLoops(spec, () => ({ afterMs: 1e6 }), { fillMs: 400 });
    world.at(-150, () => loops[0].stop());
    await world.run(500);
    expect(sent.every((s) => !s.measured && s.end <= 250)).toBe(true);
    expect(ends).toMatchObject([{ issued: 0 }]);
  });
});

describe('failures', () => {
  it('tries again at once with the same due, as often as allowed, on the same slot', async () => {
    const { world, sent, ends } = createLoops(
      { kind: 'closed', requests: 2, limit: 1 },
      (job) => ({ afterMs: 5, outcome: OUTCOME.http, retryable: job.index === 0 }),
      { retries: 2 },
    );
    await world.run();
    expect(sent.map((s) => [s.index, s.attempt, s.due, s.sent])).toEqual([
      [0, 0, 0, 0],
      [0, 1, 0, 5],
      [0, 2, 0, 10],
      [1, 0, 15, 15],
    ]);
    expect(ends[0].issued).toBe(2);
  });

  it('rests before it knocks at a dead service again', async () => {
    const { world, sent, ends } = createLoops(
      { kind: 'closed', requests: 2, limit: 1 },
      () => ({ afterMs: 1, outcome: OUTCOME.network, retryable: true, unreachable: true }),
      { retries: 1 },
    );
    await world.run();
    const round = 1 + UNREACHABLE_PAUSE_MS;
    expect(sent.map((s) => [s.index, s.attempt, s.sent])).toEqual([
      [0, 0, 0],
      [0, 1, round],
      [1, 0, 2 * round],
      [1, 1, 3 * round],
    ]);
    expect(ends).toHaveLength(1);
  });
});

describe('stop', () => {
  it('sends nothing new, no retry either, and waits for what is in flight', async () => {
    const { world, sent, ends, loops } = createLoops(
      { kind: 'closed', requests: 100, limit: 2 },
      () => ({ afterMs: 10, outcome: OUTCOME.http, retryable: true }),
      { retries: 5 },
    );
    world.at(25, () => loops[0].stop());
    await world.run();
    expect(Math.max(...sent.map((s) => s.sent))).toBe(20);
    expect(ends).toEqual([{ issued: 2, lastIssueMs: 25, slotsOpened: 2 }]);
  });

  it('cancels at once when there is no grace', async () => {
    const { world, sent, ends, loops } = createLoops({ kind: 'closed', requests: 100, limit: 2 }, () => ({
      afterMs: 1e9,
    }));
    world.at(25, () => loops[0].stop(0));
    await world.run(100);
    expect(sent.map((s) => s.end)).toEqual([25, 25]);
    expect(ends).toHaveLength(1);
  });

  it('comes to rest though it was stopped in the middle of a burst', async () => {
    const { world, sent, ends, loops } = createLoops({ kind: 'closed', requests: 100, limit: 40 }, () => ({
      afterMs: 10,
    }));
    loops[0].stop();
    await world.run();
    expect(sent.length).toBeLessThan(40);
    expect(ends).toMatchObject([{ issued: sent.length }]);
  });

  it('can cut a run short that waits for a far due time', async () => {
    const { world, ends, loops } = createLoops(
      { kind: 'timestamps', limit: 1, atMs: Float64Array.of(1e9) },
      () => ({ afterMs: 1 }),
    );
    world.at(25, () => loops[0].stop());
    await world.run(1000);
    expect(ends).toEqual([{ issued: 0, lastIssueMs: 25, slotsOpened: 1 }]);
  });
});

describe('retries', () => {
  const busyFor =
    (attempts: number, more: Partial<AttemptEnd> = {}) =>
    (job: Job) => ({
      afterMs: 10,
      ...(job.index === 0 && job.attempt < attempts && { outcome: OUTCOME.http, retryable: true, ...more }),
    });
  const pause = createRetryPause(() => 0.5);
  const steps = (sent: readonly Sent[]) => sent.map((s) => [s.index, s.attempt, s.due, s.sent]);

  it('back off, and in a closed loop their slot waits with them', async () => {
    const { world, sent } = createLoops({ kind: 'closed', requests: 2, limit: 1 }, busyFor(3), {
      retries: 3,
      pause,
    });
    await world.run();
    expect(steps(sent)).toEqual([
      [0, 0, 0, 0],
      [0, 1, 0, 110],
      [0, 2, 0, 320],
      [0, 3, 0, 730],
      [1, 0, 740, 740],
    ]);
  });

  it('wait as long as the service asks, each in its own order', async () => {
    const asked = [3, 1, 2, 0];
    const { world, sent } = createLoops(
      { kind: 'closed', requests: 4, limit: 4 },
      ({ index, attempt }) => ({
        afterMs: 10,
        ...(attempt === 0 && {
          outcome: OUTCOME.http,
          retryable: true,
          fault: { retryAfterS: asked[index] },
        }),
      }),
      { retries: 1, pause },
    );
    await world.run();
    expect(steps(sent.slice(4))).toEqual([
      [3, 1, 0, 10],
      [1, 1, 0, 1010],
      [2, 1, 0, 2010],
      [0, 1, 0, 3010],
    ]);
  });

  it('do not move what is due in an open loop', async () => {
    const { world, sent } = createLoops(
      { kind: 'rate', requests: 3, limit: 3, requestsPerS: 100, burstiness: 0, seed: 1 },
      busyFor(1, { fault: { retryAfterS: 1 } }),
      { retries: 1, pause },
    );
    await world.run();
    expect(steps(sent)).toEqual([
      [0, 0, 10, 10],
      [1, 0, 20, 20],
      [2, 0, 30, 30],
      [0, 1, 10, 1020],
    ]);
  });

  it('that wait are dropped when the time is over', async () => {
    const { world, sent, ends } = createLoops(
      { kind: 'pressure', limit: 1, clientsPerS: 0, durationMs: 50 },
      busyFor(9, { fault: { retryAfterS: 60 } }),
      { retries: 9, pause },
    );
    await world.run();
    expect(steps(sent)).toEqual([[0, 0, 0, 0]]);
    expect(ends).toHaveLength(1);
  });
});
