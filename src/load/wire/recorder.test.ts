import { describe, expect, it } from 'vitest';
import { emptyBatch, NEVER, OUTCOME } from '../../core/records.ts';
import { clearLog, countTokens, logEither, logEvent, newEventLog, wholeUs } from './logs/event-log.ts';
import { appendParsed, newTextLog } from './logs/text-log.ts';
import { createRecorder, type FinishedAttempt, transferList } from './recorder.ts';
import { nothingSaid } from './said.ts';

function attempt(
  index: number,
  eventsMs: readonly number[],
  more: Partial<FinishedAttempt> = {},
): FinishedAttempt {
  const log = newEventLog();
  for (const ms of eventsMs) logEvent(log, wholeUs(ms), 1);
  const times = { due: index, sent: index + 0.5, firstByte: NEVER, end: index + 9 };
  return {
    index,
    turn: 0,
    attempt: 0,
    ...times,
    outcome: OUTCOME.ok,
    status: 200,
    said: nothingSaid(),
    log,
    fault: null,
    text: newTextLog(),
    reasoning: newTextLog(),
    ...more,
  };
}

describe('logEvent', () => {
  it('does not drift: the sum of 100,000 gaps is the last time, to the microsecond', () => {
    const log = newEventLog();
    for (let i = 1; i <= 100_000; i++) logEvent(log, wholeUs(i / 3), 1);
    const sum = log.gapsUs.subarray(0, log.count).reduce((a, b) => a + b, 0);
    expect(sum).toBe(Math.round((100_000 / 3) * 1000));
  });

  it('starts from zero when it is reused', () => {
    const log = newEventLog();
    logEvent(log, 5_000_000, 1);
    clearLog(log);
    logEvent(log, 250, 3);
    expect([log.count, log.gapsUs[0], log.kinds[0]]).toEqual([1, 250, 3]);
  });

  it('keeps a gap that is too long for its column as the longest there is', () => {
    const log = newEventLog();
    logEvent(log, 5e9, 1);
    expect(log.gapsUs[0]).toBe(0xffff_ffff);
  });
});

describe('createRecorder', () => {
  it('tells how much it holds, whatever the rows are full of, so that batches leave in time', () => {
    const recorder = createRecorder(0);
    const text = newTextLog();
    appendParsed(text, 'x'.repeat(3000));
    const grown = (row: FinishedAttempt): number => {
      const before = recorder.bytes;
      recorder.append(row);
      return recorder.bytes - before;
    };
    expect(grown(attempt(0, []))).toBe(0);
    expect(grown(attempt(1, [1, 2, 3]))).toBe(15);
    expect(grown(attempt(2, [], { text }))).toBe(3000);
    const fault = { cause: 'HTTP 500', errorBody: 'e'.repeat(2048) };
    expect(grown(attempt(3, [], { fault }))).toBe(2056);
    recorder.take();
    expect(recorder.bytes).toBe(0);
  });

  it('gives back what it was given, across growth of rows and events, batch by batch', () => {
    const recorder = createRecorder(3);
    expect(recorder.take()).toBeNull();
    const lengths = Array.from({ length: 3000 }, (_, i) => (i * 7) % 40);
    for (const [index, length] of lengths.entries())
      recorder.append(
        attempt(
          index,
          Array.from({ length }, (_, k) => (k + 1) * index),
          { fault: index % 100 ? null : { cause: `c${index}` } },
        ),
      );
    const { batch } = recorder.take()!;
    expect(batch.rows).toBe(3000);
    expect(batch.worker.every((w) => w === 3)).toBe(true);
    expect(batch.notes.map((n) => n.row)).toEqual(Array.from({ length: 30 }, (_, i) => i * 100));
    for (const [row, length] of lengths.entries()) {
      const [from, to] = [batch.eventStart[row], batch.eventStart[row + 1]];
      expect([batch.index[row], to - from]).toEqual([row, length]);
      expect(batch.eventGapUs.subarray(from, to).every((gap) => gap === row * 1000)).toBe(true);
    }
    recorder.append(attempt(9, [1, 2], { said: { ...nothingSaid(), inTokens: 4, outTokens: 2 } }));
    const second = recorder.take()!.batch;
    expect([second.rows, [...second.eventStart], [...second.eventGapUs], [...second.tokenSource]]).toEqual([
      1,
      [0, 2],
      [1000, 1000],
      [1],
    ]);
    expect(second.notes).toEqual([]);
  });

  it('has a column of tokens by event only in a batch where some row has them', () => {
    const recorder = createRecorder(0);
    const told = () => {
      const log = newEventLog();
      for (const [ms, count] of [
        [1, 2],
        [2, 5],
      ]) {
        logEither(log, wholeUs(ms), 1, true);
        countTokens(log, count);
      }
      return { log, said: { ...nothingSaid(), outTokens: 5 } };
    };
    const tokensOf = () => [...recorder.take()!.batch.eventTokens];
    recorder.append(attempt(0, [1, 2, 3]));
    recorder.append(attempt(1, [], told()));
    const { bytes } = recorder;
    recorder.append(attempt(2, [1]));
    expect(bytes).toBe(5 * 5 + 5 * 2);
    expect(tokensOf()).toEqual([0, 0, 0, 2, 3, 0]);
    recorder.append(attempt(3, [1, 2, 3, 4, 5]));
    expect(tokensOf()).toEqual([]);
    recorder.append(attempt(4, [1]));
    recorder.append(attempt(5, [], told()));
    expect(tokensOf()).toEqual([0, 2, 3]);
    recorder.append(attempt(6, [], { ...told(), said: { ...nothingSaid(), outTokens: 4 } }));
    expect(tokensOf()).toEqual([]);
  });

  it('hands over exactly the memory that is filled, and every column of the contract', () => {
    const recorder = createRecorder(0);
    const text = newTextLog();
    appendParsed(text, 'é"');
    recorder.append(attempt(0, [1, 2, 3], { text }));
    const raw = recorder.take()!;
    const { notes, rows, ...columns } = raw.batch;
    expect([rows, notes]).toEqual([1, []]);
    const expected = emptyBatch(1, 3);
    for (const [name, column] of Object.entries(columns)) {
      const twin = expected[name as keyof typeof columns];
      expect([name, column.constructor, column.buffer.byteLength]).toEqual([
        name,
        twin.constructor,
        twin.buffer.byteLength,
      ]);
    }
    const moved = structuredClone(raw, { transfer: transferList(raw) });
    expect([...moved.batch.eventGapUs]).toEqual([1000, 1000, 1000]);
    expect([moved.texts, Buffer.from(moved.textBytes).toString()]).toEqual([
      [{ row: 0, text: 4, reasoning: 0 }],
      'é\\"',
    ]);
    expect(raw.batch.index.length).toBe(0);
  });
});
