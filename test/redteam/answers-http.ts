/** Answers that are wrong as HTTP: heads, lengths, chunks, connections. */
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  bytes,
  CRLF,
  chunk,
  DONE,
  drip,
  endless,
  FINISH,
  failing,
  type HostileAnswer,
  head,
  LAST_CHUNK,
  ROLE,
  STREAM_HEAD,
  staysOpen,
  stream,
  WHOLE_STREAM,
  WORDS,
} from './wire.ts';

const MB = 1024 * 1024;
const PLAIN = { 'content-type': 'text/event-stream' };
const length = Buffer.byteLength(WHOLE_STREAM);
const sized = (value: string | number) => head('200 OK', { ...PLAIN, 'content-length': value });
const chunked = STREAM_HEAD.slice(0, -CRLF.length);
const whole = chunk(WHOLE_STREAM);
const halfEvent = WORDS.slice(0, WORDS.length / 4);

const heads: HostileAnswer[] = [
  {
    name: 'a header of 1 MB',
    outcomes: ['protocol'],
    send: staysOpen(head('200 OK', { x: 'a'.repeat(MB) })),
  },
  {
    name: 'headers without end',
    outcomes: ['protocol'],
    send: endless('HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'.repeat(500)),
  },
  {
    name: 'interim answers in number',
    outcomes: ['ok'],
    send: staysOpen(head('100 Continue').repeat(100), STREAM_HEAD, whole, LAST_CHUNK),
  },
  {
    name: 'interim answers without end',
    outcomes: ['protocol', 'timeout'],
    send: endless('', head('102 Processing').repeat(100)),
  },
  {
    name: 'a header with bare line feeds',
    outcomes: ['ok', 'protocol'],
    send: bytes(STREAM_HEAD.replaceAll('\r', ''), whole, LAST_CHUNK),
  },
  {
    name: 'a second head inside a header',
    outcomes: ['ok', 'protocol'],
    send: bytes(`${chunked}x: 1\r\nHTTP/1.1 200 OK\r\n\r\n`, whole, LAST_CHUNK),
  },
  {
    name: 'NULs in a header',
    outcomes: ['ok', 'protocol'],
    send: bytes(`${chunked}x: \0\0\r\n\r\n`, whole, LAST_CHUNK),
  },
  {
    name: 'a header without a colon',
    outcomes: ['ok', 'protocol'],
    send: bytes(`${chunked}nothing here\r\n\r\n`, whole, LAST_CHUNK),
  },
  {
    name: 'a folded header',
    outcomes: ['ok', 'protocol'],
    send: bytes(`${chunked}x: 1\r\n 2\r\n\r\n`, whole, LAST_CHUNK),
  },
  {
    name: 'an empty line before the head',
    outcomes: ['ok', 'protocol'],
    send: bytes(CRLF, STREAM_HEAD, whole, LAST_CHUNK),
  },
  { name: 'no head', outcomes: ['protocol'], send: bytes(WHOLE_STREAM) },
  { name: 'HTTP/1.0', outcomes: ['ok'], send: bytes('HTTP/1.0 200 OK\r\n\r\n', WHOLE_STREAM) },
  {
    name: 'http in small letters',
    outcomes: ['ok', 'protocol'],
    send: bytes('http/1.1 200 ok\r\n\r\n', WHOLE_STREAM),
  },
  {
    name: 'HTTP/2',
    outcomes: ['protocol'],
    send: bytes(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100])),
  },
  { name: 'an alert of TLS', outcomes: ['protocol'], send: bytes(Buffer.from([0x15, 3, 3, 0, 2, 2, 22])) },
  { name: 'another protocol', outcomes: ['protocol'], send: bytes('SSH-2.0-OpenSSH_9.2\r\n') },
  {
    name: 'another protocol that waits',
    outcomes: ['protocol', 'timeout'],
    send: staysOpen('220 mail ready\r\n'),
  },
  ...['0', '99', '1000', '-200', 'abc', '2 00', ''].map(
    (status): HostileAnswer => ({
      name: `status "${status}"`,
      outcomes: ['protocol', 'http'],
      send: bytes(head(status), WHOLE_STREAM),
    }),
  ),
  { name: 'status 204', outcomes: ['protocol', 'http'], send: staysOpen(head('204 No Content')) },
  { name: 'status 304', outcomes: ['protocol', 'http'], send: staysOpen(head('304 Not Modified')) },
  {
    name: 'another protocol offered',
    outcomes: ['protocol'],
    send: staysOpen(head('101 Switching Protocols', { upgrade: 'h2c' })),
  },
  {
    name: 'a redirect to itself',
    outcomes: ['http'],
    send: failing(307, '', { location: '/v1/chat/completions' }),
  },
  { name: 'a redirect to nowhere', outcomes: ['http'], send: failing(302, '') },
];

