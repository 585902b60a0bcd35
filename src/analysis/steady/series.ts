/** One pass over a run's events, and one over its requests, into time slots: all that plateau detection and intervals read. */
import type { RecordedRun } from '../../core/run.ts';
import { knownTokens, type RequestTable } from '../request-table.ts';
import { addAt, type CycleAverage, createSpread, cycleAverage, type SlotGrid, slotGrid } from './bins.ts';
import { GAP_SEGMENTS, readEvents } from './event-sums.ts';
import type { GapHistograms } from './gap-histograms.ts';

export interface RunSeries {
  outTokens: CycleAverage;
  /** Input tokens at the first output event. */
  inTokens: CycleAverage;
  /** Half a request at its start and half at its end. */
  requests: CycleAverage;
  starts: CycleAverage;
  level: CycleAverage;
  /** Sum and number of gaps between output events, at the event that ends each; sums in µs. */
  gapSum: CycleAverage;
  gaps: CycleAverage;
  /** Sum of TTFT in µs and number of requests that had one, at their start. */
  ttftSum: CycleAverage;
  ttfts: CycleAverage;
  /** Output tokens and input tokens of the requests, at their start: what was asked, not what the service did. */
  asked: CycleAverage;
  given: CycleAverage;
  /** Failed attempts, at their end. */
  failures: CycleAverage;
  gapHistograms: GapHistograms;
  /** Where the first slot begins, which is the first send, and where the last one ends. */
  span: { fromMs: number; toMs: number; slotMs: number };
  /** Time of segment edge `i`. */
  segmentEdgeMs(i: number): number;
}

/** `fromMs` to `toMs` is the load phase, which the gap segments divide. Reads the run's events once. */
export function readSeries(
  run: RecordedRun,
  table: RequestTable,
  load: { fromMs: number; toMs: number; cycleMs: number },
): RunSeries {
  const grid = gridOver(table, load.cycleMs);
  const events = readEvents(run, table, grid, load);
  const average = (slots: Float64Array) => cycleAverage(grid, slots);
  return {
    outTokens: average(events.tokens),
    gapSum: average(events.gapSum),
    gaps: average(events.gaps),
    ...readEdges(table, grid),
    gapHistograms: events.histograms,
    span: {
      fromMs: grid.startMs,
      toMs: grid.startMs + grid.slotMs * grid.count,
      slotMs: grid.slotMs,
    },
    segmentEdgeMs: (i) => load.fromMs + ((load.toMs - load.fromMs) * i) / GAP_SEGMENTS,
  };
}

function gridOver(table: RequestTable, cycleMs: number): SlotGrid {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (let row = 0; row < table.count; row++) {
    from = Math.min(from, table.sentMs[row]);
    to = Math.max(to, table.endMs[row]);
  }
  return slotGrid(from, to, cycleMs);
}

function readEdges(table: RequestTable, grid: SlotGrid) {
  const slots = () => new Float64Array(grid.count);
  const [inTokens, requests, starts, ttftSum, ttfts, asked, given, failures] = Array.from(
    { length: 8 },
    slots,
  );
  const level = createSpread(grid);
  for (const row of table.bySent) {
    const sent = table.sentMs[row];
    const end = table.endMs[row];
    const first = table.firstUs[row];
    level.add(sent, end, 1);
    addAt(grid, starts, sent, 1);
    addAt(grid, requests, sent, 0.5);
    addAt(grid, requests, end, 0.5);
    addAt(grid, asked, sent, knownTokens(table.outTokens[row]) || 0);
    addAt(grid, given, sent, knownTokens(table.inTokens[row]) || 0);
    if (table.success[row] === 0) addAt(grid, failures, end, 1);
    if (Number.isNaN(first)) continue;
    addAt(grid, inTokens, Math.min(sent + first / 1000, end), knownTokens(table.inTokens[row]) || 0);
    addAt(grid, ttftSum, sent, first);
    addAt(grid, ttfts, sent, 1);
  }
  const average = (values: Float64Array) => cycleAverage(grid, values);
  return {
    inTokens: average(inTokens),
    requests: average(requests),
    starts: average(starts),
    level: average(level.slots()),
    ttftSum: average(ttftSum),
    ttfts: average(ttfts),
    asked: average(asked),
    given: average(given),
    failures: average(failures),
  };
}
