import { describe, expect, it } from 'vitest';
import { emptyBatch, OUTCOME } from '../records.ts';
import { addFailures, createFailureGroups } from './failure-groups.ts';

const failure = (status: number, message: string) => ({
  outcome: 'http',
  status,
  cause: `HTTP ${status}`,
  body: JSON.stringify({ error: { message } }),
});

describe('failures in groups', () => {
  it('numbers and ids that differ do not make groups of their own', () => {
    const groups = createFailureGroups();
    for (let i = 0; i < 1000; i++)
      groups.add(failure(400, `request chatcmpl-${i}ab: ${i} tokens are too many`));
    expect(groups.list()).toMatchObject([
      { status: 400, count: 1000, message: 'request chatcmpl-0ab: 0 tokens are too many' },
    ]);
  });

  it('statuses and messages do, the most frequent first', () => {
    const groups = createFailureGroups();
    groups.add(failure(500, 'a'));
    for (let i = 0; i < 3; i++) groups.add(failure(503, 'a'));
    for (let i = 0; i < 2; i++) groups.add(failure(500, 'b'));
    expect(groups.list().map((g) => [g.status, g.message, g.count])).toEqual([
      [503, 'a', 3],
      [500, 'b', 2],
      [500, 'a', 1],
    ]);
    expect(groups.others).toBe(0);
  });

  it('are few, however many there are', () => {
    const groups = createFailureGroups();
    const word = (i: number) => [...String(i)].map((d) => 'abcdefghij'[Number(d)]).join('');
    for (let i = 0; i < 500; i++) groups.add(failure(500, word(i)));
    expect(groups.list()).toHaveLength(20);
    expect(groups.others).toBe(480);
  });

  it('come from the records of a run', () => {
    const batch = emptyBatch(3, 0);
    batch.outcome.set([OUTCOME.ok, OUTCOME.http, OUTCOME.timeout]);
    batch.status.set([200, 500, 0]);
    batch.notes.push({ row: 1, cause: 'HTTP 500', errorBody: '{"message":"no"}' });
    const groups = createFailureGroups();
    addFailures(groups, batch);
    expect(groups.list().map((g) => `${g.count} ${g.summary} ${g.message}`)).toEqual([
      '1 HTTP 500 (internal server error) no',
      '1 timeout: no further reason ',
    ]);
  });
});
