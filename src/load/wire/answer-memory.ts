/** The memory that the answer of one attempt takes, and gives back when it was an unusual one. */
import { type EventLog, trimLog } from './logs/event-log.ts';
import { type TextLog, trimText } from './logs/text-log.ts';
import { type SseState, trimStream } from './sse-state.ts';
import { emptyBody, type WholeBody } from './whole-body.ts';

export interface AnswerMemory {
  readonly record: { readonly log: EventLog; readonly text: TextLog; readonly reasoning: TextLog };
  readonly sse: SseState;
  body: WholeBody;
}

/** What one worker's answers under way may take in all: a thousand streams of 64,000 tokens with their texts take less. */
export const MAX_HELD_BYTES = 1024 * 1024 * 1024;

export function heldBytes({ record, sse, body }: AnswerMemory): number {
  const { log, text, reasoning } = record;
  const events = log.gapsUs.byteLength + log.kinds.byteLength + log.tokens.byteLength;
  return events + text.bytes.length + reasoning.bytes.length + sse.held.bytes.length + body.bytes.length;
}

/** The attempt has been recorded. */
export function trimAnswer(memory: AnswerMemory): void {
  trimLog(memory.record.log);
  trimText(memory.record.text);
  trimText(memory.record.reasoning);
  trimStream(memory.sse);
  memory.body = emptyBody();
}

/** Whose answers have to be given up so that all together stay within `max` bytes: the largest first. */
export function beyondBudget<T extends { exchange: AnswerMemory }>(active: Iterable<T>, max: number): T[] {
  let held = 0;
  for (const { exchange } of active) held += heldBytes(exchange);
  if (held <= max) return [];
  const sized = [...active].map((holder) => ({ holder, bytes: heldBytes(holder.exchange) }));
  sized.sort((a, b) => b.bytes - a.bytes);
  const over: T[] = [];
  for (const { holder, bytes } of sized) {
    if (held <= max) break;
    over.push(holder);
    held -= bytes;
  }
  return over;
}
