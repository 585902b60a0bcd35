/** A stand-in for the service: it answers each request of the warm start from memory. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Delta, Protocol } from '../core/protocol.ts';

interface StandIn {
  port: number;
  close(): void;
}

const TEXT_EVENTS = 6;

/** Answers each read, which is one request, with one of several answers, piece by piece. Null: no port can be had. */
export function startStandIn(protocol: Protocol): Promise<StandIn | null> {
  const answers = makeAnswers(protocol);
  const sockets: Socket[] = [];
  let answered = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', () => say(socket, answers[answered++ % answers.length]));
  });
  function close(): void {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, close }));
  });
}

/** Between two pieces the other side has its turn, so that each of them is a read of its own. */
function say(socket: Socket, pieces: readonly Buffer[], from = 0): void {
  if (socket.destroyed) return;
  socket.write(pieces[from]);
  if (from + 1 < pieces.length) setImmediate(say, socket, pieces, from + 1);
}

/** The same answer in several ways: event by event, as paced services send it, two in a chunk, torn ones. */
function makeAnswers(protocol: Protocol): Buffer[][] {
  const chunks = makeChunks(protocol, 1);
  const pairs = makeChunks(protocol, 2);
  const withoutUsage = makeChunks(protocol, 1, false);
  const whole = Buffer.concat(chunks);
  const torn = Array.from({ length: 3 }, (_, i) => {
    const cut = Math.floor((whole.length * (1 + i)) / 4);
    return [whole.subarray(0, cut), whole.subarray(cut)];
  });
  return [...torn, pairs, withoutUsage].flatMap((pieces) => [pieces, chunks]);
}

/** Chunks of `events` events each; the head comes with the first chunk, the end of the body with the last. */
function makeChunks(protocol: Protocol, events: number, usage = true): Buffer[] {
  const response = { id: 'prime-0123456789', model: 'model', createdUnixS: 1_700_000_000 };
  const deltas: Delta[] = [
    { role: 'assistant' },
    ...Array.from({ length: TEXT_EVENTS }, (_, i) => ({ text: ` word${'s'.repeat(i % 4)}` })),
    { finish: 'stop' },
    ...(usage ? [{ usage: { inTokens: 1, outTokens: TEXT_EVENTS } }] : []),
    { done: true },
  ];
  const said = deltas.map((delta) => `data: ${protocol.emit(delta, response)}\n\n`);
  const chunks: string[] = [];
  while (said.length > 0) {
    const chunk = said.splice(0, events).join('');
    chunks.push(`${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
  }
  chunks[0] = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${chunks[0]}`;
  chunks.push(`${chunks.pop()}0\r\n\r\n`);
  return chunks.map((chunk) => Buffer.from(chunk));
}
