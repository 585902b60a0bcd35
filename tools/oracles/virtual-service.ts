/** A service of known law in virtual time, its slots fed from one queue, for tests. */
import type { EventKind, PlainRecord } from '../../src/core/records.ts';

export interface Law {
  slots: number;
  /** Output tokens of each request in the queue. */
  tokens: readonly number[];
  ttftMs: number;
  gapMs: number;
  /** Slot k opens k times this late. */
  staggerMs?: number;
  /** A slot's pause between two requests. */
  thinkMs?: number;
  tokensPerEvent?: number;
  /** The service tells how many tokens each event brings. */
  tellsTokens?: boolean;
}

/** The run's records in the order they were sent. */
export function simulate(law: Law): PlainRecord[] {
  const { slots, ttftMs, gapMs, staggerMs = 0, thinkMs = 0, tokensPerEvent = 1, tellsTokens } = law;
  const freeAt = Array.from({ length: slots }, (_, slot) => slot * staggerMs);
  return law.tokens.map((tokens, index) => {
    const sent = Math.min(...freeAt);
    const end = sent + ttftMs + (tokens - 1) * gapMs;
    freeAt[freeAt.indexOf(sent)] = end + thinkMs;
    const events: [number, EventKind][] = [];
    const eventTokens: number[] = [];
    for (let token = 0; token < tokens; token += tokensPerEvent) {
      eventTokens.push(Math.min(tokensPerEvent, tokens - token));
      const last = Math.min(token + tokensPerEvent, tokens) - 1;
      events.push([sent + ttftMs + last * gapMs, 'text']);
    }
    return {
      index,
      sent,
      end,
      inTokens: 100,
      outTokens: tokens,
      events,
      ...(tellsTokens && { eventTokens }),
    };
  });
}
