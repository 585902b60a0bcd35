/** The Performance Parameters: one table of metrics, each a value per successful request, in the document's order. */
import type { RecordedRun } from '../core/run.ts';
import type { MetricRow, Unit } from '../core/summary.ts';
import { type CountHistogram, createCountHistogram } from './count-histogram.ts';
import { addGapsOf, e2elUs, isEmptyAnswer, knownTokens, type RequestTable } from './request-table.ts';
import { selectingDistribution } from './select.ts';
import { type Distribution, distributionOf, quantilesOf, statOf } from './stats.ts';

interface Metric {
  name: string;
  unit: Unit;
  /** Needs the moment of the first token, which only a stream tells. */
  streamOnly: boolean;
  /** NaN leaves the request out of the values and of N. Latencies in µs. */
  valueOf(table: RequestTable, row: number): number;
  /** N counts requests whose time points differ, where the definitions say so. */
  countsMoving?: boolean;
}

const US_PER_S = 1e6;
const MIN_TO_SELECT = 2 ** 16;
/** Where the pooled gaps stand in the table: they are no value per request. */
const ITL = 'ITL';

const e2el: Metric = {
  name: 'E2EL',
  unit: 's',
  streamOnly: false,
  valueOf: (table, row) => (isEmptyAnswer(table, row) ? Number.NaN : e2elUs(table, row)),
};

const ttft: Metric = {
  name: 'TTFT',
  unit: 's',
  streamOnly: true,
  valueOf: (table, row) => table.firstUs[row],
};

/** (E2EL − TTFT) / (tokens − 1). */
const tpot: Metric = {
  name: 'TPOT',
  unit: 's',
  streamOnly: true,
  countsMoving: true,
  valueOf(table, row) {
    const tokens = knownTokens(table.outTokens[row]);
    if (tokens < 2) return table.definition.shortTpot;
    return (table.lastUs[row] - table.firstUs[row]) / (tokens - 1);
  },
};

const inputTokens: Metric = {
  name: 'InputTokens',
  unit: 'tokens',
  streamOnly: false,
  valueOf: (table, row) => knownTokens(table.inTokens[row]),
};

const outputTokens: Metric = {
  name: 'OutputTokens',
  unit: 'tokens',
  streamOnly: false,
  valueOf: (table, row) => knownTokens(table.outTokens[row]),
};

/** Of the input tokens, those from the service's prefix cache; no row where no service says so. */
const cachedTokens: Metric = {
  name: 'CachedTokens',
  unit: 'tokens',
  streamOnly: false,
  valueOf: (table, row) => knownTokens(table.cachedTokens[row]),
};

/** Output tokens ÷ E2EL. */
const outputTokenThroughput: Metric = {
  name: 'OutputTokenThroughput',
  unit: 'tokens/s',
  streamOnly: false,
  valueOf: (table, row) => perSecond(knownTokens(table.outTokens[row]), e2el.valueOf(table, row), Number.NaN),
};

/** Input tokens ÷ TTFT. */
const prefillTokenThroughput: Metric = {
  name: 'PrefillTokenThroughput',
  unit: 'tokens/s',
  streamOnly: true,
  valueOf: (table, row) =>
    perSecond(knownTokens(table.inTokens[row]), table.firstUs[row], table.definition.instantPrefill),
};

const metrics: readonly (Metric | typeof ITL)[] = [
  e2el,
  ttft,
  tpot,
  ITL,
  inputTokens,
  outputTokens,
  outputTokenThroughput,
  prefillTokenThroughput,
  cachedTokens,
];

/** What the rows are computed from. */
export interface RowSource {
  run: RecordedRun;
  table: RequestTable;
  statsList: readonly string[];
  /** The gaps of every success; changed when only some are members. */
  allGaps: CountHistogram;
}

/**
 * The rows over the successful `members`; rows to which no request contributes are left out, and so are
 * those that only a stream can tell when the run did not stream.
 */
export function perRequestRows(source: RowSource, members: Uint32Array): MetricRow[] {
  const { run, table, statsList } = source;
  const successes = members.filter((row) => table.success[row] === 1);
  return metrics
    .filter((metric) => run.info.stream || !(metric === ITL || metric.streamOnly))
    .map((metric) =>
      metric === ITL ? itlRow(source, successes) : rowOf(metric, table, successes, statsList),
    )
    .filter((row) => row.n > 0);
}

