/** Bytes of answers, right and wrong, and the service that gives them. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Outcome } from '../../src/core/records.ts';

/** The key that requests come with; no part of it may stay anywhere. */
export const KEY = 'sk-redteam-0123456789abcdef';
/** So much of the key tells it. */
export const PART_OF_KEY = KEY.slice(0, 14);

export interface HostileAnswer {
  name: string;
  /** What may be recorded of it. Where more than one is right, services and clients differ in what they take for an answer. */
  outcomes: readonly Outcome[];
  send(socket: Socket): void;
}

export const CRLF = '\r\n';

export function head(status: number | string, headers: Record<string, string | number> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

export const STREAM_HEAD = head('200 OK', {
  'content-type': 'text/event-stream',
  'transfer-encoding': 'chunked',
});
export const LAST_CHUNK = '0\r\n\r\n';

export function chunk(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from(CRLF)]);
}

export const data = (payload: unknown) =>
  `data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`;
export const choice = (fields: object, more: object = {}) =>
  data({ id: 'r', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, ...fields }], ...more });
export const delta = (fields: object) => choice({ delta: fields, finish_reason: null });

export const ROLE = delta({ role: 'assistant', content: '' });
export const WORDS = delta({ content: 'Hello' }) + delta({ content: ' world' });
export const FINISH = choice({ delta: {}, finish_reason: 'stop' });
export const usage = (counts: unknown) => data({ id: 'r', choices: [], usage: counts });
export const DONE = data('[DONE]');
/** An ordinary answer. */
export const WHOLE_STREAM =
  ROLE + WORDS + FINISH + usage({ prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }) + DONE;

/** A stream of these events, whose connection stays open. */
export function stream(events: string | Buffer): (socket: Socket) => void {
  return (socket) =>
    void socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(events), Buffer.from(LAST_CHUNK)]));
}

/** Exactly these bytes; then the connection is closed. */
export function bytes(...parts: (string | Buffer)[]): (socket: Socket) => void {
  return (socket) => void socket.end(Buffer.concat(parts.map((part) => Buffer.from(part))));
}

/** The same, and the connection stays open. */
export function staysOpen(...parts: (string | Buffer)[]): (socket: Socket) => void {
  return (socket) => void socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
}

/** An answer that is none: status, body, and whatever headers. */
export function failing(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): (socket: Socket) => void {
  const type = { 'content-type': 'application/json' };
  return staysOpen(
    head(`${status} No`, { ...type, 'content-length': Buffer.byteLength(body), ...headers }),
    body,
  );
}

/** Sends `part` again and again, as fast as the client takes it, until it goes away. */
export function endless(start: string, part: string): (socket: Socket) => void {
  return (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on('drain', more);
    socket.write(start);
    more();
  };
}

/** Sends one byte of `text` after another, slowly, again and again. */
export function drip(start: string, text: string): (socket: Socket) => void {
  return (socket) => {
    let at = 0;
    socket.write(start);
    const timer = setInterval(() => socket.write(text[at++ % text.length]), 200);
    socket.on('close', () => clearInterval(timer));
  };
}

export interface RawService {
  port: number;
  /** Requests that were read. */
  requests: number;
  stop(): Promise<void>;
}

/** Reads whole requests and hands each to `answer`; whatever is not POST finds nothing. */
export async function startRawService(answer: (socket: Socket, body: string) => void): Promise<RawService> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let held = '';
    socket.on('data', (piece) => {
      held += piece.toString('latin1');
      const headEnd = held.indexOf('\r\n\r\n') + 4;
      if (headEnd < 4) return;
      const length = Number(/^content-length: *(\d+)/im.exec(held.slice(0, headEnd))?.[1] ?? 0);
      if (held.length < headEnd + length) return;
      const [request, body] = [held.slice(0, headEnd), held.slice(headEnd, headEnd + length)];
      held = held.slice(headEnd + length);
      if (!request.startsWith('POST'))
        return void socket.write(head('404 Not Found', { 'content-length': 0 }));
      service.requests++;
      answer(socket, body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const service: RawService = {
    port: (server.address() as AddressInfo).port,
    requests: 0,
    async stop() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
  return service;
}
