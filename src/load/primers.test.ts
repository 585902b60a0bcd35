import { describe, expect, it } from 'vitest';
import type { Plan } from '../core/plan.ts';
import { OUTCOME } from '../core/records.ts';
import { sendPrimers } from './primers.ts';
import type { AttemptEnd } from './wire/attempt-end.ts';

function planWith(bodies: readonly string[]): Plan {
  const offsets = new Float64Array(new SharedArrayBuffer(8 * (bodies.length + 1)));
  bodies.forEach((body, i) => {
    offsets[i + 1] = offsets[i] + body.length;
  });
  const bytes = new SharedArrayBuffer(offsets[bodies.length]);
  Buffer.from(bytes).write(bodies.join(''));
  const target = { url: 'http://h/', apiKey: '', stream: true };
  const primers = { count: bodies.length, bytes, offsets: offsets.buffer };
  return { target, path: 'p', headers: {}, primers } as unknown as Plan;
}

/** Answers the attempts in turn with these statuses, at once, and pauses in no time. */
async function primed(bodies: readonly string[], statuses: readonly number[], retries = 0, waitMs = 0) {
  const sent: string[] = [];
  const pauses: number[] = [];
  const waits: unknown[] = [];
  let now = 0;
  const count = await sendPrimers(
    {
      send({ bytes, measured }, done) {
        sent.push(`${measured} ${Buffer.concat(bytes!).toString().split('\r\n\r\n')[1]}`);
        const status = statuses[sent.length - 1] ?? 200;
        const outcome = status === 200 ? OUTCOME.ok : OUTCOME.http;
        const fault = status === 200 ? null : { cause: `HTTP ${status}`, errorBody: 'why' };
        const end = { outcome, status, fault, sentMs: now, endMs: now + 1, retryable: status === 429 };
        queueMicrotask(() => done(end as AttemptEnd));
      },
    },
    planWith(bodies),
    {
      retries,
      waitMs,
      retryPause: () => 100,
      onOne() {},
      onWait: (failed) => waits.push(failed),
      now: () => now,
      later(ms, act) {
        pauses.push(ms);
        now += ms;
        queueMicrotask(act);
      },
    },
  );
  return { count, sent, pauses, waits };
}

describe('primers', () => {
  it('go out one after the other, unmeasured, and say nothing of how long a request takes', async () => {
    const { count, sent } = await primed(['one', 'two'], []);
    expect(sent).toEqual(['false one', 'false two']);
    expect(count).toEqual({ total: 2, ok: 2, failed: 0, failures: [], e2elMs: [] });
  });

  it('wait for a service that is loading, and are tried again as often as retry says', async () => {
    const { count, sent, pauses, waits } = await primed(['one', 'two'], [503, 503, 200, 429], 1, 60_000);
    expect(sent).toEqual(['false one', 'false one', 'false one', 'false two', 'false two']);
    expect(pauses).toEqual([1000, 1000, 100]);
    expect(waits).toHaveLength(1);
    expect(count).toMatchObject({ ok: 2, failed: 0 });
  });

  it('tell why they failed, and the next one is sent', async () => {
    const { count, sent } = await primed(['one', 'two'], [400]);
    expect(sent).toHaveLength(2);
    expect(count).toMatchObject({ total: 2, ok: 1, failed: 1 });
    expect(count.failures).toMatchObject([{ index: 0, status: 400, cause: 'HTTP 400', errorBody: 'why' }]);
  });

  it('are none where the plan has none', async () => {
    const count = await sendPrimers({ send() {} }, {} as Plan, {} as never);
    expect(count.total).toBe(0);
  });
});
