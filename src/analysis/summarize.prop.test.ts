import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cases } from '../core/cases.fixture.ts';
import { isOutput, KIND, type PlainRecord } from '../core/records.ts';
import type { Summary, Unit } from '../core/summary.ts';
import { load, onWorkers, retimed, shuffled } from './arbitrary-run.fixture.ts';
import { runOf } from './run.fixture.ts';
import { type SummarizeOptions, summarize } from './summarize.ts';

const statsList = ['Average', 'Min', 'Max', 'Median', 'P5', 'P90'];
const options: SummarizeOptions = {
  summarizer: 's',
  window: 'stable_stage',
  rule: 'document',
  definitions: 'product',
  profile: 'default',
  statsList,
};

const ruleAndDefinitions = fc.record({
  window: fc.constantFrom('total' as const, 'stable_stage' as const),
  rule: fc.constantFrom('document' as const, 'upstream' as const),
  definitions: fc.constantFrom('product' as const, 'upstream' as const),
});

describe('summarize', () => {
  it('does not depend on where batches end', () => {
    fc.assert(
      fc.property(
        load,
        ruleAndDefinitions,
        fc.integer({ min: 1, max: 5 }),
        ({ records, batchSize }, how, rows) => {
          const whole = summarize(runOf(records, { batchSize }), { ...options, ...how });
          expect(summarize(runOf(records, { batchSize }, rows), { ...options, ...how })).toEqual(whole);
        },
      ),
    );
  });

  it('does not depend on the order of the records', () => {
    const definitions = fc.constantFrom('product' as const, 'upstream' as const);
    fc.assert(
      fc.property(shuffled, definitions, ([{ records, batchSize }, other], definitions) => {
        const how = { ...options, definitions };
        expect(summarize(runOf(other, { batchSize }), how)).toEqual(
          summarize(runOf(records, { batchSize }), how),
        );
      }),
    );
  });

  it('does not depend on how many workers sent', () => {
    fc.assert(
      fc.property(
        load,
        ruleAndDefinitions,
        fc.integer({ min: 2, max: 4 }),
        ({ records, batchSize }, how, workers) => {
          // The original's window keeps storage order at equal times: it may depend on who stored what.
          const rule = { ...how, rule: 'document' as const };
          const one = summarize(runOf(records, { batchSize }), { ...options, ...rule });
          const several = summarize(runOf(onWorkers(records, workers), { batchSize, workers }), {
            ...options,
            ...rule,
          });
          expect(figures(several)).toEqual(figures(one));
          expect(several.steady).toEqual(one.steady);
        },
      ),
    );
  });

  it('gives the document tables of a run that was held as if nothing had been sent to hold it', () => {
    const kinds = fc.constantFrom('pressure' as const, 'closed' as const);
    fc.assert(
      fc.property(load, ruleAndDefinitions, fc.nat(40), kinds, ({ records, batchSize }, how, ms, kind) => {
        const schedule =
          kind === 'closed'
            ? { kind, limit: batchSize, requests: ms % (records.length + 1) }
            : { kind, limit: batchSize, clientsPerS: 0, durationMs: 40 };
        const info = { batchSize, schedule };
        const asked = records.filter((r) =>
          schedule.kind === 'closed' ? r.index < schedule.requests : r.sent <= ms,
        );
        const held = runOf(records, info, 2);
        const end = held.end && { ...held.end, measuredMs: ms };
        const found = summarize({ ...held, end }, { ...options, ...how });
        const plain = summarize(runOf(asked, info), { ...options, ...how });
        expect(found.notes.filter((note) => !note.includes('to keep the load constant'))).toEqual(
          plain.notes,
        );
        for (const part of [
          'perRequest',
          'common',
          'fromDue',
          'window',
          'noWindow',
          'outcomes',
          'maxLevel',
        ] as const)
          expect(found[part]).toEqual(plain[part]);
      }),
    );
  });

  it('does not depend on the time origin', () => {
    fc.assert(
      fc.property(load, ruleAndDefinitions, fc.nat(1e6), ({ records, batchSize }, how, shift) => {
        const here = summarize(runOf(records, { batchSize }), { ...options, ...how });
        const there = summarize(
          runOf(
            retimed(records, (ms) => ms + shift),
            { batchSize },
          ),
          { ...options, ...how },
        );
        expect(figures(there)).toEqual(figures(here));
        if (here.window && there.window) expect(there.window.startMs).toBe(here.window.startMs + shift);
      }),
    );
  });

  it('halves all rates when all times double', () => {
    const factor: Record<Unit, number> = {
      s: 2,
      'tokens/s': 0.5,
      'requests/s': 0.5,
      tokens: 1,
      requests: 1,
      ratio: 1,
    };
    fc.assert(
      fc.property(load, ruleAndDefinitions, ({ records, batchSize }, how) => {
        const once = figures(summarize(runOf(records, { batchSize }), { ...options, ...how }));
        const twice = figures(
          summarize(
            runOf(
              retimed(records, (ms) => 2 * ms),
              { batchSize },
            ),
            { ...options, ...how },
          ),
        );
        for (const name of ['perRequest', 'fromDue'] as const) {
          for (const row of once[name]) for (const stat of row.stats) stat.value *= factor[row.unit];
        }
        for (const metric of once.common) metric.value *= factor[metric.unit];
        expect(twice).toEqual(once);
      }),
    );
  });

  it('agrees with a naive twin', () => {
    fc.assert(
      fc.property(load, ({ records, batchSize }) => {
        const summary = summarize(runOf(records, { batchSize }), options);
        const window = naiveWindow(records, batchSize);
        expect(summary.noWindow === null).toBe(window !== null);
        if (window === null) return;
        expect(summary.window).toMatchObject({ startMs: window.t2, endMs: window.t4 });
        const rows = new Map(summary.perRequest.map((row) => [row.name, row]));
        for (const [name, values] of Object.entries(naiveValues(window.members))) {
          const row = rows.get(name);
          expect([name, row?.n ?? 0]).toEqual([name, values.n]);
          if (row === undefined) continue;
          naiveStats(values.list).forEach((value, i) => {
            expect(row.stats[i].value).toBeCloseTo(value, 9);
          });
        }
      }),
      { numRuns: cases(300) },
    );
  });
});

