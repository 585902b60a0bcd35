/** Plain JSON answers. */
import type { ServerResponse } from 'node:http';

export function sendJson(http: ServerResponse, status: number, value: unknown, requestId?: string): void {
  http.writeHead(status, {
    'content-type': 'application/json',
    ...(requestId !== undefined && { 'x-request-id': requestId }),
  });
  http.end(JSON.stringify(value));
}

const errorTypes: Record<number, string> = {
  401: 'AuthenticationError',
  404: 'NotFoundError',
  405: 'MethodNotAllowedError',
};

export function sendError(http: ServerResponse, status: number, message: string, requestId?: string): void {
  const type = errorTypes[status] ?? (status < 500 ? 'BadRequestError' : 'InternalServerError');
  sendJson(http, status, { error: { message, type, param: null, code: status } }, requestId);
}
