/**
 * The client of a worker. The run and what warms it up build theirs here: V8 compiles for the shapes of objects
 * and the functions that it has seen, and throws the code away when it meets others.
 */
import type { Clock } from '../core/clock.ts';
import type { Plan } from '../core/plan.ts';
import { usesAnswers } from '../core/prompts/conversation.ts';
import type { Protocol } from '../core/protocol.ts';
import { secretsOf } from '../core/text/secrets.ts';
import { type Client, createClient } from './wire/client.ts';
import { originOf, type ReadCounters } from './wire/connection.ts';
import { createDialect } from './wire/dialect.ts';
import { createRequests } from './wire/http/request.ts';
import type { FinishedAttempt, Recorder } from './wire/recorder.ts';
import type { TurnWatch } from './wire/turn-watch.ts';

export interface WorkerClientParts {
  protocol: Protocol;
  clock: Clock;
  recorder: Recorder;
  counters: ReadCounters;
  onNotice?(text: string): void;
  turns: TurnWatch;
}

export function createWorkerClient(plan: Plan, parts: WorkerClientParts): Client {
  const { protocol, clock, recorder, counters, turns, onNotice } = parts;
  const tellAnswers = plan.conversations?.some(usesAnswers) ?? false;
  return createClient({
    origin: originOf(plan.target),
    clock,
    dialect: createDialect(protocol, {
      stream: plan.target.stream,
      keepText: plan.keepText || tellAnswers,
      verify: plan.verify,
      secrets: secretsOf(plan.target),
    }),
    requests: createRequests(plan),
    timeouts: plan.timeouts,
    recorder: plan.keepText ? recorder : { append: (attempt) => recorder.append(withoutTexts(attempt)) },
    counters,
    tellAnswers,
    onNotice,
    watch: turns,
  });
}

/** What only the next turn of a conversation had to know. */
function withoutTexts(attempt: FinishedAttempt): FinishedAttempt {
  attempt.text.length = 0;
  attempt.reasoning.length = 0;
  return attempt;
}
