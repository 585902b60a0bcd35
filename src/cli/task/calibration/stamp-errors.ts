/** The client's stamps against those that the simulated service took just before it sent. */
import { isOutput, type RecordBatch } from '../../../core/records.ts';
import type { SimTruth } from '../../../sim/truth.ts';

export interface StampErrors {
  /** Client's stamp − service's stamp of every token after `skipMs`, ms, in no order. */
  errorsMs: Float64Array;
  /** Tokens in all. */
  tokens: number;
  /** Requests whose tokens could not be told apart: missing on one side, or not as many on both. */
  unmatched: number;
}

/**
 * Both clocks count the same monotonic nanoseconds; `epochNs` is the client's time zero. `skipMs` after
 * the first token are left out: the start of many streams at once is no steady state.
 */
export function stampErrors(
  batches: readonly RecordBatch[],
  truth: SimTruth,
  epochNs: bigint,
  skipMs: number,
): StampErrors {
  const zeroMs = Number(epochNs - BigInt(truth.baseMonotonicNs)) / 1e6;
  const known = new Map(truth.requests.map((request) => [request.id, request.tokenNs]));
  const fromNs = Math.min(...truth.requests.map((r) => r.firstTokenNs ?? Number.POSITIVE_INFINITY));
  const fromMs = fromNs / 1e6 + skipMs;
  const errors: number[] = [];
  let tokens = 0;
  let unmatched = 0;
  for (const batch of batches) {
    for (const { row, responseId } of batch.notes) {
      const sentNs = known.get(responseId ?? '');
      const stampsMs = outputStamps(batch, row);
      tokens += stampsMs.length;
      if (sentNs === undefined || sentNs.length !== stampsMs.length) {
        unmatched++;
        continue;
      }
      for (const [i, stampMs] of stampsMs.entries()) {
        const trueMs = sentNs[i] / 1e6;
        if (trueMs >= fromMs) errors.push(zeroMs + stampMs - trueMs);
      }
    }
  }
  return { errorsMs: Float64Array.from(errors), tokens, unmatched };
}

/** Stamps of a row's output events, ms of run time. */
function outputStamps(batch: RecordBatch, row: number): number[] {
  const stamps: number[] = [];
  let us = 0;
  for (let event = batch.eventStart[row]; event < batch.eventStart[row + 1]; event++) {
    us += batch.eventGapUs[event];
    if (isOutput(batch.eventKind[event])) stamps.push(batch.sent[row] + us / 1000);
  }
  return stamps;
}
