/**
 * Whole recorded runs of services of known law in virtual time, millions of tokens per second, for tests and for
 * the oracles script. The records are what the recorder would have written.
 */

import { info, runEnd } from '../../src/analysis/run.fixture.ts';
import type { Random } from '../../src/core/random.ts';
import { emptyBatch, KIND, type RecordBatch, tokenSources } from '../../src/core/records.ts';
import type { RecordedRun, RunInfo } from '../../src/core/run.ts';

/** Output tokens of one request. */
export type Lengths = (random: Random) => number;

/** The four laws of docs/statistics.md, mean about `mean` tokens. */
export const lengthLaws = {
  fixed: (mean) => () => mean,
  uniform: (mean) => (random) => random.int(1, 2 * mean - 1),
  geometric: (mean) => {
    const scale = -1 / Math.log(1 - 1 / mean);
    return (random) => 1 + Math.floor(random.exponential() * scale);
  },
  /** σ = 1: the median is mean · e^(−1/2). */
  lognormal: (mean) => (random) => Math.max(1, Math.round(mean * Math.exp(random.normal() - 0.5))),
} as const satisfies Record<string, (mean: number) => Lengths>;
export type LengthLaw = keyof typeof lengthLaws;

/** Growable columns of one run; times in whole µs. */
export interface Rows {
  sentUs: number[];
  endUs: number[];
  tokens: number[];
}

export interface BatchingServer {
  /** Requests in flight at most; a free slot sends at once. Infinity with `arrivalsMs`. */
  slots: number;
  lengths: Lengths;
  /** Closed loop: how many requests there are, or for how long new ones start. */
  requests?: number;
  durationMs?: number;
  /** Open loop: when they are sent. */
  arrivalsMs?: readonly number[];
  /** Slot k opens k times so late; 0: a burst. */
  staggerMs?: number;
  /**
   * With `durationMs`: the slots are filled over so long before time zero, with requests that leave no record and are cut
   * when they have lasted so long.
   */
  fillMs?: number;
  /** A slot's pause between two requests. */
  thinkMs?: number;
  inTokens?: number;
  stepBaseMs?: number;
  stepPerSequenceMs?: number;
  prefillPerTokenMs?: number;
  /** Relative speed at a moment. */
  speed?: (ms: number) => number;
}

const batchingDefaults = {
  inTokens: 100,
  stepBaseMs: 8,
  stepPerSequenceMs: 0.1,
  prefillPerTokenMs: 0.02,
};

/**
 * Long-run tokens per second with all slots busy: every running request gets one token a step, and a step lasts
 * base + perSequence · C + prefill · newcomers, of which there are C/mean a step (renewal-reward theorem).
 */
export function batchingRate(
  slots: number,
  meanTokens: number,
  inTokens = batchingDefaults.inTokens,
): number {
  const { stepBaseMs, stepPerSequenceMs, prefillPerTokenMs } = batchingDefaults;
  const newcomers = slots / meanTokens;
  return (1000 * slots) / (stepBaseMs + stepPerSequenceMs * slots + prefillPerTokenMs * inTokens * newcomers);
}

/**
 * Continuous batching: in one step every running request gets one token, those that waited are prefilled and get
 * their first. Since all share the steps, a request's gaps are a slice of the list of step lengths.
 */
export function batchingRun(server: BatchingServer, random: Random): RecordedRun {
  const { slots, lengths, requests = Infinity, durationMs = Infinity, thinkMs = 0, fillMs = 0 } = server;
  const staggerMs = fillMs > 0 ? fillMs / slots : (server.staggerMs ?? 0);
  const law = { ...batchingDefaults, ...server };
  const mostFilled = Math.max(1, Math.floor(fillMs / (law.stepBaseMs + law.stepPerSequenceMs * slots)));
  const rows: Rows = { sentUs: [], endUs: [], tokens: [] };
  const firstStep: number[] = [];
  const steps: number[] = [];
  /** Requests by the step after which they end. */
  const endsAfter: number[][] = [];
  /** Send times to come, ascending. */
  const coming = server.arrivalsMs
    ? server.arrivalsMs.map((ms) => Math.round(ms * 1000))
    : Array.from({ length: Math.min(slots, requests) }, (_, k) => Math.round(k * staggerMs * 1000));
  let next = 0;
  let nowUs = 0;
  let running = 0;
  while (true) {
    if (running === 0) {
      if (next >= coming.length) break;
      nowUs = Math.max(nowUs, coming[next]);
    }
    let newcomers = 0;
    while (next < coming.length && coming[next] <= nowUs && running < slots) {
      const tokens = coming[next] < fillMs * 1000 ? Math.min(lengths(random), mostFilled) : lengths(random);
      rows.sentUs.push(coming[next++]);
      rows.tokens.push(tokens);
      firstStep.push(steps.length);
      const last = steps.length + tokens - 1;
      endsAfter[last] ??= [];
      endsAfter[last].push(rows.tokens.length - 1);
      newcomers++;
      running++;
    }
    const ms =
      law.stepBaseMs + law.stepPerSequenceMs * running + law.prefillPerTokenMs * law.inTokens * newcomers;
    const stepUs = Math.max(1, Math.round((ms * 1000) / (server.speed?.(nowUs / 1000) ?? 1)));
    nowUs += stepUs;
    steps.push(stepUs);
    for (const row of endsAfter[steps.length - 1] ?? []) {
      rows.endUs[row] = nowUs;
      running--;
      const again = !server.arrivalsMs && coming.length < requests && nowUs < (fillMs + durationMs) * 1000;
      if (again) coming.push(nowUs + Math.round(thinkMs * 1000));
    }
  }
  const stepUs = Uint32Array.from(steps);
  const batchSize = Number.isFinite(slots) ? slots : 1;
  const run = runOfRows(rows, { inTokens: law.inTokens, batchSize, zeroUs: fillMs * 1000 }, fillGaps);
  return fillMs > 0 ? filled(run, fillMs) : run;

  function fillGaps(row: number, gaps: Uint32Array): void {
    gaps.set(stepUs.subarray(firstStep[row], firstStep[row] + gaps.length));
    // What remains of the request's time is its wait before the first step.
    let rest = rows.endUs[row] - rows.sentUs[row];
    for (let i = 1; i < gaps.length; i++) rest -= gaps[i];
    gaps[0] = rest;
  }
}

