/** One pass over a run's events, and one over its requests, into time slots: all that plateau detection and intervals read. */
import type { RecordBatch } from '../../core/records.ts';
import type { RecordedRun } from '../../core/run.ts';
import { knownTokens, type RequestTable } from '../request-table.ts';
import { createGapHistograms, type GapHistograms } from './gap-histograms.ts';
import { addAt, type CycleAverage, createSpread, cycleAverage, type SlotGrid, slotGrid } from './slots.ts';

/** Time segments that gap distributions are kept for; a window is put together from whole ones. */
export const GAP_SEGMENTS = 120;
/** With more gaps than this, the distributions are those of every k-th request: more gaps make them no truer. */
const MOST_GAPS = 2 ** 22;

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

function readEvents(
  run: RecordedRun,
  table: RequestTable,
  grid: SlotGrid,
  load: { fromMs: number; toMs: number },
) {
  const sums: EventSums = {
    tokens: new Float64Array(grid.count),
    gapSum: new Float64Array(grid.count),
    gaps: new Float64Array(grid.count),
    histograms: createGapHistograms(GAP_SEGMENTS),
    segmentOf: segmentsOf(grid, load),
  };
  const { isPoint } = table.definition;
  let points = 0;
  for (let row = 0; row < table.count; row++) points += table.points[row];
  const every = Math.ceil(points / MOST_GAPS);
  let base = 0;
  for (const batch of run.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const at = base + row;
      const tokens = knownTokens(table.outTokens[at]);
      if (table.points[at] > 0) {
        const each = Number.isNaN(tokens) ? 1 : tokens / table.points[at];
        const counted = table.index[at] % every === 0;
        const events = batch.eventStart[row + 1] - batch.eventStart[row];
        const sentMs = table.sentMs[at];
        if (!counted && table.points[at] === events) readPlainRow(batch, row, { sentMs, each }, grid, sums);
        else readRow(batch, row, { sentMs, each, counted, isPoint }, grid, sums);
      }
    }
    base += batch.rows;
  }
  return run.info.stream ? sums : { ...sums, tokens: spreadTokens(table, grid) };
}

/** Without a stream nobody knows when a token came: they are spread evenly over each request. */
function spreadTokens(table: RequestTable, grid: SlotGrid): Float64Array {
  const spread = createSpread(grid);
  for (const row of table.bySent) {
    const tokens = knownTokens(table.outTokens[row]);
    const lengthMs = table.endMs[row] - table.sentMs[row];
    if (tokens > 0) spread.add(table.sentMs[row], table.endMs[row], tokens / lengthMs);
  }
  return spread.slots();
}

interface EventSums {
  tokens: Float64Array;
  gapSum: Float64Array;
  gaps: Float64Array;
  histograms: GapHistograms;
  /** Gap segment of each slot, −1 outside the load phase. */
  segmentOf: Int16Array;
}

/** Slots are much shorter than segments; a slot belongs to the segment in which its middle lies. */
function segmentsOf(grid: SlotGrid, load: { fromMs: number; toMs: number }): Int16Array {
  const perSegmentMs = GAP_SEGMENTS / (load.toMs - load.fromMs);
  return Int16Array.from({ length: grid.count }, (_, slot) => {
    const segment = Math.floor((grid.startMs + (slot + 0.5) * grid.slotMs - load.fromMs) * perSegmentMs);
    return segment >= 0 && segment < GAP_SEGMENTS ? segment : -1;
  });
}

/**
 * Several events of a row share a slot, so a slot's sums are taken when the row leaves it. `each`: tokens an event
 * stands for; `counted`: its gaps go into the distributions.
 */
function readRow(
  { eventStart, eventGapUs, eventKind }: RecordBatch,
  row: number,
  { sentMs, each, counted, isPoint }: { sentMs: number; each: number; counted: boolean; isPoint: Uint8Array },
  grid: SlotGrid,
  sums: EventSums,
): void {
  const { histograms, segmentOf } = sums;
  const originUs = (sentMs - grid.startMs) * 1000;
  const slotUs = grid.slotMs * 1000;
  const last = grid.count - 1;
  let us = 0;
  let previousUs = -1;
  let slot = -1;
  let slotEndUs = Number.NEGATIVE_INFINITY;
  let segment = -1;
  /** Of the points in the slot: how many, how many end a gap, and where the first of these gaps began. */
  let points = 0;
  let gaps = 0;
  let sinceUs = 0;
  for (let event = eventStart[row]; event < eventStart[row + 1]; event++) {
    us += eventGapUs[event];
    if (isPoint[eventKind[event]] === 0) continue;
    if (us >= slotEndUs) {
      if (points > 0) addToSlot(sums, slot, points * each, gaps, previousUs - sinceUs);
      slot = Math.min(last, Math.floor((originUs + us) / slotUs));
      slotEndUs = slot === last ? Number.POSITIVE_INFINITY : (slot + 1) * slotUs - originUs;
      segment = counted ? segmentOf[slot] : -1;
      points = 0;
      gaps = 0;
      sinceUs = previousUs < 0 ? us : previousUs;
    }
    points++;
    if (previousUs >= 0) {
      gaps++;
      if (segment >= 0) histograms.add(segment, us - previousUs);
    }
    previousUs = us;
  }
  if (points > 0) addToSlot(sums, slot, points * each, gaps, previousUs - sinceUs);
}

/** `readRow` for the many rows of a large run whose events are all tokens and whose gaps are not counted. */
function readPlainRow(
  { eventStart, eventGapUs }: RecordBatch,
  row: number,
  { sentMs, each }: { sentMs: number; each: number },
  grid: SlotGrid,
  sums: EventSums,
): void {
  const originUs = (sentMs - grid.startMs) * 1000;
  const slotUs = grid.slotMs * 1000;
  const start = eventStart[row];
  const end = eventStart[row + 1];
  let us = 0;
  let slot = -1;
  let slotEndUs = Number.NEGATIVE_INFINITY;
  /** First event of the slot, and where the gap that it ends began. */
  let entered = start;
  let sinceUs = 0;
  for (let event = start; event < end; event++) {
    const previousUs = us;
    us += eventGapUs[event];
    if (us < slotEndUs) continue;
    if (event > start) {
      const count = event - entered;
      addToSlot(sums, slot, count * each, entered === start ? count - 1 : count, previousUs - sinceUs);
    }
    slot = Math.min(grid.count - 1, Math.floor((originUs + us) / slotUs));
    slotEndUs = slot === grid.count - 1 ? Number.POSITIVE_INFINITY : (slot + 1) * slotUs - originUs;
    entered = event;
    sinceUs = event === start ? us : previousUs;
  }
  const count = end - entered;
  addToSlot(sums, slot, count * each, entered === start ? count - 1 : count, us - sinceUs);
}

/** Tokens are whole multiples of this, so that their sums are exact and the order of the records does not matter. */
const TOKEN_GRAIN = 2 ** -20;

function addToSlot(sums: EventSums, slot: number, tokens: number, gaps: number, gapSumUs: number): void {
  sums.tokens[slot] += Math.round(tokens / TOKEN_GRAIN) * TOKEN_GRAIN;
  sums.gaps[slot] += gaps;
  sums.gapSum[slot] += gapSumUs;
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
