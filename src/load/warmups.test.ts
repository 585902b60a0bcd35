import { describe, expect, it } from 'vitest';
import { OUTCOME } from '../core/records.ts';
import { sendWarmups, type WarmupOptions } from './warmups.ts';
import type { AttemptEnd } from './wire/attempt-end.ts';
import type { Sender } from './wire/client.ts';
import type { Fault } from './wire/fault.ts';
import type { Job } from './wire/job.ts';

type Answer = Partial<AttemptEnd>;

const ok: Answer = { outcome: OUTCOME.ok, status: 200, fault: null };
const http = (status: number, more: Fault = {}): Answer => ({
  outcome: OUTCOME.http,
  status,
  fault: { cause: `HTTP ${status}`, ...more },
  retryable: status >= 429,
});

/** Answers each attempt as `answers` says, in virtual time. */
function world(answers: (job: Job, nowMs: number) => Answer) {
  let now = 0;
  const pauses: number[] = [];
  const waits: unknown[] = [];
  const queue: { atMs: number; act: () => void }[] = [];
  const later = (ms: number, act: () => void) => queue.push({ atMs: now + ms, act });
  const sender: Sender = {
    send(job, done) {
      const end = answers(job, now);
      const at = now;
      later(1, () => done({ sentMs: at, endMs: at + 1, unreachable: false, ...end } as AttemptEnd));
    },
    cancelAll() {},
    cancel() {},
  };
  async function run(indices: number[], options: Partial<WarmupOptions> = {}) {
    const counting = sendWarmups(sender, indices, {
      slots: 1,
      retries: 0,
      retryPause: (_, attempt) => 100 * 2 ** attempt,
      waitMs: 0,
      onOne() {},
      onWait: (failed) => waits.push(failed),
      now: () => now,
      later(ms, act) {
        pauses.push(ms);
        later(ms, act);
      },
      ...options,
    });
    while (queue.length > 0) {
      queue.sort((a, b) => a.atMs - b.atMs);
      const { atMs, act } = queue.shift()!;
      now = atMs;
      act();
    }
    return counting;
  }
  return { run, pauses, waits };
}

describe('warm-ups', () => {
  it('tell what failed, and how', async () => {
    const { run } = world(({ index }) => (index === 1 ? http(400) : ok));
    const { failures, ...count } = await run([0, 1, 2]);
    expect(count).toEqual({ total: 3, ok: 2, failed: 1, e2elMs: [1, 1] });
    expect(failures).toMatchObject([
      { index: 1, attempt: 0, outcome: 'http', status: 400, cause: 'HTTP 400' },
    ]);
  });

  it('wait for a service that is loading, and say so once', async () => {
    const { run, pauses, waits } = world((_, now) => (now < 2500 ? http(503) : ok));
    expect(await run([0, 1], { slots: 2, waitMs: 60_000 })).toMatchObject({ ok: 2, failed: 0 });
    expect(pauses).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    expect(waits).toHaveLength(1);
  });

  it('wait as long as it asks, and not longer than was said', async () => {
    const { run, pauses } = world(() => http(503, { retryAfterS: 7 }));
    const { failures } = await run([0], { waitMs: 10_000 });
    expect(pauses).toEqual([7000, 2998]);
    expect(failures).toMatchObject([{ status: 503, retryAfterS: 7 }]);
  });

  it.each([0, 3000])('give up a service that never loads, after %i ms and their retries', async (waitMs) => {
    const { run } = world(() => http(503));
    const count = await run([0, 1], { waitMs, retries: 2 });
    expect(count).toMatchObject({ ok: 0, failed: 2 });
  });

  it('are tried again as often as retry says, where that may help', async () => {
    const { run, pauses } = world(({ attempt }) => (attempt < 2 ? http(429) : ok));
    expect(await run([0], { retries: 2 })).toMatchObject({ ok: 1 });
    expect(pauses).toEqual([100, 200]);
    expect(await world(() => http(400)).run([0], { retries: 2 })).toMatchObject({ failed: 1 });
    expect(await world(() => http(503)).run([0])).toMatchObject({ failed: 1 });
  });
});
