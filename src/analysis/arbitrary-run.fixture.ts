/** Small runs of every kind for property tests, and the changes to a run that must not change its numbers. */
import fc from 'fast-check';
import { type EventKind, outcomes, type PlainRecord } from '../core/records.ts';

// Few distinct whole milliseconds, so that ties are common and all arithmetic is exact.
const attempt = fc.record({
  sent: fc.nat(40),
  wait: fc.nat(3),
  gaps: fc.array(
    fc.tuple(fc.nat(5), fc.constantFrom<EventKind>('text', 'reasoning', 'role', 'usage', 'comment')),
    {
      maxLength: 6,
    },
  ),
  tail: fc.nat(3),
  outcome: fc.constantFrom(...outcomes, 'ok' as const, 'ok' as const, 'ok' as const),
  inTokens: fc.option(fc.nat(9), { nil: undefined }),
  outTokens: fc.option(fc.nat(9), { nil: undefined }),
});
const records = fc.array(attempt, { minLength: 1, maxLength: 12 }).map((attempts) =>
  attempts.map((a, index): PlainRecord => {
    let at = a.sent;
    const events = a.gaps.map(([gap, kind]): [number, EventKind] => {
      at += gap;
      return [at, kind];
    });
    const { outcome, inTokens, outTokens } = a;
    return {
      index,
      due: a.sent - a.wait,
      sent: a.sent,
      end: at + a.tail,
      outcome,
      inTokens,
      outTokens,
      events,
    };
  }),
);
export const load = fc.record({ records, batchSize: fc.integer({ min: 1, max: 3 }) });

/** A load, and the same records in another order. */
export const shuffled = load.chain(({ records, batchSize }) =>
  fc.tuple(fc.constant({ records, batchSize }), fc.shuffledSubarray(records, { minLength: records.length })),
);

/** The records on another clock; `to` must keep whole milliseconds whole. */
export function retimed(records: PlainRecord[], to: (ms: number) => number): PlainRecord[] {
  return records.map((r) => ({
    ...r,
    due: to(r.due ?? r.sent),
    sent: to(r.sent),
    end: to(r.end),
    events: r.events.map(([ms, kind]): [number, EventKind] => [to(ms), kind]),
  }));
}

/** The records as several workers would have stored them: each its own requests, one worker after the other. */
export function onWorkers(records: readonly PlainRecord[], workers: number): PlainRecord[] {
  return records
    .map((record) => ({ ...record, worker: record.index % workers }))
    .sort((a, b) => a.worker - b.worker || a.sent - b.sent);
}
