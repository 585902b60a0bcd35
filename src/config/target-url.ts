/** The base URL of the service under test, from a model task's `url` or `host_ip` and `host_port`. */
import { isIPv6 } from 'node:net';

export interface Address {
  url: string;
  hostIp: string;
  hostPort: number;
  enableSsl: boolean;
}

/**
 * `url` wins when it is not empty: a scheme is added when it has none, and its path ends with a slash,
 * so that an endpoint can be joined to it; a query is kept. Otherwise `scheme://host:port/`.
 * Throws `TypeError` when the parts give no http or https URL.
 */
export function baseUrl({ url, hostIp, hostPort, enableSsl }: Address): string {
  const scheme = enableSsl ? 'https' : 'http';
  const given = url.trim();
  if (given === '') return new URL(`${scheme}://${bracketed(hostIp.trim())}:${hostPort}/`).href;
  const parsed = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `${scheme}://${given}`);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new TypeError(`not an http or https URL: ${parsed.protocol}`);
  }
  if (!parsed.pathname.endsWith('/')) parsed.pathname += '/';
  return parsed.href;
}

/** A host name, an IPv4 address, or an IPv6 address with or without brackets; nothing else of a URL. */
export function isHost(text: string): boolean {
  const host = text.trim();
  if (isIPv6(host.replace(/^\[(.*)\]$/, '$1'))) return true;
  return /^[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}.])?$/u.test(host) && URL.canParse(`http://${host}/`);
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
