import { describe, expect, it } from 'vitest';
import { openaiChat } from '../../protocols/openai-chat.ts';
import { beyondBudget, heldBytes, trimAnswer } from './answer-memory.ts';
import { AttemptRecord } from './attempt-record.ts';
import { createDialect } from './dialect.ts';
import { logEvents, newEventLog } from './logs/event-log.ts';
import { appendText, newTextLog } from './logs/text-log.ts';
import { newSseState } from './sse-state.ts';
import { emptyBody, keepBytes } from './whole-body.ts';

const newRecord = () =>
  new AttemptRecord(createDialect(openaiChat, { stream: true, keepText: false, verify: true }));

const memory = () => ({
  record: { log: newEventLog(), text: newTextLog(), reasoning: newTextLog() },
  sse: newSseState(newRecord(), null),
  body: emptyBody(),
});

function holder(bytes: number) {
  const exchange = memory();
  exchange.body.bytes = Buffer.alloc(bytes);
  return { exchange };
}

describe('beyondBudget', () => {
  it('names the largest ones, as many as it takes', () => {
    const all = [10, 40, 20, 30].map(holder);
    const named = (most: number) => beyondBudget(all, most).map((h) => all.indexOf(h));
    expect([named(100), named(99), named(60), named(59), named(0)]).toEqual([
      [],
      [1],
      [1],
      [1, 3],
      [1, 3, 2, 0],
    ]);
  });
});

describe('trimAnswer', () => {
  it('gives back what an unusual answer took, and keeps what an ordinary one needs', () => {
    const large = Buffer.alloc(1_000_000, 'x');
    for (const [events, bytes, isKept] of [
      [1000, 2000, true],
      [100_000, 1_000_000, false],
    ] as const) {
      const exchange = memory();
      logEvents(exchange.record.log, 0, 1, events);
      appendText(exchange.record.text, large, 0, bytes);
      keepBytes(exchange.body, large, 0, bytes);
      expect(heldBytes(exchange)).toBeGreaterThan(events * 5 + 2 * bytes - 1);
      trimAnswer(exchange);
      expect(heldBytes(exchange) > 0).toBe(isKept);
    }
  });
});
