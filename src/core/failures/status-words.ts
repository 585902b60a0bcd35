/** What an HTTP status means, in about three words. */
const meanings: Record<number, string> = {
  301: 'moved permanently',
  302: 'moved elsewhere',
  303: 'answer is elsewhere',
  307: 'moved temporarily',
  308: 'moved permanently',
  400: 'bad request',
  401: 'key not accepted',
  402: 'payment required',
  403: 'access not allowed',
  404: 'not found',
  405: 'method not allowed',
  406: 'answer type refused',
  407: 'proxy requires login',
  408: 'request timed out',
  409: 'conflict',
  410: 'no longer there',
  413: 'request too large',
  414: 'address too long',
  415: 'content type refused',
  421: 'not this server',
  422: 'request not valid',
  424: 'dependency failed',
  426: 'upgrade required',
  429: 'too many requests',
  431: 'headers too large',
  499: 'client closed request',
  500: 'internal server error',
  501: 'not implemented',
  502: 'bad gateway',
  503: 'service unavailable',
  504: 'gateway timed out',
  505: 'HTTP version refused',
  507: 'storage is full',
  529: 'service overloaded',
};
const byClass = ['', 'interim answer', 'unexpected success', 'redirect', 'request refused', 'server error'];

/** `HTTP 404 (not found)` */
export function statusWords(status: number): string {
  const meaning = meanings[status] ?? byClass[Math.floor(status / 100)];
  return meaning ? `HTTP ${status} (${meaning})` : `HTTP ${status}`;
}
