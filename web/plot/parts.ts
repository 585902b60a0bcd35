/** How one request's line is made up: which stretch of it stands for what. */
import { OUTCOME } from '../../src/core/records.ts';
import type { Requests } from './load.ts';

export const parts = ['waiting', 'decoding', 'tail', 'failed', 'cancelled'] as const;
export type Part = (typeof parts)[number];

/** The index in `parts`, which is also the drawing order: what comes later covers what came before. */
export const PART = { waiting: 0, decoding: 1, tail: 2, failed: 3, cancelled: 4 } as const satisfies Record<
  Part,
  number
>;

/**
 * Calls `visit` for each stretch of request `i`, in seconds. Until the first token it waits, until the last
 * it decodes; the tail is what the service needed to close the response. Failed and cancelled attempts
 * are one stretch: their inner times are in the hover text.
 */
export function visitParts(
  r: Requests,
  i: number,
  visit: (part: number, from: number, to: number) => void,
): void {
  const sent = r.sent[i];
  const end = r.end[i];
  const first = r.firstToken[i];
  const last = Number.isNaN(r.lastToken[i]) ? end : r.lastToken[i];
  if (r.outcome[i] === OUTCOME.cancelled) visit(PART.cancelled, sent, end);
  else if (r.outcome[i] !== OUTCOME.ok) visit(PART.failed, sent, end);
  else if (!r.stream) visit(PART.decoding, sent, end);
  else if (Number.isNaN(first)) visit(PART.waiting, sent, end);
  else {
    visit(PART.waiting, sent, first);
    visit(PART.decoding, first, last);
    if (end > last) visit(PART.tail, last, end);
  }
}