const lengths: HostileAnswer[] = [
  { name: 'a negative length', outcomes: ['protocol'], send: bytes(sized(-5), WHOLE_STREAM) },
  {
    name: 'a huge length',
    outcomes: ['protocol', 'network'],
    send: bytes(sized('9'.repeat(300)), WHOLE_STREAM),
  },
  { name: 'a length that is no number', outcomes: ['protocol'], send: bytes(sized('many'), WHOLE_STREAM) },
  {
    name: 'two lengths',
    outcomes: ['protocol'],
    send: bytes(head('200 OK', { 'content-length': 5, 'Content-Length': length }), WHOLE_STREAM),
  },
  {
    name: 'a length and chunks',
    outcomes: ['ok', 'protocol'],
    send: bytes(`${chunked}content-length: 3\r\n\r\n`, whole, LAST_CHUNK),
  },
  {
    name: 'a length too short',
    outcomes: ['protocol'],
    send: bytes(sized(Math.floor(length / 3)), WHOLE_STREAM),
  },
  {
    // The stream has said its last word; that its body goes on is a formality.
    name: 'a length too long',
    outcomes: ['ok', 'protocol', 'network'],
    send: bytes(sized(length + 9), WHOLE_STREAM),
  },
  { name: 'a length of 0', outcomes: ['protocol'], send: staysOpen(sized(0)) },
  {
    name: 'a chunk size that is none',
    outcomes: ['protocol'],
    send: staysOpen(STREAM_HEAD, 'zz\r\n', WORDS),
  },
  {
    name: 'a chunk size beyond all numbers',
    outcomes: ['protocol'],
    send: staysOpen(STREAM_HEAD, `${'f'.repeat(40)}\r\n`, WORDS),
  },
  { name: 'a negative chunk size', outcomes: ['protocol'], send: staysOpen(STREAM_HEAD, '-5\r\n', WORDS) },
  {
    name: 'a chunk longer than its size',
    outcomes: ['protocol'],
    send: staysOpen(STREAM_HEAD, '5\r\n', WORDS),
  },
  { name: 'an empty chunk size', outcomes: ['protocol'], send: staysOpen(STREAM_HEAD, '\r\n', WORDS, CRLF) },
  {
    name: 'a chunk extension without end',
    outcomes: ['protocol', 'timeout'],
    send: endless(`${STREAM_HEAD}5;`, 'x'.repeat(8192)),
  },
  {
    name: 'trailers without end',
    outcomes: ['ok', 'protocol', 'timeout'],
    send: endless(`${STREAM_HEAD}${whole}0\r\n`, 'x: 1\r\n'.repeat(1000)),
  },
  {
    name: 'chunk sizes in capitals, padded',
    outcomes: ['ok', 'protocol'],
    send: staysOpen(
      STREAM_HEAD,
      `000${length.toString(16).toUpperCase()} \r\n`,
      WHOLE_STREAM,
      CRLF,
      LAST_CHUNK,
    ),
  },
  {
    name: 'a coding nobody asked for',
    outcomes: ['ok', 'protocol'],
    send: bytes(head('200 OK', { 'transfer-encoding': 'gzip, chunked' }), whole, LAST_CHUNK),
  },
  {
    name: 'bytes behind the end',
    outcomes: ['ok'],
    send: staysOpen(STREAM_HEAD, whole, LAST_CHUNK, 'garbage'),
  },
  {
    name: 'an answer that nobody asked for behind the end',
    outcomes: ['ok'],
    send: staysOpen(STREAM_HEAD, whole, LAST_CHUNK, head('500 No', { 'content-length': 0 })),
  },
  {
    name: 'gzip',
    outcomes: ['protocol'],
    send: bytes(head('200 OK', { ...PLAIN, 'content-encoding': 'gzip' }), gzipSync(WHOLE_STREAM)),
  },
];

const broken = (name: string, sent: string): HostileAnswer => ({
  name: `closed ${name}`,
  outcomes: ['protocol', 'network'],
  send: bytes(STREAM_HEAD, sent === '' ? '' : chunk(sent)),
});

