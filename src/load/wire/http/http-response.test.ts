import { describe, expect, it } from 'vitest';
import { byteSource } from '../shapes/read-buffer.ts';
import { readResponse } from './http-response.ts';
import {
  completesAtClose,
  expectResponse,
  isComplete,
  newResponseState,
  noHead,
  type ResponseSink,
} from './response-state.ts';

const deaf: ResponseSink = { onHead: () => {}, onBody: () => {}, onChunks: (_, from) => from, over: false };
const newState = (lastHead = noHead()) => newResponseState(deaf, lastHead);

/** What a reader makes of `text` cut at `cuts`; `used` counts the bytes it took. */
function read(text: string, cuts: readonly number[] = [], state = newState()) {
  const bytes = Buffer.from(text, 'latin1');
  const heads: number[] = [];
  let body = '';
  let used = 0;
  const sink: ResponseSink = {
    onHead: (status) => heads.push(status),
    onBody: (source, from, to) => {
      body += source.bytes.toString('latin1', from, to);
    },
    onChunks: (_, from) => from,
    over: false,
  };
  Object.assign(state, { sink });
  const edges = [0, ...cuts, bytes.length];
  for (let i = 1; i < edges.length; i++) {
    const length = edges[i] - edges[i - 1];
    const source = byteSource(length);
    bytes.copy(source.bytes, 0, edges[i - 1], edges[i]);
    used += readResponse(state, source, 0, length);
  }
  const { status, keepAlive, invalid } = state;
  return {
    heads,
    status,
    body,
    keepAlive,
    invalid,
    complete: isComplete(state),
    used,
    atClose: completesAtClose(state),
  };
}

const head = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${lines.map((l) => `${l}\r\n`).join('')}\r\n`;
const good = { heads: [200], status: 200, keepAlive: true, invalid: '', complete: true, atClose: false };

describe('readResponse', () => {
  it.each([
    ['a sized body', `${head('Content-Length: 5')}hello`, good, 'hello'],
    ['an empty body', head('content-length: 0'), good, ''],
    [
      'chunks',
      `${head('Transfer-Encoding: chunked')}3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n`,
      good,
      'abc0123456789',
    ],
    ['trailers', `${head('transfer-encoding: chunked')}1\r\na\r\n0\r\nx: y\r\nz: 1\r\n\r\n`, good, 'a'],
    [
      'other headers',
      `${head('cache-control: no-cache', 'x-content-length: 9', 'content-type: a/b', 'content-length: 1')}z`,
      good,
      'z',
    ],
    ['bare LFs', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', good, 'ok'],
    ['an interim head', `HTTP/1.1 100 Continue\r\n\r\n${head('content-length: 2')}ok`, good, 'ok'],
    [
      'early hints',
      `HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${head('content-length: 2')}ok`,
      good,
      'ok',
    ],
    [
      'no reason phrase',
      'HTTP/1.1 503\r\ncontent-length: 2\r\n\r\nno',
      { ...good, heads: [503], status: 503 },
      'no',
    ],
    ['a body that cannot be', 'HTTP/1.1 204 No Content\r\n\r\n', { ...good, heads: [204], status: 204 }, ''],
    [
      'connection: close',
      `${head('Connection: close', 'content-length: 2')}ok`,
      { ...good, keepAlive: false },
      'ok',
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', { ...good, keepAlive: false }, 'ok'],
    [
      'HTTP/1.0 keep-alive',
      'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok',
      good,
      'ok',
    ],
    [
      'a body up to the end',
      `${head('x: y')}all`,
      { ...good, keepAlive: false, complete: false, atClose: true },
      'all',
    ],
    [
      'both framings: chunks win',
      `${head('content-length: 99', 'transfer-encoding: gzip, chunked')}1\r\na\r\n0\r\n\r\n`,
      good,
      'a',
    ],
  ])('reads %s, whole and cut anywhere', (_name, text, expected, body) => {
    expect(read(text)).toEqual({ ...expected, body, used: text.length });
    expect(
      read(
        text,
        Array.from({ length: text.length - 1 }, (_, i) => i + 1),
      ),
    ).toEqual({ ...expected, body, used: text.length });
    for (let cut = 1; cut < text.length; cut++)
      expect(read(text, [cut]), `cut at ${cut}`).toEqual({ ...expected, body, used: text.length });
    const lastHead = noHead();
    read(head('content-length: 3', 'x: the head before'), [], newState(lastHead));
    for (let time = 0; time < 2; time++)
      expect(read(text, [], newState(lastHead)), 'after a like one').toEqual({
        ...expected,
        body,
        used: text.length,
      });
  });

  it('leaves what follows a response', () => {
    const text = `${head('content-length: 2')}ok`;
    expect(read(`${text}HTTP/1.1`)).toMatchObject({ complete: true, used: text.length });
  });

  it('reads one response after another on the same state', () => {
    const state = newState();
    read(`${head('transfer-encoding: chunked')}1\r\na\r\n0\r\n\r\n`, [], state);
    expectResponse(state);
    expect(read(`${head('content-length: 2')}ok`, [], state)).toMatchObject({ ...good, body: 'ok' });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', /HTTP/],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', /HTTP/],
    ['a bad length', head('content-length: 1x'), /content-length is "1x"/],
    ['two lengths', head('content-length: 1', 'content-length: 2'), /content-length is "2"/],
    ['a chunk without a size', `${head('transfer-encoding: chunked')}\r\n`, /no size/],
    ['a chunk size that is none', `${head('transfer-encoding: chunked')}xyz\r\n`, /no size/],
    [
      'an endless chunk size',
      `${head('transfer-encoding: chunked')}${'f'.repeat(20)}\r\n`,
      /too many digits/,
    ],
    ['a chunk longer than its size', `${head('transfer-encoding: chunked')}1\r\nabc`, /longer/],
    ['an endless head', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`, /head is longer/],
  ])('refuses %s', (_name, text, why) => {
    const result = read(text);
    expect(result.invalid).toMatch(why);
    expect(result).toMatchObject({ complete: true, keepAlive: false });
  });
});

describe('what a head tells beside', () => {
  it('is kept until the next response, also of a head that was read before', () => {
    const state = newState();
    const told = (text: string) => {
      expectResponse(state);
      read(text, [], state);
      return state.facts;
    };
    const busy = `HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nRetry-After:  7\r\nKeep-Alive: timeout=5, max=9\r\ncontent-length: 0\r\n\r\n`;
    const facts = { contentType: 'text/html', retryAfter: '7', keepAliveMs: 5000 };
    expect(told(busy)).toEqual(facts);
    expect(told(busy)).toEqual(facts);
    expect(told(head('content-length: 0'))).toEqual({});
    expect(told(head('location: /a', 'location: /b', 'Content-Encoding: gzip', 'content-length: 0'))).toEqual(
      {
        location: '/a',
        contentEncoding: 'gzip',
      },
    );
    expect(told('HTTP/1.1 100 Continue\r\nlocation: /x\r\n\r\n')).toEqual({});
  });
});