/**
 * E2EL and TTFT counted from `due`, so that waiting inside the client shows; empty when the mean of
 * neither differs from the one counted from `sent` by more than 1 %.
 */
export function fromDueRows(
  table: RequestTable,
  members: Uint32Array,
  stream: boolean,
  statsList: readonly string[],
): MetricRow[] {
  const successes = members.filter((row) => table.success[row] === 1);
  const pairs = (stream ? [e2el, ttft] : [e2el]).map((metric) => {
    const late: Metric = {
      ...metric,
      valueOf: (t, row) => metric.valueOf(t, row) + (t.sentMs[row] - t.dueMs[row]) * 1000,
    };
    const means = [metric, late].map((m) => exactDistribution(valuesOf(m, table, successes), []).mean);
    return { row: rowOf(late, table, successes, statsList), differs: means[1] > means[0] * 1.01 };
  });
  return pairs.some((pair) => pair.differs) ? pairs.map((pair) => pair.row).filter((row) => row.n > 0) : [];
}

function rowOf(
  metric: Metric,
  table: RequestTable,
  successes: Uint32Array,
  statsList: readonly string[],
): MetricRow {
  const distribution = exactDistribution(valuesOf(metric, table, successes), statsList);
  const moving = metric.countsMoving && table.definition.countMovingOnly;
  const n = moving ? countMoving(table, successes) : distribution.n;
  return toRow(metric, distribution, n, statsList);
}

function itlRow(source: RowSource, successes: Uint32Array): MetricRow {
  const { table, statsList } = source;
  const pooled = gapsOf(source, successes);
  const withGap = successes.filter((row) => table.points[row] > 1).length;
  const n = table.definition.countMovingOnly ? countMoving(table, successes) : withGap;
  return toRow({ name: ITL, unit: 's' }, pooled.distribution(), n, statsList);
}

/**
 * Gaps in µs between consecutive time points of each of these successes, all together. A stage leaves out few requests
 * of a long run, so it is theirs that are read again and taken out of `allGaps`, which is changed.
 */
function gapsOf({ run, table, allGaps }: RowSource, successes: Uint32Array): CountHistogram {
  const left = table.success.slice();
  for (const row of successes) left[row] = 0;
  if (left.includes(1)) allGaps.remove(poolGaps(run, table, left));
  return allGaps;
}

/** `wanted`: 1 for each row to read. */
export function poolGaps(run: RecordedRun, table: RequestTable, wanted: Uint8Array): CountHistogram {
  const { isPoint } = table.definition;
  const pooled = createCountHistogram();
  let base = 0;
  for (const batch of run.batches(wanted)) {
    for (let row = 0; row < batch.rows; row++) {
      if (wanted[base + row] === 0) continue;
      addGapsOf(pooled, batch, row, table.counted[base + row] > 0 ? null : isPoint);
    }
    base += batch.rows;
  }
  return pooled;
}

function toRow(
  { name, unit }: Pick<MetricRow, 'name' | 'unit'>,
  distribution: Distribution,
  n: number,
  statsList: readonly string[],
): MetricRow {
  const divisor = unit === 's' ? US_PER_S : 1;
  return {
    name,
    unit,
    stats: statsList.map((stat) => ({ name: stat, value: statOf(distribution, stat) / divisor })),
    n,
  };
}

function valuesOf(metric: Metric, table: RequestTable, rows: Uint32Array): Float64Array {
  const values = new Float64Array(rows.length);
  let count = 0;
  for (const row of rows) {
    const value = metric.valueOf(table, row);
    if (!Number.isNaN(value)) values[count++] = value;
  }
  return values.subarray(0, count);
}

/** Sorting is faster for few values. */
function exactDistribution(values: Float64Array, statsList: readonly string[]): Distribution {
  return values.length < MIN_TO_SELECT
    ? distributionOf(values)
    : selectingDistribution(values, quantilesOf(statsList));
}

function countMoving(table: RequestTable, rows: Uint32Array): number {
  return rows.filter((row) => table.moving[row] === 1).length;
}

function perSecond(tokens: number, us: number, whenInstant: number): number {
  return us > 0 ? tokens / (us / US_PER_S) : whenInstant;
}