const connections: HostileAnswer[] = [
  { name: 'a reset at once', outcomes: ['network'], send: (socket) => void socket.resetAndDestroy() },
  {
    name: 'a reset behind the head',
    outcomes: ['network', 'protocol'],
    send: (socket) => void socket.write(STREAM_HEAD, () => socket.resetAndDestroy()),
  },
  {
    name: 'a reset in an event',
    outcomes: ['network', 'protocol'],
    send: (socket) =>
      void socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(halfEvent)]), () =>
        socket.resetAndDestroy(),
      ),
  },
  {
    name: 'closed without an answer',
    outcomes: ['network', 'protocol'],
    send: (socket) => void socket.end(),
  },
  { name: 'closed in the head', outcomes: ['network', 'protocol'], send: bytes(STREAM_HEAD.slice(0, 20)) },
  broken('behind the head', ''),
  broken('behind the role', ROLE),
  broken('behind a word', ROLE + WORDS),
  broken('in an event', ROLE + halfEvent),
  broken('in an escape', ROLE + WORDS.replace('Hello', '\\u00e9').slice(0, WORDS.indexOf('Hello') + 4)),
  {
    name: 'closed in a chunk size',
    outcomes: ['network', 'protocol'],
    send: bytes(STREAM_HEAD, chunk(ROLE + WORDS), '1f'),
  },
  {
    name: 'closed behind the finish reason',
    outcomes: ['ok', 'protocol', 'network'],
    send: bytes(STREAM_HEAD, chunk(ROLE + WORDS + FINISH)),
  },
  {
    name: 'closed behind the end mark',
    outcomes: ['ok', 'protocol', 'network'],
    send: bytes(STREAM_HEAD, chunk(ROLE + WORDS + FINISH + DONE)),
  },
  {
    name: 'a head byte by byte, without end',
    outcomes: ['timeout'],
    send: drip('HTTP/1.1 200 OK\r\n', 'x: 1\r\n'),
  },
  {
    name: 'comments byte by byte, without end',
    outcomes: ['timeout'],
    send: drip(STREAM_HEAD, '3\r\n:\n\n\r\n'),
  },
  { name: 'silence behind the head', outcomes: ['timeout'], send: staysOpen(STREAM_HEAD) },
  { name: 'silence', outcomes: ['timeout'], send: () => {} },
  { name: 'silence behind a word', outcomes: ['timeout'], send: staysOpen(STREAM_HEAD, chunk(ROLE + WORDS)) },
  { name: 'one byte a write', outcomes: ['ok'], send: oneByOne },
];

function oneByOne(socket: Socket): void {
  const all = Buffer.concat([Buffer.from(STREAM_HEAD), whole, Buffer.from(LAST_CHUNK)]);
  let at = 0;
  const next = () => {
    if (at < all.length) socket.write(all.subarray(at, ++at), () => setImmediate(next));
  };
  next();
}

const bodies: HostileAnswer[] = [
  {
    name: 'an error of 15 MB',
    outcomes: ['http'],
    send: failing(500, `{"error":{"message":"${'x'.repeat(15 * MB)}"}}`),
  },
  {
    name: 'an error of 15 MB in chunks',
    outcomes: ['http'],
    send: bytes(head('503 No', { 'transfer-encoding': 'chunked' }), chunk('y'.repeat(15 * MB)), LAST_CHUNK),
  },
  {
    name: 'an error without end',
    outcomes: ['http', 'timeout', 'protocol'],
    send: endless(head('500 No'), 'z'.repeat(65_536)),
  },
  {
    name: 'an error 100,000 objects deep',
    outcomes: ['http'],
    send: failing(400, `${'{"error":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  },
  {
    name: 'an error 100,000 lists deep',
    outcomes: ['http'],
    send: failing(400, `{"detail":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  },
  {
    name: 'a whole answer',
    outcomes: ['ok'],
    send: failing(
      200,
      JSON.stringify({
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
      }),
    ),
  },
  {
    name: 'a page',
    outcomes: ['protocol'],
    send: failing(200, '<html><title>Sign in</title></html>', { 'content-type': 'text/html' }),
  },
  {
    name: 'a whole answer 100,000 deep',
    outcomes: ['protocol'],
    send: failing(200, `${'{"choices":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  },
  {
    name: 'a stream said to be a picture',
    outcomes: ['ok', 'protocol'],
    send: (socket) =>
      void socket.write(
        Buffer.concat([
          Buffer.from(STREAM_HEAD.replace('text/event-stream', 'image/png')),
          whole,
          Buffer.from(LAST_CHUNK),
        ]),
      ),
  },
  { name: 'two answers in one', outcomes: ['ok', 'protocol'], send: stream(WHOLE_STREAM + WHOLE_STREAM) },
];

export const httpAnswers: readonly HostileAnswer[] = [...heads, ...lengths, ...connections, ...bodies];
