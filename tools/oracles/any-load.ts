/** Loads of every kind, long enough for a steady window or nearly so, for property tests. */
import fc from 'fast-check';
import { retimed } from '../../src/analysis/arbitrary-run.fixture.ts';
import { runEnd, runOf } from '../../src/analysis/run.fixture.ts';
import type { PlainRecord } from '../../src/core/records.ts';
import type { RunEnd, RunInfo } from '../../src/core/run.ts';
import { simulate } from './virtual-service.ts';

export interface Load {
  records: PlainRecord[];
  info: Partial<RunInfo>;
  /** Requests in flight at most. */
  slots: number;
  /** When measuring ended and the load was only held up; null without a hold. */
  measuredMs: number | null;
}

/** Some requests fail at once, or are cut off in their stream. */
function spoiled(record: PlainRecord, how: 'http' | 'timeout'): PlainRecord {
  if (how === 'http') return { ...record, outcome: 'http', status: 503, outTokens: undefined, events: [] };
  const events = record.events.slice(0, Math.ceil(record.events.length / 2));
  return { ...record, outcome: 'timeout', outTokens: undefined, events };
}

/**
 * Loops of whole µs, closed and open: steady ones, too short ones, ones in lock step, ones that never reach their
 * maximum, with failures, cut streams, holds.
 */
export const anyLoad = fc
  .record({
    slots: fc.integer({ min: 2, max: 6 }),
    spare: fc.constantFrom(0, 0, 0, 1),
    waves: fc.integer({ min: 2, max: 30 }),
    lengths: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }),
    ttftUs: fc.constantFrom(40_000, 40_017),
    gapUs: fc.constantFrom(10_000, 9_973),
    staggerMs: fc.nat(40),
    failEvery: fc.constantFrom(0, 0, 7, 25),
    how: fc.constantFrom('http' as const, 'timeout' as const),
    open: fc.constantFrom(false, false, true),
    held: fc.boolean(),
  })
  .map((law): Load => {
    const { slots, waves, lengths, failEvery, ttftUs, gapUs, staggerMs } = law;
    const tokens = Array.from({ length: slots * waves }, (_, i) => lengths[(i * 7) % lengths.length]);
    const service = { slots, tokens, ttftMs: ttftUs / 1000, gapMs: gapUs / 1000, staggerMs };
    const records = simulate(service).map((record) =>
      failEvery > 0 && record.index % failEvery === 1 ? spoiled(record, law.how) : record,
    );
    const schedule = {
      kind: 'rate' as const,
      requests: tokens.length,
      limit: 1000,
      requestsPerS: 10,
      burstiness: 1,
      seed: 0,
    };
    const endMs = records.reduce((most, { end }) => Math.max(most, end), 0);
    return {
      records,
      slots,
      info: law.open ? { batchSize: 1000, schedule } : { batchSize: slots + law.spare },
      measuredMs: law.held ? 0.75 * endMs : null,
    };
  });

export function recorded(load: Load, rowsPerBatch?: number) {
  const end: RunEnd = load.measuredMs === null ? runEnd : { ...runEnd, measuredMs: load.measuredMs };
  return runOf(load.records, load.info, rowsPerBatch, end);
}

/** The load on another clock. */
export function onClock(load: Load, to: (ms: number) => number): Load {
  return {
    ...load,
    records: retimed(load.records, to),
    measuredMs: load.measuredMs === null ? null : to(load.measuredMs),
  };
}
