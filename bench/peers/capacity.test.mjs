import { expect, it } from 'vitest';
import { largestPassing, p99ErrorMs } from './capacity.mjs';

async function search(capacity, options) {
  const asked = [];
  const found = await largestPassing(
    async (n) => {
      asked.push(n);
      return n <= capacity;
    },
    { start: 100, limit: 3200, ratio: 1.15, ...options },
  );
  return { ...found, asked };
}

it('doubles until refused, then halves the gap until it is within the ratio', async () => {
  for (const capacity of [1, 7, 99, 100, 101, 530, 2222, 3199]) {
    const { largest, refused, asked } = await search(capacity);
    expect(largest).toBeLessThanOrEqual(capacity);
    expect(refused).toBeGreaterThan(capacity);
    expect(Number(refused) <= largest * 1.15 || refused === largest + 1).toBe(true);
    expect(asked.length).toBeLessThan(14);
    expect(new Set(asked).size).toBe(asked.length);
  }
});

it('stops at the limit, which may lie below the start, and tells that nothing passes', async () => {
  expect(await search(9999)).toMatchObject({
    largest: 3200,
    refused: null,
    asked: [100, 200, 400, 800, 1600, 3200],
  });
  expect(await search(9999, { start: 40, limit: 40 })).toMatchObject({
    largest: 40,
    refused: null,
    asked: [40],
  });
  expect(await search(0)).toMatchObject({ largest: 0, refused: 1 });
});

it('the opening burst does not count for the error', () => {
  const actual = Array.from({ length: 400 }, () => 50);
  const errorMs = (i) => {
    if (i < 100) return 80;
    return i < 398 ? 1 : 30;
  };
  const reported = actual.map((ms, i) => ms + errorMs(i));
  expect(p99ErrorMs({ reported, actual }, 100)).toBe(1);
  expect(p99ErrorMs({ reported: reported.map((ms, i) => (i > 390 ? 60 : ms)), actual }, 100)).toBe(10);
});
