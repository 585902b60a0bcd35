/** How long a request waits before it is sent again. */
import { boundedWaitMs } from '../../core/failures/retry-after.ts';
import type { AttemptEnd } from '../wire/attempt-end.ts';

/** ms after attempt number `attempt` (0 for the first) ended as `end` says. */
export type RetryPause = (end: AttemptEnd, attempt: number) => number;

const FIRST_MS = 100;
const MAX_MS = 5000;
/** Requests that failed together must not come back together. */
const JITTER = 0.2;

/**
 * A pause is as long as the service asked for (`Retry-After`), or else doubles from attempt to attempt. `random` draws
 * from 0 to 1.
 */
export function createRetryPause(random: () => number): RetryPause {
  return ({ fault }, attempt) => {
    const askedS = fault?.retryAfterS;
    if (askedS !== undefined) return boundedWaitMs(askedS);
    const jitter = 1 - JITTER + 2 * JITTER * random();
    return Math.min(MAX_MS, FIRST_MS * 2 ** attempt * jitter);
  };
}
