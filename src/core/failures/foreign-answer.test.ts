import { describe, expect, it } from 'vitest';
import { foreignAnswer } from './foreign-answer.ts';

describe('answers in another protocol', () => {
  it.each([
    ['a TLS alert', [0x15, 3, 1, 0, 2, 2, 70], /TLS/],
    ['HTTP/2 SETTINGS', [0, 0, 18, 4, 0, 0, 0, 0, 0, 0, 3], /HTTP\/2/],
    ['HTTP/2 GOAWAY', [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0], /HTTP\/2/],
    ['a status line of HTTP/2', [...Buffer.from('HTTP/2 200 OK')], /HTTP\/2/],
  ])('%s', (_, bytes, cause) => {
    expect(foreignAnswer(Uint8Array.from(bytes))).toMatch(cause);
  });

  it.each([
    [[]],
    [[0]],
    [[...Buffer.from('HTTP/1.1 200 OK')]],
    [[...Buffer.from('SSH-2.0-x')]],
    [[0, 0, 18, 1, 0, 0, 0, 0, 0]],
  ])('%j is nothing that is known', (bytes) => {
    expect(foreignAnswer(Uint8Array.from(bytes))).toBeNull();
  });
});
