/** How much of the prompts came from the service's prefix cache: by its own count, or by what a second pass over the data gains. */
import { UNKNOWN_TOKENS } from '../../core/records.ts';
import type { RequestTable } from '../request-table.ts';
import { meanOf } from '../stats.ts';
import type { LoadPhase } from './load-phase.ts';
import { type Estimate, MIN_BATCHES, meanOfBatches } from './statistics/intervals.ts';

/** From the tokens that the service says it did not compute. */
export interface ReportedShare {
  /** Share of the prompt tokens, from 0 to 1. */
  share: number;
  /** The part of it that every request finds, up to `MAX_TEMPLATE_TOKENS` each: what a chat template begins with. */
  template: number;
}

/** Templates begin with the model's own system prompt: 20 to 40 tokens, in blocks of 16. */
const MAX_TEMPLATE_TOKENS = 64;

/** null: most of these requests do not say. Later turns of conversations repeat earlier ones, and are left out. */
export function reportedShare(table: RequestTable, rows: Iterable<number>): ReportedShare | null {
  let asked = 0;
  let known = 0;
  let prompts = 0;
  let cached = 0;
  let least = MAX_TEMPLATE_TOKENS;
  for (const row of rows) {
    if (table.success[row] === 0 || table.turn[row] > 0) continue;
    asked++;
    if (table.cachedTokens[row] === UNKNOWN_TOKENS || table.inTokens[row] === UNKNOWN_TOKENS) continue;
    known++;
    prompts += table.inTokens[row];
    cached += table.cachedTokens[row];
    least = Math.min(least, table.cachedTokens[row]);
  }
  if (known === 0 || 2 * known < asked || prompts === 0) return null;
  return { share: cached / prompts, template: (least * known) / prompts };
}

/** TTFT of rows that are sent again against their first time, as a relative change with its 95 % interval. */
export interface PassEffect {
  /** Rows that were sent more than once under load. */
  rows: number;
  change: number;
  low: number;
  high: number;
  /** Later passes differ among one another by about as much, so that something else changed. */
  goesOn: boolean;
}

/** Fewer rows give no interval to speak of. */
const MIN_ROWS = 10;
/** A cache helps from the second pass on, and no more in the third. */
const MAX_GOING_ON = 0.5;

/** null: too few rows were sent twice under load, or there is no TTFT. */
export function passEffect(
  table: RequestTable,
  samples: number,
  { fromMs, toMs }: Pick<LoadPhase, 'fromMs' | 'toMs'>,
): PassEffect | null {
  const passes = new Map<number, number[][]>();
  for (const row of table.bySent) {
    const sentMs = table.sentMs[row];
    if (sentMs <= fromMs || sentMs > toMs || table.attempt[row] > 0 || table.turn[row] > 0) continue;
    if (table.success[row] === 0 || !(table.firstUs[row] > 0)) continue;
    const pass = Math.min(2, Math.floor(table.index[row] / samples));
    const logs = passes.get(table.index[row] % samples) ?? [[], [], []];
    logs[pass].push(Math.log(table.firstUs[row]));
    passes.set(table.index[row] % samples, logs);
  }
  const again: number[] = [];
  const onwards: number[] = [];
  for (const [first, second, later] of passes.values()) {
    const after = [...second, ...later];
    if (first.length > 0 && after.length > 0) again.push(meanOf(after) - meanOf(first));
    if (second.length > 0 && later.length > 0) onwards.push(meanOf(later) - meanOf(second));
  }
  if (again.length < MIN_ROWS) return null;
  const { value, halfWidth } = estimateOf(again);
  const next = onwards.length < MIN_ROWS ? 0 : meanOf(onwards);
  return {
    rows: again.length,
    change: Math.expm1(value),
    low: Math.expm1(value - halfWidth),
    high: Math.expm1(value + halfWidth),
    goesOn: Math.abs(next) > MAX_GOING_ON * Math.abs(value),
  };
}

/** Rows in the order of their first sending: neighbors met the same service, so they go into batches together. */
function estimateOf(values: readonly number[]): Estimate {
  if (values.length < 2 * MIN_BATCHES) return meanOfBatches(values);
  return meanOfBatches(
    Array.from({ length: MIN_BATCHES }, (_, k) => {
      const edge = (at: number) => Math.round((at * values.length) / MIN_BATCHES);
      return meanOf(values.slice(edge(k), edge(k + 1)));
    }),
  );
}
