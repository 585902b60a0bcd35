/** The steady part of `_summary.json`: SI units, full precision. */
import type { SteadyCheck, SteadyFigure, SteadySummary } from '../core/steady.ts';

export function steadyJson(steady: SteadySummary) {
  const { window, series } = steady;
  return {
    verdict: steady.verdict,
    window: window && {
      start_s: window.startMs / 1000,
      end_s: window.endMs / 1000,
      cycle_s: window.cycleMs / 1000,
      cycles: window.cycles,
    },
    no_window: steady.noWindow || null,
    loop: steady.loop,
    cuts: steady.cuts.map(({ fromMs, toMs, why }) => ({ from_s: fromMs / 1000, to_s: toMs / 1000, why })),
    rates: Object.fromEntries(steady.rates.map((figure) => [figure.name, figureJson(figure)])),
    latencies: latenciesJson(steady.latencies),
    why: steady.why,
    token_times: steady.tokenTimes,
    mean_waiting: steady.meanWaiting,
    mean_decoding: steady.meanDecoding,
    little_residual: steady.littleResidual,
    synchrony: steady.synchrony,
    checks: steady.checks.map(checkJson),
    series: series && {
      at_s: series.atMs.map((ms) => ms / 1000),
      tokens_per_s: series.tokensPerS,
      level: series.level,
      itl_s: series.itlS,
      ttft_s: series.ttftS,
    },
  };
}

/** By metric, then by statistic. */
function latenciesJson(figures: readonly SteadyFigure[]) {
  const names = [...new Set(figures.map((figure) => figure.name))];
  return Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(
        figures.filter((figure) => figure.name === name).map((figure) => [figure.stat, figureJson(figure)]),
      ),
    ]),
  );
}

function figureJson(figure: SteadyFigure) {
  return {
    unit: figure.unit,
    value: figure.value,
    at_least: figure.atLeast,
    low: figure.low,
    high: figure.high,
    refused: figure.refused || null,
    n: figure.n,
    effective_n: figure.effectiveN,
    document: figure.document,
  };
}

function checkJson(check: SteadyCheck) {
  return {
    number: check.number,
    name: check.name,
    result: check.result,
    found: check.found,
    threshold: check.threshold,
    advice: check.advice || null,
    concerns: check.concerns,
  };
}
