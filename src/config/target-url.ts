/** The base URL of the service under test, from a model task's `url` or `host_ip` and `host_port`. */
import { isIPv6 } from 'node:net';
import type { Protocol } from '../core/protocol.ts';

export interface Address {
  url: string;
  hostIp: string;
  hostPort: number;
  enableSsl: boolean;
}

export interface BaseUrl {
  /** With scheme and a trailing slash on its path, so that an endpoint can be joined to it; a query is kept. */
  url: string;
  /** `user:password` of the address, '' without. Never in `url`. */
  credentials: string;
  /** The endpoint, relative to `url`, where the address names one that is not where the protocol has it. */
  path?: string;
  /** What was left out of the address, in one sentence each. */
  notices: string[];
}

/**
 * `url` wins when it is not empty. An endpoint at its end is understood: what is asked is joined to the part before
 * it. Throws `TypeError` when the parts give no http or https URL.
 */
export function baseUrl(
  { url, hostIp, hostPort, enableSsl }: Address,
  protocol: Pick<Protocol, 'address'>,
): BaseUrl {
  const scheme = enableSsl ? 'https' : 'http';
  const given = url.trim();
  if (given === '') {
    const { href } = new URL(`${scheme}://${bracketed(hostIp.trim())}:${hostPort}/`);
    return { url: href, credentials: '', notices: [] };
  }
  const parsed = new URL(withScheme(given, scheme));
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new TypeError(`not an http or https URL: ${parsed.protocol}`);
  }
  return takeApart(parsed, protocol);
}

function takeApart(parsed: URL, protocol: Pick<Protocol, 'address'>): BaseUrl {
  const notices: string[] = [];
  const credentials = credentialsOf(parsed);
  parsed.username = '';
  parsed.password = '';
  if (parsed.hash !== '') notices.push('the part of url after # is ignored');
  parsed.hash = '';
  const whole = parsed.pathname.replace(/\/{2,}/g, '/');
  if (whole !== parsed.pathname)
    notices.push('double slashes in the path of url are replaced with single ones');
  const path = whole.replace(/\/$/, '');
  const { matches, own } = protocol.address;
  const ending = matches.exec(path);
  const endpoint = ending ? null : (own?.exec(path) ?? null);
  const found = ending ?? endpoint;
  parsed.pathname = `${found ? path.slice(0, found.index) : path}/`;
  if (ending)
    notices.push(
      `url ends with ${ending[0].replace(/^\//, '')}, which every request adds anyway; it is ignored`,
    );
  if (endpoint) notices.push(`requests go to ${parsed.pathname}${endpoint[2]}, as specified in url`);
  return { url: parsed.href, credentials, ...(endpoint && { path: endpoint[2] }), notices };
}

function withScheme(given: string, scheme: string): string {
  // One slash, or none, is a slip that would make the scheme a host.
  const slip = /^(https?):\/?(?!\/)(?=[^\d])/i.exec(given);
  if (slip) return `${slip[1]}://${given.slice(slip[0].length)}`;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `${scheme}://${given.replace(/^\/\//, '')}`;
}

function credentialsOf({ username, password }: URL): string {
  if (username === '' && password === '') return '';
  return `${decoded(username)}:${decoded(password)}`;
}

/** A part of a URL without percent signs; as it is where these are wrong. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
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