function filled(run: RecordedRun, fillMs: number): RecordedRun {
  const { info } = run;
  return { ...run, info: { ...info, warmup: { ...info.warmup, filledOverMs: fillMs } } };
}

export interface RenewalSlots {
  slots: number;
  lengths: Lengths;
  /** A function is asked once a request. */
  ttftMs: number | (() => number);
  gapMs: number | (() => number);
  durationMs: number;
}

/** Slots that know nothing of one another: first token after `ttftMs`, then one each `gapMs`. */
export function renewalRun(law: RenewalSlots, random: Random): RecordedRun {
  const { slots, lengths, ttftMs, gapMs, durationMs } = law;
  const rows: Rows = { sentUs: [], endUs: [], tokens: [] };
  const ttftsUs: number[] = [];
  const gapsUs: number[] = [];
  const drawUs = (ms: number | (() => number)) => Math.round((typeof ms === 'number' ? ms : ms()) * 1000);
  for (let slot = 0; slot < slots; slot++) {
    for (let at = 0; at < durationMs * 1000; ) {
      const tokens = lengths(random);
      const [ttftUs, gapUs] = [drawUs(ttftMs), drawUs(gapMs)];
      const end = at + ttftUs + (tokens - 1) * gapUs;
      rows.sentUs.push(at);
      rows.tokens.push(tokens);
      rows.endUs.push(end);
      ttftsUs.push(ttftUs);
      gapsUs.push(gapUs);
      at = end;
    }
  }
  return runOfRows(rows, { inTokens: 100, batchSize: slots }, (row, gaps) => {
    gaps.fill(gapsUs[row]);
    gaps[0] = ttftsUs[row];
  });
}

const ROWS_PER_BATCH = 256;

interface RowsSetting {
  /** Of each request. */
  inTokens: number;
  batchSize: number;
  /** Time zero of the run; what was sent before is left out. */
  zeroUs?: number;
}

/** Batches in order of `end`, as a recorder leaves them, of the requests sent at or after `zeroUs`. */
export function runOfRows(
  rows: Rows,
  { inTokens, batchSize, zeroUs = 0 }: RowsSetting,
  fillGaps: (row: number, gaps: Uint32Array) => void,
): RecordedRun {
  const order = Uint32Array.from(rows.tokens.keys())
    .filter((row) => rows.sentUs[row] >= zeroUs)
    .sort((a, b) => rows.endUs[a] - rows.endUs[b] || a - b);
  const count = order.length;
  const batches: RecordBatch[] = [];
  for (let from = 0; from < count; from += ROWS_PER_BATCH) {
    const part = order.subarray(from, from + ROWS_PER_BATCH);
    const batch = emptyBatch(
      part.length,
      part.reduce((events, row) => events + rows.tokens[row], 0),
    );
    batch.eventKind.fill(KIND.text);
    batch.inTokens.fill(inTokens);
    batch.status.fill(200);
    batch.tokenSource.fill(tokenSources.indexOf('usage'));
    part.forEach((row, at) => {
      const start = batch.eventStart[at];
      batch.index[at] = row;
      batch.sent[at] = (rows.sentUs[row] - zeroUs) / 1000;
      batch.due[at] = batch.sent[at];
      batch.end[at] = (rows.endUs[row] - zeroUs) / 1000;
      batch.outTokens[at] = rows.tokens[row];
      batch.eventStart[at + 1] = start + rows.tokens[row];
      fillGaps(row, batch.eventGapUs.subarray(start, batch.eventStart[at + 1]));
      batch.firstByte[at] = batch.sent[at] + batch.eventGapUs[start] / 1000;
    });
    batches.push(batch);
  }
  const endMs = count > 0 ? (rows.endUs[order[count - 1]] - zeroUs) / 1000 : 0;
  const runInfo: RunInfo = {
    ...info,
    batchSize,
    plannedRequests: count,
    schedule: { kind: 'closed', requests: count, limit: batchSize },
  };
  return {
    info: runInfo,
    end: { ...runEnd, endMs, lastIssueMs: endMs, issued: count, slotsOpened: batchSize },
    batches: () => batches,
  };
}
