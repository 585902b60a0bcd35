/** Runs of known figures, for tests of comparisons. */
import type { SteadyFigure } from '../../core/steady.ts';
import { info } from '../run.fixture.ts';
import type { MeasuredRun } from './measured-run.ts';
import { settingsOf } from './settings.ts';

/** `within`: half the width of the 95 % interval, as a share; null: none. */
export function steadyFigure(name: string, stat: string, value: number, within: number | null): SteadyFigure {
  const rate = name.endsWith('Throughput');
  const otherUnit = name === 'Concurrency' ? 'ratio' : 's';
  return {
    name,
    stat,
    unit: rate ? 'tokens/s' : otherUnit,
    value,
    atLeast: false,
    low: within === null ? null : value * (1 - within),
    high: within === null ? null : value * (1 + within),
    refused: within === null ? 'too short' : '',
    n: rate ? null : 100,
    effectiveN: null,
    document: null,
  };
}

export function throughputRun(tokensPerS: number, within: number | null = 0.01): MeasuredRun {
  return measuredRun([steadyFigure('Output Token Throughput', 'Mean', tokensPerS, within)]);
}

export function measuredRun(figures: SteadyFigure[], overrides: Partial<MeasuredRun> = {}): MeasuredRun {
  return {
    label: 'run',
    settings: settingsOf(info, 'usage'),
    startedAtUnixMs: 0,
    surroundings: {},
    beside: [],
    noWindow: '',
    verdict: { throughput: 'steady', latency: 'steady' },
    failed: { throughput: [], latency: [] },
    figures,
    ...overrides,
  };
}
