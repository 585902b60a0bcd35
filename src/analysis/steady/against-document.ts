/** The document's figures beside the steady ones, and why they differ. */

import type { SteadyFigure, SteadySummary } from '../../core/steady.ts';
import type { CommonMetric, MetricRow } from '../../core/summary.ts';
import { formatPercent } from '../../core/text/format-numbers.ts';
import type { StageRule } from '../windows/registry.ts';

export interface DocumentFigures {
  stage: 'total' | 'stable';
  /** Whose stage it is: the plateau's window is not the document's. */
  rule: StageRule;
  perRequest: readonly MetricRow[];
  common: readonly CommonMetric[];
  /** Concurrency before it was cut to the maximum; null without a stage. */
  unclampedConcurrency: number | null;
  maxConcurrency: number;
}

/** The names of a statistic in a summarizer's `stats_list`. */
const statNames: Record<string, string[]> = {
  Mean: ['Average'],
  P50: ['Median', 'P50'],
  P90: ['P90'],
  P99: ['P99'],
};

/** Sets `document` where the document's tables hold the same figure. */
function withDocument(
  figures: readonly SteadyFigure[],
  { perRequest, common }: DocumentFigures,
): SteadyFigure[] {
  return figures.map((figure) => {
    const row = perRequest.find((metric) => metric.name === figure.name);
    const stat = row?.stats.find(({ name }) => statNames[figure.stat].includes(name));
    const metric = common.find(({ name }) => name === figure.name);
    return { ...figure, document: stat?.value ?? metric?.value ?? null };
  });
}

/** The summary with the document's figures beside its own, and the reason of the largest difference. */
export function againstDocument(steady: SteadySummary, document: DocumentFigures): SteadySummary {
  const rates = withDocument(steady.rates, document);
  return {
    ...steady,
    rates,
    latencies: withDocument(steady.latencies, document),
    why: whyTheyDiffer(rates, document),
  };
}

/** One sentence; the largest cause that is known. */
function whyTheyDiffer(rates: readonly SteadyFigure[], document: DocumentFigures): string {
  const output = rates.find((figure) => figure.name === 'Output Token Throughput');
  if (!output?.document) return '';
  const difference = output.value / output.document - 1;
  if (Math.abs(difference) < 0.003) {
    return "AISBench's output token throughput agrees with the steady-state figure within 0.3%.";
  }
  const { stage, rule, unclampedConcurrency, maxConcurrency } = document;
  if (stage === 'total') {
    return "AISBench's figures cover the whole run, including ramp-up and drain; the steady-state figures cover the steady window.";
  }
  if (rule === 'automatic') {
    return 'Both cover the steady window. The tables above credit the tokens of a request to the window in which the request starts; the steady-state figures count each token when it arrives.';
  }
  if (unclampedConcurrency !== null && Math.abs(unclampedConcurrency / maxConcurrency - 1) > 0.003) {
    const share = unclampedConcurrency / maxConcurrency - 1;
    const more = share > 0 ? 'more' : 'less';
    return `AISBench credits the tokens of a request to the stage in which the request starts, so its requests used ${formatPercent(Math.abs(share))} ${more} slot time than the stage contains. The steady-state figures count each token when it arrives.`;
  }
  return 'AISBench credits the tokens of a request to the stage in which the request starts, and its stage contains warm-up. The steady-state figures count each token when it arrives, inside the steady window.';
}
