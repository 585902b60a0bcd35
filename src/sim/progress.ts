/** What follows from each generated token: the metrics count it, the record notes it, and the answer says it. */
import type { TokenSink } from './answering.ts';
import type { Sequence } from './engine.ts';
import type { Answer } from './generation.ts';
import type { Metrics } from './service-metrics.ts';
import { countDraft } from './speculation.ts';
import type { TruthEntry } from './truth.ts';

/** An answer in progress. */
export interface Job {
  sink: TokenSink;
  entry: TruthEntry;
  answer: Answer;
  lastTokenMs: number;
  /** Told of each token; null: no speculative decoding. */
  speculate: (() => number | null) | null;
}

/** Each of the sequences has generated one token. */
export function passTokens(metrics: Metrics, sequences: readonly Sequence<Job>[], nowMs: number): void {
  for (const sequence of sequences) {
    const job = sequence.owner;
    if (sequence.generated === 1) {
      job.entry.admittedMs = sequence.admittedMs;
      metrics.admitted(sequence.admittedMs - sequence.arrivalMs);
      metrics.firstToken(sequence.promptTokens, nowMs - sequence.arrivalMs);
    } else {
      metrics.nextToken(nowMs - job.lastTokenMs);
    }
    job.lastTokenMs = nowMs;
    draft(metrics, job);
    job.sink.token();
    if (sequence.generated === sequence.outputTokens) {
      metrics.finished(job.answer.finish, nowMs - sequence.arrivalMs);
    }
  }
}

function draft(metrics: Metrics, { speculate, entry }: Job): void {
  const accepted = speculate?.();
  if (accepted === undefined || accepted === null) return;
  metrics.draft(accepted);
  if (entry.speculation) countDraft(entry.speculation, accepted);
}
