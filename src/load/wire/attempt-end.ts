/** What the loop is told of an attempt that has ended, so that it knows how to go on. */
import { OUTCOME } from '../../core/records.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Fault } from './fault.ts';
import { isOwnLimit } from './own-limits.ts';

/** How an attempt ended, as far as pacing is concerned. */
export interface AttemptEnd {
  outcome: number;
  /** HTTP status, 0 when there was none. */
  status: number;
  /** What is known of a failure; null without one. */
  fault: Fault | null;
  sentMs: number;
  endMs: number;
  /** Another attempt may help: no connection, or a status that says so. */
  retryable: boolean;
  /** There was no connection at all. */
  unreachable: boolean;
  /** Nothing of the service's doing: this host has no files or ports left. */
  isOwnLimit?: boolean;
  /** It went out twice: the first connection had been given up by the service. */
  resent?: boolean;
  /** The generated text, where the next turn of a conversation needs it. */
  answer?: string;
}
export type AttemptDone = (end: AttemptEnd) => void;

const RETRY_STATUS = new Set([429, 502, 503, 504]);

/** `isOpen`: its connection was ever open. `isResend`: the request had been sent on another one before. */
export function attemptEnd(record: AttemptRecord, isOpen: boolean, isResend: boolean): AttemptEnd {
  const { outcome, status, sent, end, fault } = record;
  const isSilent = Number.isNaN(record.firstByte);
  const failedToConnect = !isOpen && outcome !== OUTCOME.cancelled;
  return {
    outcome,
    status,
    fault,
    sentMs: sent,
    endMs: end,
    retryable:
      failedToConnect ||
      (outcome === OUTCOME.network && isSilent) ||
      (outcome === OUTCOME.http && RETRY_STATUS.has(status)),
    unreachable: failedToConnect,
    ...(failedToConnect && isOwnLimit(record.cause) && { isOwnLimit: true }),
    ...(isResend && { resent: true }),
  };
}
