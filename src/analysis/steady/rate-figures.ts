/** The steady rates with their intervals: exact values, errors from batches. */
import type { SteadyFigure } from '../../core/steady.ts';
import type { CycleAverage } from './bins.ts';
import type { Plateau } from './find-plateau.ts';
import type { RunSeries } from './series.ts';
import { MIN_BATCHES, meanOfBatches, sum } from './statistics/intervals.ts';
import type { SteadyRates } from './token-rates.ts';

/** A window of fewer request cycles is shorter than what makes neighboring batches alike. */
const MIN_WAVES = 10;

type Named = Pick<SteadyFigure, 'name' | 'unit'>;

export function rateFigures(rates: SteadyRates, series: RunSeries, plateau: Plateau): SteadyFigure[] {
  const { fromMs, toMs, cycleMs } = plateau;
  const waves = (toMs - fromMs) / cycleMs;
  const figure = (named: Named, value: number, parts: CycleAverage[]) => {
    const perMs = named.unit === 'ratio' ? 1 : 1000;
    const batches = parts.map((part) => part.batches(fromMs, toMs, cycleMs, MIN_BATCHES));
    const values = batches[0].map((_, k) => sum(batches.map((batch) => batch[k])));
    return rateFigure(named, value, meanOfBatches(values).halfWidth * perMs, waves);
  };
  const { outTokens, inTokens, requests, level } = series;
  const total = rates.outputTokensPerS + rates.inputTokensPerS;
  return [
    figure({ name: 'Output Token Throughput', unit: 'tokens/s' }, rates.outputTokensPerS, [outTokens]),
    figure({ name: 'Input Token Throughput', unit: 'tokens/s' }, rates.inputTokensPerS, [inTokens]),
    figure({ name: 'Total Token Throughput', unit: 'tokens/s' }, total, [outTokens, inTokens]),
    figure({ name: 'Request Throughput', unit: 'requests/s' }, rates.requestsPerS, [requests]),
    figure({ name: 'Concurrency', unit: 'ratio' }, rates.meanLevel, [level]),
  ];
}

function rateFigure({ name, unit }: Named, value: number, halfWidth: number, waves: number): SteadyFigure {
  const refused =
    waves < MIN_WAVES ? `window too short (${waves.toFixed(1)} of ${MIN_WAVES} request cycles needed)` : '';
  return {
    name,
    stat: 'Mean',
    unit,
    value,
    atLeast: false,
    low: refused === '' ? value - halfWidth : null,
    high: refused === '' ? value + halfWidth : null,
    refused,
    n: null,
    effectiveN: null,
    document: null,
  };
}
