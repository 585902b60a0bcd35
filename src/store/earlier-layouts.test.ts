/** Runs that earlier versions wrote must stay readable. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { batchOf, type RecordBatch } from '../core/records.ts';
import { someEnd, someInfo } from './random-batch.fixture.ts';
import { readDetailsH5 } from './read-details-h5.ts';
import { readJournal } from './read-journal.ts';

const runs = join(import.meta.dirname, '../../test/fixtures/runs');
const batch = batchOf([
  {
    index: 0,
    sent: 1,
    end: 9,
    inTokens: 7,
    outTokens: 2,
    events: [
      [3, 'text'],
      [8, 'text'],
    ],
    note: { finishReason: 'stop' },
  },
  { index: 1, sent: 2, end: 5, outcome: 'http', status: 503, events: [], note: { cause: 'HTTP 503' } },
  {
    index: 2,
    sent: 2,
    end: 7.5,
    outTokens: 1,
    events: [
      [4, 'role'],
      [6, 'reasoning'],
    ],
  },
]);

describe('a run written before cached tokens were kept', () => {
  it.each([
    ['journal', () => readJournal(join(runs, 'before-cached-tokens.journal'))],
    ['h5', () => readDetailsH5(join(runs, 'before-cached-tokens.h5'))],
  ])('is read from its %s, with the count unknown', async (_, read) => {
    const { info, end, batches } = await read();
    expect(info).toEqual(someInfo);
    expect(end).toEqual(someEnd);
    expect([...(batches() as Iterable<RecordBatch>)]).toEqual([batch]);
  });
});
