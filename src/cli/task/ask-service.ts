/** Asks the service something beside the load: one GET on a connection of its own, as the target says. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { NO_HTTP, TLS_CAUSE } from '../../core/failures/failure-hints.ts';
import { foreignAnswer } from '../../core/failures/foreign-answer.ts';
import { retryAfterS } from '../../core/failures/retry-after.ts';
import type { Target } from '../../core/protocol.ts';
import type { Note } from '../../core/records.ts';
import { authorizationOf } from '../../core/text/secrets.ts';

const TIMEOUT_MS = 5000;
/** A longer answer is cut: metrics of a large service take about one MiB. */
const MAX_BYTES = 8 * 2 ** 20;
const TLS_TIMEOUT_MS = 1000;

export interface Answer extends Pick<Note, 'contentType' | 'contentEncoding' | 'location' | 'retryAfterS'> {
  status: number;
  body: string;
}

/** The address of `path` (no leading slash) under a base URL; a query of the base stays, as in every request. */
export function addressOf(path: string, base: string): URL {
  const url = new URL(base);
  url.pathname += path;
  return url;
}

/**
 * Any HTTP answer is one, also a part of one that does not end in time or is too long. Rejects when there is none
 * within 5 s, with an error whose message tells the cause.
 */
export async function askService(url: URL, target: Target, accept: string): Promise<Answer> {
  try {
    return await get(url, target, accept);
  } catch (error) {
    throw await plainError(error as NodeJS.ErrnoException & { rawPacket?: Buffer }, url);
  }
}

function get(url: URL, target: Target, accept: string): Promise<Answer> {
  const secure = url.protocol === 'https:';
  const headers: Record<string, string> = { accept };
  const authorization = authorizationOf(target);
  if (authorization !== '') headers.authorization = authorization;
  const tls = secure ? { ca: target.ca, rejectUnauthorized: target.insecure !== true } : {};
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(
      url,
      { headers, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS), ...tls },
      (response) => {
        // What has come by the time the answer breaks off is an answer, too.
        collect(response).then((body) => {
          resolve({ ...factsOf(response), body });
          request.destroy();
        });
      },
    );
    request.on('error', reject);
    request.end();
  });
}

function collect(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const done = () => resolve(Buffer.concat(parts).toString('utf8', 0, MAX_BYTES));
    response.on('data', (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length > MAX_BYTES) done();
    });
    for (const event of ['end', 'error', 'aborted', 'close']) response.on(event, done);
  });
}

function factsOf({ statusCode = 0, headers }: IncomingMessage): Omit<Answer, 'body'> {
  const { location, 'content-type': contentType, 'content-encoding': contentEncoding } = headers;
  const waitS = retryAfterS(headers['retry-after'], Date.now());
  return {
    status: statusCode,
    ...(contentType && { contentType }),
    ...(contentEncoding && { contentEncoding }),
    ...(location && { location }),
    ...(waitS !== undefined && { retryAfterS: waitS }),
  };
}

async function plainError(
  error: NodeJS.ErrnoException & { rawPacket?: Buffer; errors?: Error[] },
  url: URL,
): Promise<Error> {
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return new Error(`no answer within ${TIMEOUT_MS / 1000} s`);
  if (error.rawPacket) {
    const cause = foreignAnswer(error.rawPacket) ?? NO_HTTP;
    return new Error(cause, { cause: error });
  }
  const closed = error.code === 'ECONNRESET' || error.message === 'socket hang up';
  if (closed && url.protocol === 'http:' && (await speaksTls(url)))
    return new Error(TLS_CAUSE, { cause: error });
  if (closed) return new Error('the service closed the connection without an answer', { cause: error });
  // A name with several addresses that all fail gives an error without a message of its own.
  if (error.message === '' && error.errors?.[0]) return plainError(error.errors[0], url);
  return error;
}

/** A service of TLS closes when it is asked in plain HTTP, without a word. */
function speaksTls({ hostname, port }: URL): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connectTls(
      {
        host,
        port: Number(port) || 80,
        servername: isIP(host) ? '' : host,
        rejectUnauthorized: false,
        timeout: TLS_TIMEOUT_MS,
      },
      () => over(true),
    );
    const over = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket
      .on('error', () => over(false))
      .on('timeout', () => over(false))
      .on('close', () => over(false));
  });
}
