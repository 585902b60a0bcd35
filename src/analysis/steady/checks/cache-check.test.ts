import { describe, expect, it } from 'vitest';
import { steadyOf } from '../../../../tools/oracles/oracles.ts';
import { batchingRun, lengthLaws } from '../../../../tools/oracles/virtual-run.ts';
import { seededRandom } from '../../../core/random.ts';
import { type PlainRecord, type RecordBatch, UNKNOWN_TOKENS } from '../../../core/records.ts';
import type { CacheUse, RecordedRun } from '../../../core/run.ts';
import { runOf } from '../../run.fixture.ts';

const use = (more: Partial<CacheUse> = {}): CacheUse => ({
  policy: 'as-is',
  salt: 's',
  saltTokens: 8,
  sharedShare: 0,
  primed: 0,
  repeats: '',
  ...more,
});

/** The same run of another record: data of so many rows, and columns as `change` leaves them. */
function changed(
  run: RecordedRun,
  info: { samples: number; cache?: CacheUse | undefined },
  change: (batch: RecordBatch, row: number) => void = () => {},
): RecordedRun {
  return {
    ...run,
    info: { ...run.info, ...info },
    *batches() {
      for (const batch of run.batches()) {
        for (let row = 0; row < batch.rows; row++) change(batch, row);
        yield batch;
      }
    },
  };
}

const checkOf = (run: RecordedRun) => {
  const found = steadyOf(run).checks.find(({ name }) => name === 'cache_share');
  if (!found) throw new Error('no check cache_share');
  return found;
};

const told = (share: number) => (batch: RecordBatch, row: number) => {
  batch.cachedTokens[row] = Math.round(share * batch.inTokens[row]);
};
const batching = (seed: number) =>
  batchingRun({ slots: 8, lengths: lengthLaws.geometric(40), requests: 600 }, seededRandom(seed));

describe('with cached tokens in the usage', () => {
  it.each([
    ['fresh, none', use({ policy: 'fresh' }), 0, 'ok', 'fresh: 0.0 % of the prompt tokens came from a cache'],
    ['fresh, many', use({ policy: 'fresh' }), 0.9, 'reservation', 'fresh: 90.0 % of the prompt tokens'],
    [
      'fresh, as asked',
      use({ policy: 'fresh', sharedShare: 0.9 }),
      0.9,
      'ok',
      '90.0 % were meant to be shared',
    ],
    ['primed, as asked', use({ policy: 'primed', sharedShare: 0.5 }), 0.5, 'ok', 'primed: 50.0 %'],
    [
      'as-is, repeated',
      use({ repeats: '20260101_000000' }),
      0.9,
      'reservation',
      'run 20260101_000000 had sent',
    ],
    ['as-is, repeated in vain', use({ repeats: '20260101_000000' }), 0, 'ok', 'as-is: 0.0 %'],
    ['as-is, shared by the data', use(), 0.9, 'ok', 'as-is: 90.0 %'],
    ['not said, many', undefined, 0.9, 'reservation', '90.0 %'],
  ])('%s', (_, cache, share, result, found) => {
    // A template of 0 tokens: one request in three finds nothing.
    const some = (batch: RecordBatch, row: number) =>
      told(batch.index[row] % 30 === 0 ? 0 : share)(batch, row);
    const plain = share === 0 ? told(0) : some;
    const check = checkOf(changed(batching(1), { samples: 10_000, cache }, plain));
    expect(check.result).toBe(result);
    const percent = / %/.test(found) && share > 0 ? /\d+\.\d %/ : found;
    expect(check.found).toMatch(percent);
    expect(check.advice === '').toBe(result === 'ok');
  });

  it('as-is: cycled rows that were found are told with their number', () => {
    const found = changed(batching(1), { samples: 20, cache: use() }, (batch, row) =>
      told(batch.index[row] < 20 ? 0 : 0.95)(batch, row),
    );
    expect(checkOf(found)).toMatchObject({
      result: 'reservation',
      found: expect.stringMatching(/^as-is: 9\d\.\d % of .*; its 20 rows were sent more than once$/),
    });
  });

  it('a start that every request finds is its template, not its words', () => {
    const run = changed(batching(1), { samples: 10_000, cache: use({ policy: 'fresh' }) }, (batch, row) => {
      batch.cachedTokens[row] = 32;
    });
    expect(checkOf(run)).toMatchObject({ result: 'ok', found: expect.stringContaining('32.0 %') });
  });
});

describe('without cached tokens', () => {
  const silent = (batch: RecordBatch, row: number) => {
    batch.cachedTokens[row] = UNKNOWN_TOKENS;
  };

  /** Eight slots whose TTFT scatters by a quarter; later passes take `factor` of it. */
  function scattered(seed: number, samples: number, factor: number): RecordedRun {
    const random = seededRandom(seed);
    const freeAt = Array.from({ length: 8 }, (_, slot) => slot * 40);
    const records = Array.from({ length: 1200 }, (_, index): PlainRecord => {
      const sent = Math.min(...freeAt);
      const ttft = 80 * Math.exp(0.25 * random.normal()) * (index < samples ? 1 : factor);
      const tokens = random.int(10, 50);
      const events = Array.from({ length: tokens }, (_, k): [number, 'text'] => [
        sent + ttft + 10 * k,
        'text',
      ]);
      const end = sent + ttft + 10 * (tokens - 1);
      freeAt[freeAt.indexOf(sent)] = end;
      return { index, sent, end, inTokens: 100, outTokens: tokens, events };
    });
    return runOf(records, { batchSize: 8, samples, cache: use() });
  }

  it('finds a TTFT that is half from the second pass on', () => {
    for (let seed = 0; seed < 5; seed++) {
      const check = checkOf(scattered(seed, 300, 0.5));
      expect(check.result, check.found).toBe('reservation');
      expect(check.found).toMatch(/TTFT of \d+ repeated rows changed by -[45]\d\.\d %/);
    }
  });

  it('raises no alarm in 100 clean runs', () => {
    const alarms = Array.from({ length: 50 }, (_, seed) => [
      checkOf(scattered(seed, 300, 1)),
      checkOf(changed(batching(seed), { samples: 60, cache: use({ policy: 'fresh' }) }, silent)),
    ]).flat();
    expect(alarms.filter(({ result }) => result !== 'ok').map(({ found }) => found)).toEqual([]);
  });

  it.each([
    ['fresh, each row once', use({ policy: 'fresh' }), 10_000, 'ok', 'every request began with its own salt'],
    ['as-is, each row once', use(), 10_000, 'ok', 'no row is known to be repeated'],
    ['as-is, too few rows to tell', use(), 5, 'reservation', 'its 5 rows were sent more than once'],
    ['as-is, repeated', use({ repeats: '20260101_000000' }), 10_000, 'reservation', 'had sent the same rows'],
    ['not said', undefined, 10_000, 'not tested', 'does not record'],
  ])('%s', (_, cache, samples, result, found) => {
    const check = checkOf(changed(batching(2), { samples, cache }, silent));
    expect(check.result, check.found).toBe(result);
    expect(check.found).toContain(found);
  });
});
