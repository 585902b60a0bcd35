import { describe, expect, it } from 'vitest';
import type { CalibrationRow } from '../task/calibration/calibration-run.ts';
import { highestBelow, searchStreams } from './calibration-search.ts';

const rowOf = (streams: number, p99Ms: number, kept = 1) =>
  ({ streams, p99Ms, service: { meanLateMs: 0, maxLateMs: 0, kept } }) as CalibrationRow;

function search(
  p99Of: (streams: number) => number,
  more: { serviceUpTo?: number; most?: number; times?: number } = {},
) {
  const { serviceUpTo = Number.POSITIVE_INFINITY, most = 8000, times = 100 } = more;
  const asked: number[] = [];
  return searchStreams({
    first: 125,
    most,
    limitsMs: [1, 5],
    hasTime: () => asked.length < times,
    async measure(streams) {
      asked.push(streams);
      return rowOf(streams, p99Of(streams), streams > serviceUpTo ? 0.5 : 1);
    },
  }).then((rows) => ({ rows, asked }));
}

describe('searchStreams', () => {
  it('closes in on both limits from both sides', async () => {
    const { rows, asked } = await search((streams) => streams / 700);
    expect(asked).toEqual([125, 250, 500, 1000, 2000, 4000, 750, 625, 3000, 3500]);
    expect(highestBelow(rows, 1)).toMatchObject({ streams: 625, failedAt: 750 });
    expect(highestBelow(rows, 5)).toMatchObject({ streams: 3000, failedAt: 3500 });
  });

  it('does not count what the service could not keep up with, and says that the client did not fail', async () => {
    const { rows, asked } = await search(() => 0.5, { serviceUpTo: 1100 });
    expect(asked).toEqual([125, 250, 500, 1000, 2000, 1500, 1250]);
    expect(rows.map((row) => row.streams)).toEqual([125, 250, 500, 1000]);
    expect(highestBelow(rows, 5)).toMatchObject({ streams: 1000, failedAt: null });
  });

  it('looks below its first count, but not for long', async () => {
    const { rows, asked } = await search((streams) => streams / 50);
    expect(asked).toEqual([125, 250, 63, 32, 188, 219]);
    expect(highestBelow(rows, 1)).toMatchObject({ streams: 32, failedAt: 63 });
  });

  it('stops at the most that the host allows and when the time is up', async () => {
    expect((await search(() => 0, { most: 600 })).asked).toEqual([125, 250, 500]);
    expect((await search(() => 0, { times: 2 })).asked).toEqual([125, 250]);
  });
});

it('takes no count above the first failure', () => {
  const rows = [rowOf(100, 0.5), rowOf(200, 1.5), rowOf(400, 0.9)];
  expect(highestBelow(rows, 1)).toMatchObject({ streams: 100, failedAt: 200 });
  expect(highestBelow([rowOf(100, 2)], 1)).toMatchObject({ streams: 0, failedAt: 100 });
});
