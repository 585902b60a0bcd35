/** A summary with the numbers of the document's example, for tests. */
import type { CommonMetric, MetricRow, Summary, Unit } from '../core/summary.ts';

const statsList = ['Average', 'Min', 'Max', 'Median', 'P75', 'P90', 'P99'];

function row(name: string, unit: Unit, values: number[]): MetricRow {
  const scale = unit === 's' ? 1000 : 1;
  return {
    name,
    unit,
    stats: values.map((value, i) => ({ name: statsList[i], value: value / scale })),
    n: 8,
  };
}

const perRequest = [
  row('E2EL', 's', [2048.2945, 1729.7498, 3450.96, 2491.8789, 2750.85, 3184.9186, 3424.4354]),
  row('TTFT', 's', [50.332, 50.6244, 52.0585, 50.3237, 50.5872, 50.7566, 50.0551]),
  row('TPOT', 's', [10.6965, 10.061, 10.8805, 10.7495, 10.7818, 10.808, 10.8582]),
  row('ITL', 's', [10.6965, 7.3583, 13.7707, 10.7513, 10.8009, 10.8358, 10.9322]),
  row('InputTokens', 'tokens', [1512.5, 1481, 1566, 1511.5, 1520.25, 1536.6, 1563.06]),
  row('OutputTokens', 'tokens', [287.375, 200, 407, 280, 322.75, 374.8, 403.78]),
  row(
    'OutputTokenThroughput',
    'tokens/s',
    [115.9216, 107.6555, 116.5352, 117.6448, 118.2426, 118.3765, 118.6388],
  ),
];

const common: CommonMetric[] = [
  { name: 'Benchmark Duration', unit: 's', value: 19.8978505 },
  { name: 'Total Requests', unit: 'requests', value: 8 },
  { name: 'Failed Requests', unit: 'requests', value: 0 },
  { name: 'Success Requests', unit: 'requests', value: 8 },
  { name: 'Concurrency', unit: 'ratio', value: 0.99722 },
  { name: 'Max Concurrency', unit: 'requests', value: 1 },
  { name: 'Request Throughput', unit: 'requests/s', value: 0.40205 },
  { name: 'Total Input Tokens', unit: 'tokens', value: 12_100 },
  { name: 'Prefill Token Throughput', unit: 'tokens/s', value: 17_014.312_31 },
  { name: 'Total generated tokens', unit: 'tokens', value: 2299 },
  { name: 'Input Token Throughput', unit: 'tokens/s', value: 608.7438 },
  { name: 'Output Token Throughput', unit: 'tokens/s', value: 115.7835 },
  { name: 'Total Token Throughput', unit: 'tokens/s', value: 723.5273 },
];

export const documentSummary: Summary = {
  stage: 'stable',
  summarizer: 'stable_stage',
  rule: 'document',
  definitions: 'product',
  profile: 'default',
  statsList,
  window: { startMs: 1000, endMs: 20_897.8505, t1Ms: 0, t2Ms: 1000, t4Ms: 20_897.8505 },
  noWindow: null,
  perRequest,
  common,
  fromDue: [],
  outcomes: { ok: 8, http: 0, timeout: 0, network: 0, protocol: 0, cancelled: 0 },
  tokenSources: { unknown: 0, usage: 8, tokenizer: 0, embedded: 0, none: 0 },
  maxLevel: 1,
  meanLevel: 0.9972,
  notes: [],
  clientHealth: null,
  timeline: {
    count: 0,
    index: new Uint32Array(),
    attempt: new Uint16Array(),
    sentMs: new Float64Array(),
    firstTokenMs: new Float64Array(),
    lastTokenMs: new Float64Array(),
    endMs: new Float64Array(),
    outcome: new Uint8Array(),
    inTokens: new Uint32Array(),
    outTokens: new Uint32Array(),
  },
};
