/** `Retry-After`: how long a service asks to be left alone (RFC 9110, 10.2.3). */

/** A service may ask for any time; nothing here waits for longer, ms. */
export const MAX_RETRY_AFTER_MS = 60_000;

/** The header's value in seconds from now, said as seconds or as an HTTP date; undefined when it is neither. */
export function retryAfterS(value: string | undefined, nowUnixMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  // Without a letter it is no date: `Date.parse` takes a bare number for a year.
  const at = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowUnixMs) / 1000);
}
