/** Streams fed to an exchange without a socket. */
import type { Protocol } from '../core/protocol.ts';
import { createDialect } from './dialect.ts';
import { Exchange } from './exchange.ts';
import { type ByteSource, byteSource } from './read-buffer.ts';

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
  const dialect = createDialect(protocol, { stream: true, keepText: true, verify });
  const exchange = new Exchange(dialect);
  for (let i = 0; i < repeat; i++) {
    exchange.begin({ index: 0, turn: 0, attempt: 0, due: 0, measured: true });
    exchange.sent = 0;
    exchange.onHead(200);
    const edges = [0, ...cuts, bytes.length];
    for (let e = 1; e < edges.length; e++) {
      exchange.now = e;
      const piece = sourceOf(bytes.subarray(edges[e - 1], edges[e]));
      if (!exchange.over) exchange.onBody(piece, 0, edges[e] - edges[e - 1]);
    }
    exchange.complete();
  }
  const { log, fault, finish, id, outcome, inTokens, outTokens, text, reasoning } = exchange;
  return {
    kinds: [...log.kinds.subarray(0, log.count)],
    gapsUs: [...log.gapsUs.subarray(0, log.count)],
    outputs: log.outputs,
    fault,
    finish,
    id,
    outcome,
    inTokens,
    outTokens,
    texts: [text, reasoning].map(({ bytes, length }) => JSON.parse(`"${bytes.toString('utf8', 0, length)}"`)),
  };
}
