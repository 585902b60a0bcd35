import { describe, expect, it } from 'vitest';
import { openaiChat } from '../protocols/openai-chat.ts';
import { createDialect } from './dialect.ts';
import { faultOf, retryAfterS } from './fault.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('retryAfterS', () => {
  it.each([
    ['0', 0],
    ['120', 120],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10],
    ['Friday, 02-Jan-26 03:04:15 GMT', 10],
    ['Fri Jan  2 03:04:15 2026 GMT', 10],
    ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['99999999999', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %s as %s', (value, seconds) => {
    expect(retryAfterS(value, now)).toBe(seconds);
  });
});

describe('faultOf', () => {
  it('tells what the head said, without the secret, bounded', () => {
    const secret = 's'.repeat(40);
    const dialect = createDialect(openaiChat, {
      stream: true,
      keepText: false,
      verify: false,
      secrets: [secret],
    });
    const fault = faultOf(dialect, `key ${secret}`, `{"key": "${secret}"}`, {
      contentType: `text/html; k=${secret}`,
      contentEncoding: 'x'.repeat(1000),
      location: `https://x/${'y'.repeat(240)}${secret}`,
      retryAfter: '7',
    });
    expect(fault).toEqual({
      cause: 'key [api key]',
      errorBody: '{"key": "[api key]"}',
      contentType: 'text/html; k=[api key]',
      contentEncoding: 'x'.repeat(256),
      location: `https://x/${'y'.repeat(240)}[api k`,
      retryAfterS: 7,
    });
  });

  it('leaves out what nobody said', () => {
    const dialect = createDialect(openaiChat, { stream: true, keepText: false, verify: false });
    expect(faultOf(dialect, 'a cause', undefined, {})).toEqual({ cause: 'a cause' });
  });
});
