import { describe, expect, it } from 'vitest';
import { openaiChat } from '../../protocols/openai-chat.ts';
import { createDialect } from './dialect.ts';
import { faultOf } from './fault.ts';

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
