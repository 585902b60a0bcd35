import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoad, type Load, onClock, recorded } from '../../../tools/oracles/any-load.ts';
import { steadyOf } from '../../../tools/oracles/oracles.ts';
import { cases } from '../../core/cases.fixture.ts';
import type { SteadySummary } from '../../core/steady.ts';
import type { Unit } from '../../core/unit.ts';
import { onWorkers } from '../arbitrary-run.fixture.ts';
import { type SummarizeOptions, summarize } from '../summarize.ts';

const rules = fc.constantFrom<Pick<SummarizeOptions, 'window' | 'rule'>>(
  { window: 'total', rule: 'document' },
  { window: 'stable_stage', rule: 'document' },
  { window: 'stable_stage', rule: 'automatic' },
);
/** The original's window goes by storage order at equal times, so order is no matter of indifference to it. */
const allRules = fc.oneof(rules, fc.constant({ window: 'stable_stage', rule: 'upstream' } as const));

function summaryOf(load: Load, how: Pick<SummarizeOptions, 'window' | 'rule'>, rowsPerBatch?: number) {
  return summarize(recorded(load, rowsPerBatch), {
    summarizer: 's',
    definitions: 'product',
    profile: 'default',
    statsList: ['Average', 'Min', 'Max', 'P50', 'P90'],
    ...how,
  });
}

const runs = { numRuns: cases(100) };

describe('the tables and the verdict', () => {
  it('do not depend on where batches end, on the order of the records, or on how many workers sent', () => {
    fc.assert(
      fc.property(
        anyLoad,
        rules,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.gen(),
        (load, how, rows, workers, gen) => {
          const { records, info } = load;
          const whole = summaryOf(load, how);
          expect(summaryOf(load, how, rows)).toEqual(whole);
          const other = gen(fc.shuffledSubarray, records, { minLength: records.length });
          expect(summaryOf({ ...load, records: other }, how, rows)).toEqual(whole);
          const split = { ...load, records: onWorkers(records, workers), info: { ...info, workers } };
          expect(summaryOf(split, how, rows)).toEqual(whole);
        },
      ),
      runs,
    );
  });

  it('do not depend on the time origin: the steady ones have the same bits, whatever the clock counted from', () => {
    const shifts = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 4e7, noNaN: true }),
      fc.integer({ min: -1e6, max: 1e6 }),
    );
    fc.assert(
      fc.property(anyLoad, allRules, shifts, (load, how, shift) => {
        const later = onClock(load, (ms) => ms + shift);
        const [here, there] = [steadyOf(recorded(load)), steadyOf(recorded(later))];
        expect(withoutMoments(there)).toEqual(withoutMoments(here));
        const moments = momentsOf(here).map((ms) => ms + shift);
        expectClose(momentsOf(there), moments, 0);
        const { perRequest, common, fromDue, outcomes, maxLevel, meanLevel } = summaryOf(load, how);
        expectClose(
          summaryOf(later, how),
          { perRequest, common, fromDue, outcomes, maxLevel, meanLevel },
          1e-9,
        );
      }),
      runs,
    );
  });

  it('have half the rates and twice the latencies when all times double, to the last bit', () => {
    const factors: Partial<Record<Unit, number>> = { s: 2, 'tokens/s': 0.5, 'requests/s': 0.5 };
    fc.assert(
      fc.property(anyLoad, (load) => {
        const once = steadyOf(recorded(load));
        const twice = steadyOf(recorded(onClock(load, (ms) => 2 * ms)));
        expect(momentsOf(twice)).toEqual(momentsOf(once).map((ms) => 2 * ms));
        const scaled = ({ rates, latencies }: SteadySummary, of: (unit: Unit) => number) =>
          [...rates, ...latencies].map(({ name, stat, unit, value, low, high, n }) => ({
            name: `${name} ${stat}`,
            values: [value, low, high].map((one) => one && one * of(unit)),
            n,
          }));
        expect(scaled(twice, () => 1)).toEqual(scaled(once, (unit) => factors[unit] ?? 1));
        expect(twice.synchrony).toEqual(once.synchrony);
        expect(twice.littleResidual).toEqual(once.littleResidual);
      }),
      runs,
    );
  });
});

/** Everything that the run's clock does not show in. */
function withoutMoments({ window, cuts, series, ...rest }: SteadySummary) {
  return {
    ...rest,
    window: window && { cycleMs: window.cycleMs, cycles: window.cycles },
    cuts: cuts.map(({ why }) => why),
    series: series && { ...series, atMs: series.atMs.length, bins: { ...series.bins, fromMs: 0 } },
  };
}

function momentsOf({ window, cuts, series }: SteadySummary): number[] {
  return [
    ...(window ? [window.startMs, window.endMs] : []),
    ...cuts.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...(series ? [series.bins.fromMs, ...series.atMs] : []),
  ];
}

/** Like `toMatchObject`, but numbers may differ by a share of `relative`, or by 1e-6: a ns where they are ms. */
function expectClose(found: unknown, wanted: unknown, relative: number): void {
  if (typeof wanted === 'number' && Number.isFinite(wanted)) {
    expect(Math.abs((found as number) - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted) + 1e-6);
  } else if (typeof wanted === 'object' && wanted !== null) {
    for (const [key, value] of Object.entries(wanted)) {
      expectClose((found as Record<string, unknown>)[key], value, relative);
    }
  } else expect(found).toEqual(wanted);
}
