import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoad, recorded } from '../../../tools/oracles/any-load.ts';
import { steadyOf } from '../../../tools/oracles/oracles.ts';
import { cases } from '../../core/cases.fixture.ts';
import type { EventKind, PlainRecord } from '../../core/records.ts';
import type { RecordedRun } from '../../core/run.ts';
import type { SteadySummary } from '../../core/steady.ts';
import { edgesOf, meanLevel } from '../concurrency.ts';
import { definitions } from '../definitions.ts';
import { knownTokens, type RequestTable, readRequests } from '../request-table.ts';
import type { CycleAverage } from './bins.ts';
import { loadPhase } from './load-phase.ts';
import { readSeries } from './series.ts';
import { sum } from './statistics/intervals.ts';
import { steadyRates } from './token-rates.ts';

const runs = { numRuns: cases(60) };

function tableOf(run: RecordedRun) {
  return readRequests(run, definitions.product);
}

const figureValue = ({ rates, latencies }: SteadySummary, name: string, stat = 'Mean') =>
  [...rates, ...latencies].find((figure) => figure.name === name && figure.stat === stat)!.value;

function lastEndMs({ endMs }: RequestTable): number {
  return endMs.reduce((most, ms) => Math.max(most, ms), 0);
}

describe('the series of a run', () => {
  it('hold every token, gap, start, end, and all time in flight', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const run = recorded(load);
        const table = tableOf(run);
        const phase = loadPhase(run, table, edgesOf(table));
        fc.pre(phase !== null && phase.toMs > phase.fromMs);
        const series = readSeries(run, table, phase!);
        const { cycleMs } = phase!;
        const endMs = lastEndMs(table);
        const amount = (average: CycleAverage) => {
          const [from, to] = [-cycleMs, endMs + cycleMs];
          return (sum(average.batches(from, to, cycleMs, 7)) * (to - from - cycleMs)) / 7;
        };
        const over = (of: (row: number) => number) =>
          sum(Array.from({ length: table.count }, (_, r) => of(r)));
        const tokens = (row: number) => knownTokens(table.outTokens[row]);
        const points = (row: number) => table.points[row];
        const all: [CycleAverage, number][] = [
          [series.outTokens, over((row) => (points(row) ? tokens(row) || points(row) : 0))],
          [series.gaps, over((row) => Math.max(0, points(row) - 1))],
          [series.gapSum, over((row) => table.lastUs[row] - table.firstUs[row] || 0)],
          [series.starts, table.count],
          [series.requests, table.count],
          [series.failures, over((row) => 1 - table.success[row])],
          [series.level, over((row) => table.endMs[row] - table.sentMs[row])],
        ];
        for (const [average, whole] of all) {
          expect(Math.abs(amount(average) - whole)).toBeLessThanOrEqual(1e-6 * Math.max(1, whole));
        }
      }),
      runs,
    );
  });
});

/** As shares of the run, and the cycle as a share of the window: it holds two or more. */
const window = fc.record({
  from: fc.double({ min: 0, max: 0.5, noNaN: true }),
  length: fc.double({ min: 0.3, max: 0.5, noNaN: true }),
  cycle: fc.double({ min: 0.05, max: 0.45, noNaN: true }),
});

function windowOf(table: RequestTable, share: { from: number; length: number; cycle: number }) {
  const runMs = lastEndMs(table);
  const lengthMs = share.length * runMs;
  return {
    fromMs: share.from * runMs,
    toMs: share.from * runMs + lengthMs,
    cycleMs: share.cycle * lengthMs,
  };
}

