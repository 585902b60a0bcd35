/** The memory that the answer of one attempt takes, and gives back when it was an unusual one. */
import { type EventLog, trimLog } from './event-log.ts';
import { type SseState, trimStream } from './sse.ts';
import { type TextLog, trimText } from './text-log.ts';
import { emptyBody, type WholeBody } from './whole-body.ts';

export interface AnswerMemory {
  readonly log: EventLog;
  readonly text: TextLog;
  readonly reasoning: TextLog;
  readonly sse: SseState;
  body: WholeBody;
}

/** What one worker's answers under way may take in all: a thousand streams of 64,000 tokens with their texts take less. */
export const MOST_HELD_BYTES = 1024 * 1024 * 1024;

export function heldBytes({ log, text, reasoning, sse, body }: AnswerMemory): number {
  const events = log.gapsUs.byteLength + log.kinds.byteLength + log.tokens.byteLength;
  return events + text.bytes.length + reasoning.bytes.length + sse.held.bytes.length + body.bytes.length;
}

/** The attempt has been recorded. */
export function trimAnswer(memory: AnswerMemory): void {
  trimLog(memory.log);
  trimText(memory.text);
  trimText(memory.reasoning);
  trimStream(memory.sse);
  memory.body = emptyBody();
}

/** Who is to give up an answer so that all together stay within `most` bytes: the largest first. */
export function beyondBudget<T extends { exchange: AnswerMemory }>(active: Iterable<T>, most: number): T[] {
  let held = 0;
  for (const { exchange } of active) held += heldBytes(exchange);
  if (held <= most) return [];
  const sized = [...active].map((holder) => ({ holder, bytes: heldBytes(holder.exchange) }));
  sized.sort((a, b) => b.bytes - a.bytes);
  const over: T[] = [];
  for (const { holder, bytes } of sized) {
    if (held <= most) break;
    over.push(holder);
    held -= bytes;
  }
  return over;
}
