/** Asks the service something beside the load: one GET on a connection of its own, as the target says. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Target } from '../core/protocol.ts';

const TIMEOUT_MS = 5000;

export interface Answer {
  status: number;
  body: string;
}

/** The address of `path` (no leading slash) under a base URL; a query of the base stays, as in every request. */
export function addressOf(path: string, base: string): URL {
  const url = new URL(base);
  url.pathname += path;
  return url;
}

/** Any HTTP answer is one; rejects when there is none within 5 s. */
export function askService(url: URL, target: Target, accept: string): Promise<Answer> {
  const secure = url.protocol === 'https:';
  const headers: Record<string, string> = { accept };
  if (target.apiKey !== '') headers.authorization = `Bearer ${target.apiKey}`;
  const tls = secure ? { ca: target.ca, rejectUnauthorized: target.insecure !== true } : {};
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(
      url,
      { headers, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS), ...tls },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', (error) => reject(plainError(error)));
      },
    );
    request.on('error', (error) => reject(plainError(error)));
    request.end();
  });
}

function plainError(error: Error): Error {
  return error.name === 'TimeoutError' || error.name === 'AbortError'
    ? new Error(`no answer within ${TIMEOUT_MS / 1000} s`)
    : error;
}
