/** The one pass over a run's events: tokens and gaps by time slot, and the distributions of gaps by segment of the load. */
import type { RecordBatch } from '../../core/records.ts';
import type { RecordedRun } from '../../core/run.ts';
import { knownTokens, type RequestTable } from '../request-table.ts';
import { createSpread, type SlotGrid } from './bins.ts';
import { createGapHistograms, type GapHistograms } from './gap-histograms.ts';

/** Time segments that gap distributions are kept for; a window is put together from whole ones. */
export const GAP_SEGMENTS = 120;
/** With more gaps than this, the distributions are those of every k-th request: more gaps make them no truer. */
const MAX_GAPS = 2 ** 22;

/** Reads the run's events once. `fromMs` to `toMs` is the load phase, which the gap segments divide. */
export function readEvents(
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
  let points = 0;
  for (let row = 0; row < table.count; row++) points += table.points[row];
  const every = Math.ceil(points / MAX_GAPS);
  const into: Target = { grid, sums };
  let base = 0;
  for (const batch of run.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const at = base + row;
      if (table.points[at] === 0) continue;
      const { isPoint } = table.definition;
      const reading = readingOf(table, at, every);
      const span = table.counted[at] > 0 ? null : unbrokenPoints(batch, row, table.points[at], isPoint);
      if (span) readPoints(batch.eventGapUs, span, reading, into);
      else if (table.counted[at] > 0) readCounted(batch, row, reading, into);
      else readRow(batch, row, { ...reading, isPoint }, into);
    }
    base += batch.rows;
  }
  return run.info.stream ? sums : { ...sums, tokens: spreadTokens(table, grid) };
}

