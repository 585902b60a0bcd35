/** Streams fed to an exchange without a socket. */
import type { Protocol } from '../../core/protocol.ts';
import { createDialect } from './dialect.ts';
import { Exchange } from './exchange.ts';
import { readResponse } from './http/http-response.ts';
import { isComplete } from './http/response-state.ts';
import { hasEventTokens } from './logs/event-log.ts';
import type { Said } from './said.ts';
import { type ByteSource, byteSource, type ReadBuffer, seal } from './shapes/read-buffer.ts';

export function sourceOf(bytes: Uint8Array): ByteSource {
  const source = byteSource(bytes.length + 2);
  source.bytes.set(bytes);
  return source;
}

/** Everything an exchange learned from a stream that arrived in pieces, after having read it `repeat` times. */
export function recorded(
  protocol: Protocol,
  bytes: Buffer,
  cuts: readonly number[],
  verify: boolean,
  repeat = 1,
) {
  const exchange = newExchange(protocol, verify);
  for (let i = 0; i < repeat; i++) readBody(exchange, bytes, cuts);
  return learned(exchange);
}

/** What an exchange learned from each of several streams, one after the other, and what it knew after each piece. */
export function recordedInTurn(
  protocol: Protocol,
  streams: readonly { bytes: Buffer; cuts: readonly number[] }[],
  verify: boolean,
) {
  const exchange = newExchange(protocol, verify);
  return streams.map(({ bytes, cuts }) => {
    const said = readBody(exchange, bytes, cuts);
    return { ...learned(exchange), steps: said };
  });
}

/** Returns what the service had said after each piece. */
function readBody(exchange: Exchange, bytes: Buffer, cuts: readonly number[]): Said[] {
  begin(exchange);
  exchange.onHead(200);
  const edges = [0, ...cuts, bytes.length];
  const said = edges.slice(1).map((edge, i) => {
    exchange.record.now = i + 1;
    const piece = sourceOf(bytes.subarray(edges[i], edge));
    if (!exchange.over) exchange.onBody(piece, 0, edge - edges[i]);
    return { ...exchange.record.said };
  });
  exchange.complete();
  return said;
}

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** A body in chunks that end at `ends` and at its end, as a service would send it. */
export function inChunks(body: Buffer, ends: readonly number[]): Buffer {
  const edges = [0, ...ends, body.length];
  const chunks = edges.slice(1).map((end, i) => body.subarray(edges[i], end));
  const framed = chunks
    .filter(({ length }) => length > 0)
    .map((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']);
  return Buffer.concat([HEAD, ...framed.flat(), '0\r\n\r\n'].map((part) => Buffer.from(part)));
}

/** The same for a whole response, whose pieces land one after another in `buffer`, as reads of a socket do. */
export function recordedResponse(
  protocol: Protocol,
  response: Buffer,
  cuts: readonly number[],
  verify: boolean,
  buffer: ReadBuffer,
  repeat = 1,
) {
  const exchange = newExchange(protocol, verify);
  for (let i = 0; i < repeat; i++) {
    begin(exchange);
    const edges = [0, ...cuts, response.length];
    for (let e = 1; e < edges.length; e++) {
      exchange.record.now = e;
      const length = edges[e] - edges[e - 1];
      response.copy(buffer.target, 0, edges[e - 1], edges[e]);
      seal(buffer, length);
      readResponse(exchange.response, buffer, 0, length);
      if (isComplete(exchange.response)) exchange.complete();
    }
  }
  const found = learned(exchange);
  exchange.release();
  return found;
}

function newExchange(protocol: Protocol, verify: boolean): Exchange {
  return new Exchange(createDialect(protocol, { stream: true, keepText: true, verify }));
}

function begin(exchange: Exchange): void {
  exchange.begin({ index: 0, turn: 0, attempt: 0, due: 0, measured: true });
  exchange.record.sent = 0;
}

function learned({ record, response }: Exchange) {
  const { log, fault, said, outcome, text, reasoning } = record;
  return {
    kinds: [...log.kinds.subarray(0, log.count)],
    gapsUs: [...log.gapsUs.subarray(0, log.count)],
    outputs: log.outputs,
    tokens: hasEventTokens(log, said.outTokens) ? [...log.tokens.subarray(0, log.count)] : 'unknown',
    fault,
    said: { ...said },
    outcome,
    texts: [text, reasoning].map(({ bytes, length }) => JSON.parse(`"${bytes.toString('utf8', 0, length)}"`)),
    invalid: response.invalid,
  };
}
