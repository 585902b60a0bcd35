import { expect, it } from 'vitest';
import { OUTCOME } from '../core/records.ts';
import type { AttemptDone } from './connection.ts';
import type { Job } from './job.ts';
import { warmUp } from './warmup.ts';

it.each([
  [3, 2, { ok: 1, failed: 1, reasons: { 'HTTP 503': 1 } }],
  [2, 2, { ok: 2, failed: 0, reasons: {} }],
  [1, 0, { ok: 1, failed: 1, reasons: { 'HTTP 503': 1 } }],
])('a request that fails %d times is sent again %d times, after a pause', async (failures, retries, want) => {
  const sent: [number, number][] = [];
  const pauses: number[] = [];
  let over = 0;
  const sender = {
    send({ index, attempt }: Job, done: AttemptDone) {
      sent.push([index, attempt]);
      const isBusy = index === 1 && attempt < failures;
      done({
        outcome: isBusy ? OUTCOME.http : OUTCOME.ok,
        cause: isBusy ? 'HTTP 503' : '',
        sentMs: 0,
        endMs: 5,
        retryable: isBusy,
        unreachable: false,
      });
    },
    cancel: () => {},
    cancelAll: () => {},
  };
  const count = await warmUp([0, 1], {
    sender,
    slots: 1,
    retries,
    retryPause: (_, attempt) => 100 * 2 ** attempt,
    wait(ms, act) {
      pauses.push(ms);
      act();
    },
    onOne: () => over++,
  });
  expect(count).toMatchObject({ total: 2, ...want });
  expect(pauses).toEqual([100, 200].slice(0, retries));
  expect(sent).toEqual([[0, 0], ...Array.from({ length: retries + 1 }, (_, attempt) => [1, attempt])]);
  expect(over).toBe(2);
});
