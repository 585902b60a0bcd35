import { describe, expect, it } from 'vitest';
import type { SteadyFigure, SteadySummary } from '../core/steady.ts';
import { steadyJson } from './steady-json.ts';
import { renderSteady } from './steady-table.ts';
import { documentSummary } from './summary.fixture.ts';
import { renderTables } from './tables.ts';

const figure = (overrides: Partial<SteadyFigure>): SteadyFigure => ({
  name: 'Output Token Throughput',
  stat: 'Mean',
  unit: 'tokens/s',
  value: 1549.6368,
  atLeast: false,
  low: 1534.1404,
  high: 1565.1332,
  refused: '',
  n: null,
  effectiveN: null,
  document: 1743.3414,
  ...overrides,
});

const steady: SteadySummary = {
  window: { startMs: 4130, endMs: 123_900, cycleMs: 4130, cycles: 29 },
  noWindow: '',
  loop: 'closed',
  cuts: [{ fromMs: 0, toMs: 4130, why: 'ramp' }],
  rates: [figure({})],
  latencies: [
    figure({ name: 'TTFT', stat: 'P50', unit: 's', value: 0.15, low: 0.15, high: 0.15, document: 0.15 }),
    figure({
      name: 'E2EL',
      stat: 'P99',
      unit: 's',
      value: 9,
      atLeast: true,
      low: null,
      high: null,
      refused: '2.0 % of the requests outlived the window',
      document: 8,
    }),
  ],
  why: 'Because of its edges.',
  meanWaiting: 1,
  meanDecoding: 31,
  littleResidual: 0,
  drifts: [],
  synchrony: 0,
  tokenTimes: 'events',
  series: null,
  checks: [
    {
      number: 1,
      name: 'plateau_found',
      result: 'ok',
      found: 'all',
      threshold: 't',
      advice: '',
      concerns: ['latency'],
    },
    {
      number: 4,
      name: 'wall_clock',
      result: 'reservation',
      found: '20.0 s',
      threshold: '60 s',
      advice: 'Run longer.',
      concerns: ['throughput', 'latency'],
    },
  ],
  verdict: { throughput: 'steady', latency: 'steady with reservations' },
};

describe('renderSteady', () => {
  const text = renderSteady(steady);

  it('shows value, interval, the figure of the document and the difference', () => {
    const line = (name: string) => text.split('\n').find((row) => row.startsWith(`│ ${name}`));
    expect(line('Output')).toMatch(
      /│ Mean\s+│ 1549\.6368 token\/s │ 1534\.1404 … 1565\.1332 \(± 1\.00 %\)\s+│ 1743\.3414 token\/s │ -11\.11 %/,
    );
    expect(line('TTFT')).toMatch(/│ 150\.0 ms\s+│ 150\.0 … 150\.0 \(± 0\.00 %\)\s+│ 150\.0 ms\s+│ \+0\.00 %/);
  });

  it('shows a lower bound as one, with the reason and without a difference', () => {
    expect(text).toMatch(
      /│ ≥ 9000\.0 ms\s+│ 2\.0 % of the requests outlived the window │ 8000\.0 ms\s+│\s+│/,
    );
  });

  it('ends with the checks and the two verdicts', () => {
    expect(text.split('\n').slice(-5)).toEqual([
      'Checks',
      '   1 plateau_found  ok           all',
      '   4 wall_clock     reservation  20.0 s (expected: 60 s)',
      '     Run longer.',
      'Throughput: steady. Latency: steady with reservations.',
    ]);
    expect(text).toContain('Steady window: 4.130 s to 123.900 s, 29.0 request cycles of 4.130 s.');
    expect(text).toContain('cut 0.000 s to 4.130 s: ramp');
  });

  it('says why there is no window', () => {
    const none = renderSteady({ ...steady, window: null, noWindow: 'too short', rates: [], latencies: [] });
    expect(none.split('\n')[0]).toBe('No steady window: too short.');
    expect(none).not.toContain('╒');
  });
});

it('stands under the tables of the document', () => {
  const tables = renderTables({ ...documentSummary, steady });
  expect(tables.startsWith(renderTables(documentSummary))).toBe(true);
  expect(tables.endsWith('Latency: steady with reservations.')).toBe(true);
});

it('is all in the JSON', () => {
  const json = steadyJson(steady);
  expect(json.verdict).toEqual(steady.verdict);
  expect(json.window).toEqual({ start_s: 4.13, end_s: 123.9, cycle_s: 4.13, cycles: 29 });
  expect(json.rates['Output Token Throughput']).toMatchObject({
    value: 1549.6368,
    low: 1534.1404,
    document: 1743.3414,
  });
  expect(json.latencies.E2EL.P99).toMatchObject({ at_least: true, low: null });
  expect(json.checks).toHaveLength(2);
});
