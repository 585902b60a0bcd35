import { describe, expect, it } from 'vitest';
import { serviceMessage } from './service-message.ts';

const json = JSON.stringify;

describe('the words of a service', () => {
  it.each([
    ['OpenAI', json({ error: { message: 'too long', type: 'x', code: 'y' } }), 'too long'],
    ['error as a text', json({ error: 'no room', error_type: 'overloaded' }), 'no room'],
    ['error in error', json({ error: { error: { message: 'inner' } } }), 'inner'],
    ['message', json({ object: 'error', message: 'not here', code: 404 }), 'not here'],
    ['detail', json({ detail: 'Not Found' }), 'Not Found'],
    [
      'FastAPI',
      json({
        detail: [
          { loc: ['body', 'messages', 0], msg: 'Field required' },
          { loc: ['query'], msg: 'x' },
        ],
      }),
      'body.messages.0: Field required; query: x',
    ],
    ['detail as an object', json({ detail: { error: 'deep' } }), 'deep'],
    ['errors', json({ errors: [{ message: 'first' }] }), 'first'],
    ['code and msg', json({ code: 1301, msg: 'quota' }), '1301: quota'],
    [
      'code and message',
      json({ code: 'Throttling', message: 'quota exceeded' }),
      'Throttling: quota exceeded',
    ],
    ['other spellings', json({ Message: 'denied' }), 'denied'],
    ['problem details', json({ type: 'about:blank', title: 'Bad', detail: 'more' }), 'more'],
    ['a list', json([{ error: { message: 'in a list' } }]), 'in a list'],
    ['a JSON text', json('only words'), 'only words'],
    ['JSON without words', json({ ok: false }), '{"ok":false}'],
    ['JSON that was cut', '{"error":{"message":"it goes \\"on\\" and on', 'it goes "on" and on'],
    ['an event', 'event: error\ndata: {"message":"overloaded"}\n\n', 'overloaded'],
    ['an event of plain words', 'event: error\r\ndata: upstream timed out\r\n\r\n', 'upstream timed out'],
    ['data alone', 'data: {"error":{"message":"oom"}}\n\ndata: [DONE]\n\n', 'oom'],
    [
      'a page',
      '<html><head><title>502 Bad Gateway</title><style>p{}</style></head><body><h1>nginx&#47;1 &amp; co</h1>',
      '502 Bad Gateway nginx/1 & co',
    ],
    ['plain words', '  the queue\n is full ', 'the queue is full'],
    ['less than', 'length 5 < 6 is too short', 'length 5 < 6 is too short'],
    ['nothing', ' ', ''],
    ['deep', `{"error":${'{"error":'.repeat(500)}"x"${'}'.repeat(501)}`, /^\{"error":\{/],
  ])('%s', (_, body, words) => {
    expect(serviceMessage(body)).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  });
});
