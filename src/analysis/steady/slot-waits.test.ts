import { expect, it } from 'vitest';
import { definitions } from '../definitions.ts';
import { readRequests } from '../request-table.ts';
import { runOf, spanning } from '../run.fixture.ts';
import { slotWaitsMs } from './slot-waits.ts';

it('counts from the moment a request was due and had a slot, whichever came last', () => {
  // Two slots. The third and fourth were due at 0 s: they wait for a slot, not for the client; the fifth waits for its time.
  const attempts = [
    { dueS: 0, fromS: 0, toS: 1 },
    { dueS: 0, fromS: 0.001, toS: 1.5 },
    { dueS: 0, fromS: 1.002, toS: 3 },
    { dueS: 0, fromS: 1.5, toS: 2 },
    { dueS: 2.5, fromS: 2.504, toS: 4 },
  ];
  const records = attempts.map(({ dueS, fromS, toS }, i) => ({
    ...spanning(i, fromS, toS),
    due: dueS * 1000,
  }));
  const table = readRequests(runOf([...records].reverse()), definitions.product);
  const waits = slotWaitsMs(table, 2);
  expect([...waits].reverse().map((ms) => Math.round(ms * 1000) / 1000)).toEqual([0, 1, 2, 0, 4]);
});
