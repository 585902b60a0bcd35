import { describe, expect, it } from 'vitest';
import type { Cell, LatencyCells, ToolFigures } from '../../core/explanation.ts';
import type { PlainRecord } from '../../core/records.ts';
import { runOf, workedExample } from '../run.fixture.ts';
import { differingRows } from './causes.ts';
import { explain } from './explain.ts';

/** Role, usage, finish and end marks, several tokens a chunk, reasoning, and a request that failed and was sent again. */
const mixed: PlainRecord[] = [
  {
    index: 0,
    sent: 0,
    end: 117,
    inTokens: 9,
    outTokens: 4,
    events: [
      [10, 'role'],
      [50, 'text'],
      [70, 'text'],
      [110, 'text'],
      [110, 'finish'],
      [115, 'usage'],
      [116, 'done'],
    ],
  },
  {
    index: 1,
    sent: 20,
    end: 112,
    inTokens: 5,
    outTokens: 2,
    events: [
      [25, 'role'],
      [60, 'reasoning'],
      [100, 'text'],
      [105, 'finish'],
      [110, 'usage'],
      [111, 'done'],
    ],
  },
  { index: 2, sent: 5, end: 200, outcome: 'http', status: 503, events: [] },
  {
    index: 2,
    attempt: 1,
    sent: 210,
    end: 260,
    inTokens: 7,
    outTokens: 1,
    events: [
      [240, 'text'],
      [250, 'usage'],
      [250, 'done'],
    ],
  },
];

type Three = [Cell, Cell, Cell];
interface Expected {
  TTFT: Three;
  TPOT: Three;
  ITL: Three;
  E2EL: Three;
  /** s, token/s, requests/s, requests. */
  rates: [Cell, Cell, Cell, Cell];
}
const unreported: Three = ['not reported', 'not reported', 'not reported'];

/** Mean, median and P99 in ms, worked out by hand. */
const expected: Record<string, Expected | string> = {
  ais_bench: {
    TTFT: [40, 40, 49.8],
    TPOT: [30, 30, 39.8],
    ITL: [100 / 3, 40, 40],
    E2EL: [220 / 3, 80, 109.4],
    rates: [0.26, 7 / 0.26, 3 / 0.26, 3],
  },
  'stable (doc)': {
    TTFT: [40, 40, 40],
    TPOT: [40, 40, 40],
    ITL: [40, 40, 40],
    E2EL: [80, 80, 80],
    rates: [0.097, 2 / 0.097, 1 / 0.097, 1],
  },
  AISBench: {
    TTFT: [15, 10, 29.6],
    TPOT: [40, 35, 84],
    ITL: [20, 15, 40],
    E2EL: [245 / 3, 90, 114.5],
    rates: [0.25, 28, 12, 3],
  },
  'AISBench stable':
    'only one request brought the concurrency of successful requests to 2; the rule needs two',
  'vLLM bench': {
    TTFT: [15, 10, 29.6],
    TPOT: [170 / 3, 170 / 3, 100 / 3 + 0.99 * (80 - 100 / 3)],
    ITL: [180 / 7, 35, 40],
    E2EL: [75, 85, 109.5],
    rates: [0.26, 7 / 0.26, 3 / 0.26, 3],
  },
  SGLang: {
    TTFT: [40, 40, 49.8],
    TPOT: [36.5, 36.5, 50.71],
    ITL: [100 / 3, 40, 40],
    E2EL: [247 / 3, 91, 115.5],
    rates: [0.26, 7 / 0.26, 3 / 0.26, 3],
  },
  'SGLang steady': {
    TTFT: unreported,
    TPOT: unreported,
    ITL: unreported,
    E2EL: unreported,
    rates: [0.091, 6 / 0.091, 'not reported', 1],
  },
  GuideLLM: {
    TTFT: [40, 40, 50],
    TPOT: [220 / 7, 27.5, 40],
    ITL: [25, 20, 40],
    E2EL: [247 / 3, 91, 116],
    rates: [0.26, 7 / 0.26, 3 / 0.26, 3],
  },
  AIPerf: {
    TTFT: [40, 40, 49.8],
    TPOT: [30, 30, 39.8],
    ITL: [100 / 3, 40, 40],
    E2EL: [220 / 3, 80, 109.4],
    rates: [0.24, 7 / 0.24, 12.5, 3],
  },
  EvalScope: {
    TTFT: [40, 40, 50],
    TPOT: [(65 / 3 + 50) / 2, 65 / 3, 50],
    ITL: [100 / 3, 40, 40],
    E2EL: [245 / 3, 90, 115],
    rates: [0.25, 28, 12, 3],
  },
  'inference-perf': {
    TTFT: [65, 65, 79.7],
    TPOT: [10, 10, 19.8],
    ITL: [15, 'not recorded', 'not recorded'],
    E2EL: [259 / 3, 92, 116.5],
    rates: [0.26, 7 / 0.26, 3 / 0.26, 3],
  },
};

