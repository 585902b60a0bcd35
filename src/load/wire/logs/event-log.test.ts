import { describe, expect, it } from 'vitest';
import { clearLog, countTokens, hasEventTokens, logEither, newEventLog, trimLog } from './event-log.ts';

/** An answer whose events tell these running counts: a number for an event with output, null for one without a count. */
function counted(counts: readonly (number | null)[], log = newEventLog()) {
  for (const [i, count] of counts.entries()) {
    logEither(log, i, 1, true);
    if (count !== null) countTokens(log, count);
  }
  return log;
}

describe('tokens by event', () => {
  it('are the differences of the running counts', () => {
    const log = counted([2, 3, 7]);
    expect([...log.tokens.subarray(0, 3)]).toEqual([2, 1, 4]);
    expect(hasEventTokens(log, 7)).toBe(true);
  });

  it('leave out events without output, whatever these tell', () => {
    const log = newEventLog();
    logEither(log, 1, 4, false);
    logEither(log, 2, 1, true);
    countTokens(log, 3);
    logEither(log, 3, 9, false);
    logEither(log, 4, 1, true);
    countTokens(log, 4);
    expect([...log.tokens.subarray(0, 4)]).toEqual([0, 3, 0, 1]);
  });

  it.each([
    ['no counts', [null, null], 2],
    ['a first event without one', [null, 2, 3], 3],
    ['a last event without one', [1, 2, null], 3],
    ['one that goes back', [3, 2, 5], 5],
    ['one that stands still, as a count of each event by itself does', [1, 1, 1], 3],
    ['nothing but zeros until the end', [0, 0, 0], 3],
    ['one that is more than the service counted in the end', [1, 2, 9], 8],
    ['a count of events', [1, 2, 3], 12],
    ['more tokens in one event than its column can hold', [1, 70_000], 70_000],
    ['a single event, which needs none', [4], 4],
  ])('are unknown with %s', (_, counts, outTokens) => {
    expect(hasEventTokens(counted(counts), outTokens)).toBe(false);
  });

  it('may leave an end mark unseen', () => {
    expect(hasEventTokens(counted([2, 3]), 4)).toBe(true);
  });

  it('begin anew with the next answer, also after a long one', () => {
    const log = counted([5, 6, 7, 8]);
    clearLog(log);
    counted([1, 2], log);
    logEither(log, 9, 9, false);
    expect([hasEventTokens(log, 2), [...log.tokens.subarray(0, 3)]]).toEqual([true, [1, 1, 0]]);
    const long = counted(Array.from({ length: 70_000 }, (_, i) => i + 1));
    trimLog(long);
    expect([long.tokens.length, long.counted]).toEqual([0, 0]);
  });
});
