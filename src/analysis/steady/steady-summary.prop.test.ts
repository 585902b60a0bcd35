import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainRecord } from '../../core/records.ts';
import type { SteadyFigure, SteadySummary } from '../../core/steady.ts';
import type { Unit } from '../../core/unit.ts';
import { onWorkers, retimed } from '../arbitrary-run.fixture.ts';
import { runOf } from '../run.fixture.ts';
import { steadyOf } from './oracles.fixture.ts';
import { simulate } from './virtual-service.fixture.ts';

/** Closed loops of whole milliseconds, some requests of which fail; steady ones, too short ones, and ones in lock step. */
const closedLoop = fc
  .record({
    slots: fc.integer({ min: 2, max: 6 }),
    waves: fc.integer({ min: 2, max: 30 }),
    lengths: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }),
    staggerMs: fc.nat(40),
    failEvery: fc.constantFrom(0, 0, 7, 25),
  })
  .map(({ slots, waves, lengths, staggerMs, failEvery }) => {
    const tokens = Array.from({ length: slots * waves }, (_, i) => lengths[(i * 7) % lengths.length]);
    const records = simulate({ slots, tokens, ttftMs: 40, gapMs: 10, staggerMs }).map(
      (record): PlainRecord =>
        failEvery > 0 && record.index % failEvery === 1
          ? { ...record, outcome: 'http', status: 503, outTokens: undefined, events: [] }
          : record,
    );
    return { records, batchSize: slots };
  });

const runs = { numRuns: 60 };

describe('the steady table and the verdict', () => {
  it('do not depend on where batches end, on the order of the records, or on how many workers sent', () => {
    fc.assert(
      fc.property(
        closedLoop,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.gen(),
        ({ records, batchSize }, rows, workers, gen) => {
          const whole = steadyOf(runOf(records, { batchSize }));
          expect(steadyOf(runOf(records, { batchSize }, rows))).toEqual(whole);
          const other = gen(fc.shuffledSubarray, records, { minLength: records.length });
          expect(steadyOf(runOf(other, { batchSize }, rows))).toEqual(whole);
          expect(steadyOf(runOf(onWorkers(records, workers), { batchSize, workers }, rows))).toEqual(whole);
        },
      ),
      runs,
    );
  });

  it('have half the rates and twice the latencies when all times double', () => {
    const factor: Partial<Record<Unit, number>> = { s: 2, 'tokens/s': 0.5, 'requests/s': 0.5 };
    fc.assert(
      fc.property(closedLoop, ({ records, batchSize }) => {
        const once = steadyOf(runOf(records, { batchSize }));
        const twice = steadyOf(
          runOf(
            retimed(records, (ms) => 2 * ms),
            { batchSize },
          ),
        );
        expect(twice.window === null).toBe(once.window === null);
        expectClose(
          valuesOf(twice),
          valuesOf(once).map(({ unit, values }) => ({
            unit,
            values: values.map((value) => value && value * (factor[unit] ?? 1)),
          })),
        );
      }),
      runs,
    );
  });
});

interface Values {
  unit: Unit;
  values: (number | null)[];
}

function valuesOf({ rates, latencies }: SteadySummary): Values[] {
  return [...rates, ...latencies].map(({ unit, value, low, high }: SteadyFigure) => ({
    unit,
    values: [value, low, high],
  }));
}

function expectClose(found: readonly Values[], wanted: readonly Values[]): void {
  expect(found.length).toBe(wanted.length);
  wanted.forEach(({ values }, i) => {
    values.forEach((value, k) => {
      const other = found[i].values[k];
      if (value === null || Number.isNaN(value)) expect(other).toEqual(value);
      else expect(Math.abs((other ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value) + 1e-9);
    });
  });
}