describe('a run with role, usage, failed and repeated requests', () => {
  const { tools } = explain(runOf(mixed, { batchSize: 2 }, 2));

  it('covers every tool', () => {
    expect(tools.map(({ tool }) => tool)).toEqual(Object.keys(expected));
  });

  it.each(tools)('is $tool’s to the last digit', ({ tool, figures, reason }) => {
    const wanted = expected[tool];
    if (typeof wanted === 'string') return expect(reason).toBe(wanted);
    expect(reason).toBeNull();
    const { latencies, durationS, outputTokensPerS, requestsPerS, requests } = figures as ToolFigures;
    for (const name of ['TTFT', 'TPOT', 'ITL', 'E2EL'] as const)
      expectCells(threeOf(latencies[name]), wanted[name], `${name} of ${tool}`);
    expectCells([durationS, outputTokensPerS, requestsPerS, requests], wanted.rates, `rates of ${tool}`);
  });

  it('names a cause, with its number, for every row that differs', () => {
    const reference = tools[0].figures as ToolFigures;
    for (const { tool, figures, causes } of tools.slice(1)) {
      const explained = causes.flatMap((cause) => cause.rows);
      if (figures !== null)
        expect(explained, tool).toEqual(expect.arrayContaining(differingRows(figures, reference)));
    }
  });

  it('says it in one line each', () => {
    const lines = Object.fromEntries(
      tools.map(({ tool, causes }) => [tool, causes.map(({ name, text }) => `${name}: ${text}`)]),
    );
    expect(lines.AISBench).toEqual([
      'role chunk: TTFT ends at the first event of any kind: 37.500 ms earlier in 2 of 3 requests',
      'usage chunk: E2EL ends at the last event, usually the usage chunk: 8.333 ms later in 3 of 3 requests',
      'chunks: chunks without output are time points too: 10 gaps instead of 3',
      'duration: it divides by 0.250 s, 10.000 ms less',
      'retries: 1 attempts that were sent again do not exist for it, neither as failures nor as time',
      'TPOT of 0: 1 requests with fewer than 2 tokens count as 0 (TPOT mean: 30.000 ms here, 40.000 ms there)',
      'rounding: it rounds milliseconds to 0.1 before it prints them; this is not imitated',
    ]);
    expect(lines['SGLang steady']).toContain(
      'window: only 0.020 s to 0.111 s of the run, 1 of 3 successful requests',
    );
    expect(lines.AIPerf).toContain('duration: it divides by 0.240 s, 20.000 ms less; 1 of 4 requests failed');
  });
});

describe('the worked example that was computed with AISBench’s own code', () => {
  const { tools } = explain(runOf(workedExample));
  const figuresOf = (tool: string) => tools.find((t) => t.tool === tool)?.figures as ToolFigures;

  it('gives its total stage', () => {
    const { latencies, ...rates } = figuresOf('AISBench');
    expect(rounded(latencies.E2EL)).toEqual([475, 425, 787.5]);
    expect(rounded(latencies.TTFT)).toEqual([191.7, 175, 300]);
    expect(rounded(latencies.TPOT)).toEqual([144.4, 158.3, 200]);
    expect(rounded(latencies.ITL)).toEqual([170, 150, 300]);
    expect(rates).toMatchObject({ durationS: expect.closeTo(1.9), requests: 6 });
    expect(rates.outputTokensPerS).toBeCloseTo(8.4211, 4);
    expect(rates.requestsPerS).toBeCloseTo(3.1579, 4);
  });

  it('gives its stable stage', () => {
    const { latencies, window, ...rates } = figuresOf('AISBench stable');
    expect(window).toEqual({ startMs: 10_550, endMs: 11_000 });
    expect(rounded(latencies.E2EL)).toEqual([333.3, 350, 350]);
    expect(rounded(latencies.TTFT)[0]).toBe(166.7);
    expect(rounded(latencies.TPOT)[0]).toBe(116.7);
    expect(rates.outputTokensPerS).toBeCloseTo(13.3333, 4);
    expect(rates.requestsPerS).toBeCloseTo(6.6667, 4);
  });
});

describe('a run without a stream', () => {
  it('has E2EL and rates, and no latency of tokens', () => {
    const { tools } = explain(runOf(workedExample, { stream: false }));
    for (const { tool, figures } of tools.filter((t) => t.tool !== 'SGLang steady')) {
      expect(figures?.latencies.TTFT.mean, tool).toBe('not recorded');
      expect(figures?.latencies.E2EL.mean, tool).toEqual(expect.any(Number));
    }
  });
});

function threeOf({ mean, median, p99 }: LatencyCells): Three {
  const ms = (cell: Cell) => (typeof cell === 'number' ? cell * 1000 : cell);
  return [ms(mean), ms(median), ms(p99)];
}

/** As AISBench prints: 0.1 ms. */
function rounded(cells: LatencyCells): Cell[] {
  return threeOf(cells).map((cell) => (typeof cell === 'number' ? Math.round(cell * 10) / 10 : cell));
}

function expectCells(cells: readonly Cell[], wanted: readonly Cell[], what: string): void {
  const close = wanted.map((cell) => (typeof cell === 'number' ? expect.closeTo(cell, 9) : cell));
  expect(cells, what).toEqual(close);
}
