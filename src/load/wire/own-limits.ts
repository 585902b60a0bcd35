/** Failures to connect that are this host's doing, not the service's. */

/** Why this host opens no more connections, in words. */
const OWN_LIMITS: Record<string, string> = {
  EMFILE:
    'this process cannot open another file for a connection: raise `ulimit -n` or lower the concurrency',
  ENFILE:
    'this machine cannot open another file for a connection: close other programs or lower the concurrency',
  EADDRNOTAVAIL: 'this machine has no local port left for another connection: lower the concurrency',
};

export function isOwnLimit(cause: string): boolean {
  return Object.values(OWN_LIMITS).some((limit) => cause.startsWith(limit));
}

/** When a name has several addresses and none answers, node wraps their errors in one without a message. */
export function connectionFault(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError && error.errors.length > 0) return connectionFault(error.errors[0]);
  const limit = OWN_LIMITS[error.code ?? ''];
  return limit === undefined ? error.message || error.name : `${limit} (${error.code})`;
}
