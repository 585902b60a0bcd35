/** The Common Metric table: what the stage did as a whole. */
import type { CommonMetric, Interval } from '../core/summary.ts';
import { e2elUs, knownTokens, type RequestTable } from './request-table.ts';

interface Totals {
  successes: number;
  inTokens: number;
  outTokens: number;
  ttftUs: number;
  /** Slot time of the members: E2EL of successes, the whole attempt of failures where they count. */
  busyUs: number;
}

/** Stage totals, with the figure that the document hides. */
export interface StageMetrics {
  rows: CommonMetric[];
  /** Concurrency before it was cut to Max Concurrency. */
  unclampedConcurrency: number;
}

export interface StageOptions {
  stream: boolean;
  maxConcurrency: number;
  /** Show Concurrency as Max Concurrency at most, as the document says of the steady stage. */
  clamp: boolean;
}

/**
 * Rows of the document in its order. Requests are attempts: a retry is one more, a failed one counts in
 * Total and Failed. Token sums and rates are over successes; Concurrency is slot time ÷ duration;
 * Prefill Token Throughput is input tokens ÷ the sum of TTFT (left out when there was no stream).
 * A window of no length has no rates: they are NaN.
 */
export function commonMetrics(
  table: RequestTable,
  members: Uint32Array,
  interval: Interval,
  options: StageOptions,
): StageMetrics {
  const totals = sumUp(table, members);
  const durationS = (interval.endMs - interval.startMs) / 1000;
  const rate = (amount: number) => (durationS > 0 ? amount / durationS : Number.NaN);
  const unclampedConcurrency = rate(totals.busyUs / 1e6);
  const concurrency = options.clamp
    ? Math.min(unclampedConcurrency, options.maxConcurrency)
    : unclampedConcurrency;
  const rows: CommonMetric[] = [
    { name: 'Benchmark Duration', unit: 's', value: durationS },
    { name: 'Total Requests', unit: 'requests', value: members.length },
    { name: 'Failed Requests', unit: 'requests', value: members.length - totals.successes },
    { name: 'Success Requests', unit: 'requests', value: totals.successes },
    { name: 'Concurrency', unit: 'ratio', value: concurrency },
    { name: 'Max Concurrency', unit: 'requests', value: options.maxConcurrency },
    { name: 'Request Throughput', unit: 'requests/s', value: rate(totals.successes) },
    { name: 'Total Input Tokens', unit: 'tokens', value: totals.inTokens },
    {
      name: 'Prefill Token Throughput',
      unit: 'tokens/s',
      value: totals.ttftUs > 0 ? totals.inTokens / (totals.ttftUs / 1e6) : Number.NaN,
    },
    { name: 'Total generated tokens', unit: 'tokens', value: totals.outTokens },
    { name: 'Input Token Throughput', unit: 'tokens/s', value: rate(totals.inTokens) },
    { name: 'Output Token Throughput', unit: 'tokens/s', value: rate(totals.outTokens) },
    { name: 'Total Token Throughput', unit: 'tokens/s', value: rate(totals.inTokens + totals.outTokens) },
  ];
  return {
    rows: options.stream ? rows : rows.filter((row) => row.name !== 'Prefill Token Throughput'),
    unclampedConcurrency,
  };
}

function sumUp(table: RequestTable, members: Uint32Array): Totals {
  const totals: Totals = { successes: 0, inTokens: 0, outTokens: 0, ttftUs: 0, busyUs: 0 };
  for (const row of members) {
    if (table.success[row] === 1) {
      totals.successes++;
      totals.inTokens += knownTokens(table.inTokens[row]) || 0;
      totals.outTokens += knownTokens(table.outTokens[row]) || 0;
      totals.ttftUs += table.firstUs[row] || 0;
      totals.busyUs += e2elUs(table, row);
    } else if (table.definition.failuresTakeTime) {
      totals.busyUs += (table.endMs[row] - table.sentMs[row]) * 1000;
    }
  }
  return totals;
}
