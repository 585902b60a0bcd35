import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cases } from '../../core/cases.fixture.ts';
import type { Cell, Explanation, ToolFigures } from '../../core/explanation.ts';
import type { PlainRecord } from '../../core/records.ts';
import { load, onWorkers, retimed, shuffled } from '../arbitrary-run.fixture.ts';
import { runOf } from '../run.fixture.ts';
import { differingRows } from './causes.ts';
import { explain } from './explain.ts';

/** Ties at equal times are broken by storage order in AISBench's own code. */
const ORDER_MATTERS = 'AISBench stable';
/** These measure from the start of the run, not from the first request. */
const FROM_THE_START = ['vLLM bench', 'SGLang'];

const figuresOf = (records: readonly PlainRecord[], batchSize: number, rowsPerBatch?: number) =>
  Object.fromEntries(
    explain(runOf(records, { batchSize }, rowsPerBatch)).tools.map(({ tool, figures, reason }) => [
      tool,
      figures ?? reason,
    ]),
  );

describe('explain', () => {
  it('does not depend on where batches end', () => {
    fc.assert(
      fc.property(load, fc.integer({ min: 1, max: 5 }), ({ records, batchSize }, rows) => {
        expect(figuresOf(records, batchSize, rows)).toEqual(figuresOf(records, batchSize));
      }),
    );
  });

  it('does not depend on the order of the records or on the workers', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 1, max: 3 }), ([{ records, batchSize }, other], workers) => {
        const here = without(figuresOf(records, batchSize), [ORDER_MATTERS]);
        expectClose(without(figuresOf(other, batchSize), [ORDER_MATTERS]), here);
        expectClose(without(figuresOf(onWorkers(records, workers), batchSize), [ORDER_MATTERS]), here);
      }),
    );
  });

  it('does not depend on the time origin', () => {
    fc.assert(
      fc.property(load, fc.nat(1e6), ({ records, batchSize }, shift) => {
        const there = figuresOf(
          retimed(records, (ms) => ms + shift),
          batchSize,
        );
        const timeless = (figures: Figures) =>
          mapFigures(without(figures, FROM_THE_START), (figure) =>
            figure === null || typeof figure === 'string'
              ? (figure ?? '').replaceAll(/[\d.]+ s/g, 'then')
              : { ...figure, window: null },
          );
        expectClose(timeless(there), timeless(figuresOf(records, batchSize)));
      }),
    );
  });

  it('doubles latencies and halves rates when all times double', () => {
    fc.assert(
      fc.property(load, ({ records, batchSize }) => {
        const twice = figuresOf(
          retimed(records, (ms) => 2 * ms),
          batchSize,
        );
        for (const [tool, once] of Object.entries(figuresOf(records, batchSize)))
          if (typeof once !== 'string')
            expectClose({ [tool]: twice[tool] }, { [tool]: doubled(once as ToolFigures) });
      }),
    );
  });

  it('names a cause for every row that differs', () => {
    fc.assert(
      fc.property(load, ({ records, batchSize }) => {
        const { tools } = explain(runOf(records, { batchSize }));
        const reference = tools[0].figures;
        if (reference === null) return;
        for (const { tool, figures, causes } of tools.slice(1)) {
          if (figures === null) continue;
          const named = causes.flatMap(({ rows }) => rows as string[]);
          expect(
            differingRows(figures, reference).filter((row) => !named.includes(row)),
            tool,
          ).toEqual([]);
        }
      }),
      { numRuns: cases(500) },
    );
  });
});

type Figures = Record<string, ToolFigures | string | null>;

function without(figures: Figures, tools: readonly string[]): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([tool]) => !tools.includes(tool)));
}

function mapFigures(
  figures: Figures,
  change: (figure: ToolFigures | string | null) => ToolFigures | string | null,
) {
  return Object.fromEntries(Object.entries(figures).map(([tool, figure]) => [tool, change(figure)]));
}

function doubled({ latencies, window, ...rates }: ToolFigures): ToolFigures {
  const times = (cell: Cell, factor: number) => (typeof cell === 'number' ? cell * factor : cell);
  return {
    latencies: Object.fromEntries(
      Object.entries(latencies).map(([name, { mean, median, p99 }]) => [
        name,
        { mean: times(mean, 2), median: times(median, 2), p99: times(p99, 2) },
      ]),
    ) as ToolFigures['latencies'],
    window: window && { startMs: 2 * window.startMs, endMs: 2 * window.endMs },
    outputTokensPerS: times(rates.outputTokensPerS, 0.5),
    requestsPerS: times(rates.requestsPerS, 0.5),
    durationS: 2 * rates.durationS,
    requests: rates.requests,
  };
}

/** Sums in another order may differ in their last digits. */
function expectClose(found: Figures, wanted: Figures): void {
  const rounded = (figures: Figures) =>
    JSON.parse(
      JSON.stringify(figures, (_, value) =>
        typeof value === 'number' ? Number(value.toPrecision(9)) : value,
      ),
    ) as Partial<Explanation>;
  expect(rounded(found)).toEqual(rounded(wanted));
}