describe('the rates of a window', () => {
  it('go continuously with its end, where a count jumps by a whole burst', () => {
    fc.assert(
      fc.property(anyLoad, window, fc.double({ min: 1e-6, max: 1, noNaN: true }), (load, share, byMs) => {
        const run = recorded(load);
        const table = tableOf(run);
        const { fromMs, toMs, cycleMs } = windowOf(table, share);
        const at = (end: number) => steadyRates(run, table, { fromMs, toMs: end, cycleMs });
        const [here, there] = [at(toMs), at(toMs + byMs)];
        // A weight (T − t)/(E (T − E)) moves by less than 2/(E (T − E)) with T, in a window of two cycles or more.
        const steepest = (2 * byMs) / (cycleMs * (toMs - fromMs - cycleMs));
        const tokens = sum(
          Array.from({ length: table.count }, (_, row) =>
            Math.max(knownTokens(table.outTokens[row]) || 0, table.points[row]),
          ),
        );
        const slack = 1e-6;
        const moved = Math.abs(there.outputTokensPerS - here.outputTokensPerS);
        expect(moved).toBeLessThanOrEqual(1000 * tokens * steepest + slack);
        expect(Math.abs(there.requestsPerS - here.requestsPerS)).toBeLessThanOrEqual(
          1000 * table.count * steepest + slack,
        );
      }),
      runs,
    );
  });

  it('count tokens, not events: each event cut in several leaves them', () => {
    fc.assert(
      fc.property(anyLoad, window, fc.integer({ min: 2, max: 4 }), (load, share, pieces) => {
        // Without a usage total an event is a token, so each request gets its count as one.
        const counted = load.records.map((record) => ({ ...record, outTokens: record.events.length }));
        const cut = counted.map((record) => ({
          ...record,
          events: record.events.flatMap((event) => Array<[number, EventKind]>(pieces).fill(event)),
        }));
        const [whole, pieced] = [counted, cut].map((records) => {
          const run = recorded({ ...load, records });
          const table = tableOf(run);
          return steadyRates(run, table, windowOf(table, share));
        });
        expect(Math.abs(pieced.outputTokensPerS - whole.outputTokensPerS)).toBeLessThanOrEqual(
          1e-9 * whole.outputTokensPerS,
        );
        expect(pieced).toEqual({ ...whole, outputTokensPerS: pieced.outputTokensPerS });
      }),
      runs,
    );
  });

  it('have a mean level of at most the number of slots', () => {
    fc.assert(
      fc.property(anyLoad, window, (load, share) => {
        const table = tableOf(recorded(load));
        const { fromMs, toMs } = windowOf(table, share);
        const level = meanLevel(table, fromMs, toMs);
        expect(level).toBeLessThanOrEqual(load.slots * (1 + 1e-12));
      }),
      runs,
    );
  });
});

describe('the steady numbers', () => {
  it('change in the level and the requests alone with one more request that failed at once', () => {
    fc.assert(
      fc.property(
        anyLoad,
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (load, at, life) => {
          const before = steadyOf(recorded(load));
          fc.pre(before.window !== null && load.info.batchSize === load.slots);
          const { startMs, endMs } = before.window!;
          const sent = Math.round((startMs + at * (endMs - startMs)) * 1000) / 1000;
          // Shorter than any time that is measured, so that it is censored before them all.
          const end = sent + Math.round(life * 30_000) / 1000;
          fc.pre(end < endMs);
          const failed: PlainRecord = { index: 1e6, sent, end, outcome: 'http', status: 503, events: [] };
          const after = steadyOf(recorded({ ...load, records: [...load.records, failed] }));
          expect(after.window).toEqual(before.window);
          for (const { name, stat, value } of [...before.rates, ...before.latencies]) {
            const found = figureValue(after, name, stat);
            const lengthMs = endMs - startMs;
            if (name === 'Concurrency') expect(found - value).toBeCloseTo((end - sent) / lengthMs, 9);
            else if (name === 'Request Throughput') expect(found).toBeGreaterThan(value);
            else if (Number.isNaN(value)) expect(found).toBeNaN();
            else expect(Math.abs(found - value), `${name} ${stat}`).toBeLessThanOrEqual(1e-9 * value);
          }
        },
      ),
      runs,
    );
  });
});
