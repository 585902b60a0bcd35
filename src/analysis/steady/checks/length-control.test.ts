import { expect, it } from 'vitest';
import { steadyOf } from '../../../../tools/oracles/oracles.ts';
import { runOf, streamed } from '../../run.fixture.ts';

/** 200 requests one after another, of 2 and 3 tokens in turn; the first `cut` of them end a token early. */
function checkOf(cut: number, forcedOutTokens?: number | number[]) {
  const records = Array.from({ length: 200 }, (_, i) => {
    const tokens = (i % 2) + 2 - (i < cut ? 1 : 0);
    return streamed(
      i,
      Array.from({ length: tokens + 1 }, (_, k) => i + k / 10),
      tokens,
      10,
    );
  });
  const forced = forcedOutTokens === undefined ? {} : { forcedOutTokens };
  return steadyOf(runOf(records, { batchSize: 1, samples: 2, ...forced })).checks[16];
}

it.each([
  [0, [2, 3], 'ok', '0 of 200 outputs'],
  [2, [2, 3], 'ok', '2 of 200 outputs'],
  [3, [2, 3], 'reservation', '3 of 200 outputs'],
  [0, 2, 'reservation', '100 of 200 outputs'],
] as const)('%d outputs cut short of the forced %j: %s', (cut, forced, result, found) => {
  const lengths = typeof forced === 'number' ? forced : [...forced];
  expect(checkOf(cut, lengths)).toMatchObject({ number: 17, result, found });
});

it('says nothing about lengths that the model chose', () => {
  expect(checkOf(0)).toMatchObject({ number: 17, result: 'not applicable' });
});