function readingOf(table: RequestTable, row: number, every: number): RowReading {
  const tokens = knownTokens(table.outTokens[row]);
  return {
    sentMs: table.sentMs[row],
    firstUs: table.firstUs[row],
    each: Number.isNaN(tokens) ? 1 : tokens / (table.counted[row] || table.points[row]),
    counted: table.index[row] % every === 0,
  };
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

/** Where to the sums go. */
interface Target {
  grid: SlotGrid;
  sums: EventSums;
}

interface RowReading {
  sentMs: number;
  /** Of its first point, µs after it was sent. */
  firstUs: number;
  /** Tokens that an event stands for, or one of the tokens that it is known to have brought. */
  each: number;
  /** Its gaps go into the distributions. */
  counted: boolean;
}

/** Several events of a row share a slot, so a slot's sums are taken when the row leaves it. */
function readRow(
  { eventStart, eventGapUs, eventKind }: RecordBatch,
  row: number,
  { sentMs, each, counted, isPoint }: RowReading & { isPoint: Uint8Array },
  { grid, sums }: Target,
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
      if (points > 0) {
        addTokens(sums, slot, points * each);
        addGaps(sums, slot, gaps, previousUs - sinceUs);
      }
      slot = Math.min(last, Math.floor((originUs + us) / slotUs));
      slotEndUs = endOfSlot(slot, grid, originUs);
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
  if (points > 0) {
    addTokens(sums, slot, points * each);
    addGaps(sums, slot, gaps, previousUs - sinceUs);
  }
}

/**
 * The events from a row's first point to its last, if all of them are points: what comes before (a role) or after
 * (usage, the end mark) is none. If there were others between, the last points would lie after as many events.
 */
function unbrokenPoints(
  { eventStart, eventKind }: RecordBatch,
  row: number,
  points: number,
  isPoint: Uint8Array,
): { from: number; to: number } | null {
  const end = eventStart[row + 1];
  let from = eventStart[row];
  while (isPoint[eventKind[from]] === 0) from++;
  const to = from + points;
  for (let event = to; event < end; event++) if (isPoint[eventKind[event]] === 1) return null;
  return { from, to };
}

/** `readRow` for unbroken points, as nearly all rows have them, at half its cost. */
function readPoints(
  eventGapUs: Uint32Array,
  { from, to }: { from: number; to: number },
  { sentMs, firstUs, each, counted }: RowReading,
  { grid, sums }: Target,
): void {
  const { histograms, segmentOf } = sums;
  const originUs = (sentMs - grid.startMs) * 1000;
  const slotUs = grid.slotMs * 1000;
  const last = grid.count - 1;
  let us = firstUs - eventGapUs[from];
  let slot = -1;
  let slotEndUs = Number.NEGATIVE_INFINITY;
  let segment = -1;
  /** First event of the slot, and where the gap that it ends began; first gap of the segment. */
  let entered = from;
  let sinceUs = firstUs;
  let gapsFrom = from + 1;
  for (let event = from; event < to; event++) {
    const previousUs = us;
    us += eventGapUs[event];
    if (us < slotEndUs) continue;
    if (event > from) {
      const count = event - entered;
      addTokens(sums, slot, count * each);
      addGaps(sums, slot, entered === from ? count - 1 : count, previousUs - sinceUs);
      sinceUs = previousUs;
    }
    slot = Math.min(last, Math.floor((originUs + us) / slotUs));
    slotEndUs = endOfSlot(slot, grid, originUs);
    entered = event;
    if (!counted || segmentOf[slot] === segment) continue;
    if (segment >= 0) histograms.addAll(segment, eventGapUs, gapsFrom, event);
    segment = segmentOf[slot];
    gapsFrom = Math.max(event, from + 1);
  }
  const count = to - entered;
  addTokens(sums, slot, count * each);
  addGaps(sums, slot, entered === from ? count - 1 : count, us - sinceUs);
  if (segment >= 0) histograms.addAll(segment, eventGapUs, gapsFrom, to);
}

/** For a row whose events are known to have brought tokens: the gap before n of them is n gaps. */
function readCounted(
  { eventStart, eventGapUs, eventTokens }: RecordBatch,
  row: number,
  { sentMs, each, counted }: RowReading,
  { grid, sums }: Target,
): void {
  const originUs = (sentMs - grid.startMs) * 1000;
  const slotUs = grid.slotMs * 1000;
  let us = 0;
  let previousUs = -1;
  for (let event = eventStart[row]; event < eventStart[row + 1]; event++) {
    us += eventGapUs[event];
    const tokens = eventTokens[event];
    if (tokens === 0) continue;
    const slot = Math.min(grid.count - 1, Math.floor((originUs + us) / slotUs));
    const gapUs = us - previousUs;
    addTokens(sums, slot, tokens * each);
    if (previousUs >= 0) addGaps(sums, slot, tokens, gapUs);
    const segment = counted && previousUs >= 0 ? sums.segmentOf[slot] : -1;
    if (segment >= 0) {
      const eachUs = Math.floor(gapUs / tokens);
      const longer = gapUs % tokens;
      sums.histograms.add(segment, eachUs, tokens - longer);
      if (longer > 0) sums.histograms.add(segment, eachUs + 1, longer);
    }
    previousUs = us;
  }
}

/** When a request that was sent at `originUs` of the grid leaves the slot, µs after its sending; the last has no end. */
function endOfSlot(slot: number, grid: SlotGrid, originUs: number): number {
  if (slot === grid.count - 1) return Number.POSITIVE_INFINITY;
  return (slot + 1) * grid.slotMs * 1000 - originUs;
}

/** Tokens are whole multiples of this, so that their sums are exact and the order of the records does not matter. */
const TOKEN_GRAIN = 2 ** -20;

function addTokens(sums: EventSums, slot: number, tokens: number): void {
  sums.tokens[slot] += Math.round(tokens / TOKEN_GRAIN) * TOKEN_GRAIN;
}

function addGaps(sums: EventSums, slot: number, gaps: number, gapSumUs: number): void {
  sums.gaps[slot] += gaps;
  sums.gapSum[slot] += gapSumUs;
}
