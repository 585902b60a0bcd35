/** What both ways of answering, streamed and whole, are given and promise. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { Protocol, SimResponse, Usage } from '../core/protocol.ts';
import type { Random } from '../core/random.ts';
import type { Behavior } from './behavior.ts';
import type { Answer } from './generation.ts';
import type { TruthEntry, TruthOutcome } from './truth.ts';

export interface Answering {
  http: ServerResponse;
  protocol: Protocol;
  head: SimResponse;
  behavior: Behavior;
  answer: Answer;
  /** Exact counts; null when they shall not be told. */
  usage: Usage | null;
  /** Every event tells the counts so far. Needs `usage`. */
  continuousUsage: boolean;
  entry: TruthEntry;
  clock: Clock;
  random: Random;
  /** The answer goes on, but no client should take it for a good one. */
  onSpoilt(): void;
  /** Nothing more will be sent. Only the first verdict counts. */
  onEnd(outcome: TruthOutcome): void;
}

/** Takes one generated token after another. */
export interface TokenSink {
  token(): void;
  /** The connection is gone. */
  close(): void;
}

export function finishReasonOf({ answer, behavior }: Answering): string {
  return behavior.toolCall ? 'tool_calls' : answer.finish;
}
