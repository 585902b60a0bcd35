/** `Retry-After` (RFC 9110, 10.2.3): how long a service asks to be left alone, and how long it then is left alone. */

/** A service may ask for any time; nothing here waits for longer, ms. */
const MAX_RETRY_AFTER_MS = 60_000;
/** A service that is not ready yet is asked again after this time, unless it asks for more. */
const POLL_MS = 1000;

/** The header's value in seconds from now, said as seconds or as an HTTP date; undefined when it is neither. */
export function retryAfterS(value: string | undefined, nowUnixMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  // Without a letter it is no date: `Date.parse` takes a bare number for a year.
  const at = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowUnixMs) / 1000);
}

/** How long to leave a service alone that asked for `askedS`, ms. */
export function boundedWaitMs(askedS: number): number {
  return Math.min(askedS * 1000, MAX_RETRY_AFTER_MS);
}

/** How long to leave a service alone that is not ready yet, ms; `askedS` undefined: it asked for no time. */
export function pollPauseMs(askedS: number | undefined): number {
  return Math.max(POLL_MS, boundedWaitMs(askedS ?? 0));
}
