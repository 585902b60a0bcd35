import { describe, expect, it } from 'vitest';
import type { PlainRecord } from '../../core/records.ts';
import type { RunInfo } from '../../core/run.ts';
import { edgesOf } from '../concurrency.ts';
import { definitions } from '../definitions.ts';
import { readRequests } from '../request-table.ts';
import { info, runOf } from '../run.fixture.ts';
import { loadPhase } from './load-phase.ts';

const SLOTS = 8;
/** Each request takes 100 ms; a slot sends ten of them, the first when it opens. */
function phaseOf(opensMs: readonly number[], overrides: Partial<RunInfo> = {}) {
  const records = opensMs.flatMap((opens, slot) =>
    Array.from({ length: 10 }, (_, turn): PlainRecord => {
      const sent = opens + turn * 100;
      const events: PlainRecord['events'] = [[sent + 100, 'text']];
      return { index: slot + turn * SLOTS, sent, end: sent + 100, inTokens: 1, outTokens: 1, events };
    }),
  );
  const run = runOf(records, { batchSize: SLOTS, ...overrides });
  const table = readRequests(run, definitions.product);
  return loadPhase(run, table, edgesOf(table))!;
}
const slots = (opens: (slot: number) => number) => Array.from({ length: SLOTS }, (_, slot) => opens(slot));

describe('the first generation of a closed loop', () => {
  it('is waited for when all slots open at once, or nearly so', () => {
    expect(phaseOf(slots(() => 0))).toMatchObject({ fullMs: 0, fromMs: 100 });
    expect(phaseOf(slots((slot) => slot))).toMatchObject({ fullMs: 7, fromMs: 107 });
  });

  it('is none when they open spread over a cycle or more', () => {
    for (const gapMs of [12.5, 30]) {
      const { fullMs, fromMs } = phaseOf(slots((slot) => slot * gapMs));
      expect([fullMs, fromMs]).toEqual([7 * gapMs, 7 * gapMs]);
    }
  });

  it('is waited for when only the last slot is late: the others are in step', () => {
    const { fullMs, fromMs } = phaseOf(slots((slot) => (slot === SLOTS - 1 ? 150 : 0)));
    expect(fullMs).toBe(150);
    expect(fromMs).toBeGreaterThan(150);
  });

  it('is none where the slots were filled before the run, however fast they went over', () => {
    const warmup = { ...info.warmup, filledOverMs: 50 };
    expect(
      phaseOf(
        slots((slot) => slot * 6),
        { warmup },
      ),
    ).toMatchObject({ fullMs: 42, fromMs: 42 });
  });
});