/** What must not change when only the clock does. */
function figures({ perRequest, common, fromDue, outcomes, maxLevel, meanLevel }: Summary) {
  return structuredClone({ perRequest, common, fromDue, outcomes, maxLevel, meanLevel });
}

function naiveWindow(records: PlainRecord[], maximum: number) {
  const at = (t: number) => records.filter((r) => r.sent <= t && t < r.end).length;
  const before = (t: number) => records.filter((r) => r.sent < t && t <= r.end).length;
  const t1 = Math.min(...records.map((r) => r.sent).filter((t) => at(t) >= maximum));
  const t2 = Math.min(...records.map((r) => r.sent).filter((t) => t > t1));
  const t4 = Math.max(...records.map((r) => r.end).filter((t) => before(t) >= maximum && at(t) < maximum));
  if (!(t2 < t4)) return null;
  return { t2, t4, members: records.filter((r) => r.sent >= t2 && r.sent <= t4) };
}

function naiveValues(members: PlainRecord[]) {
  const ok = members
    .filter((r) => r.outcome === 'ok')
    .map((r) => {
      const tokens = r.events.filter(([, kind]) => isOutput(KIND[kind])).map(([ms]) => (ms - r.sent) / 1000);
      const isEmpty = tokens.length === 0 && !((r.outTokens ?? 0) > 1);
      const e2el = tokens.at(-1) ?? (isEmpty ? Number.NaN : (r.end - r.sent) / 1000);
      return { ...r, tokens, e2el, ttft: tokens[0] };
    });
  const collect = (values: (number | undefined)[]) => {
    const list = values.filter((v): v is number => v !== undefined && Number.isFinite(v));
    return { list, n: list.length };
  };
  const gaps = ok.map(({ tokens }) => tokens.slice(1).map((t, i) => t - tokens[i]));
  return {
    E2EL: collect(ok.map((r) => r.e2el)),
    TTFT: collect(ok.map((r) => r.ttft)),
    TPOT: collect(
      ok.map((r) => ((r.outTokens ?? 0) >= 2 ? (r.e2el - r.ttft) / (r.outTokens! - 1) : undefined)),
    ),
    ITL: { list: gaps.flat(), n: gaps.filter((g) => g.length > 0).length },
    InputTokens: collect(ok.map((r) => r.inTokens)),
    OutputTokens: collect(ok.map((r) => r.outTokens)),
    OutputTokenThroughput: collect(ok.map((r) => r.outTokens! / r.e2el)),
    PrefillTokenThroughput: collect(ok.map((r) => r.inTokens! / r.ttft)),
  };
}

function naiveStats(values: number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (p: number) => {
    const h = (sorted.length - 1) * p;
    const low = sorted[Math.floor(h)];
    return low + (h - Math.floor(h)) * (sorted[Math.ceil(h)] - low);
  };
  const mean = sorted.reduce((sum, v) => sum + v, 0) / sorted.length;
  return [mean, sorted[0], sorted[sorted.length - 1], quantile(0.5), quantile(0.05), quantile(0.9)];
}
