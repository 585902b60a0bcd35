/** Answers that are legal, or nearly so, and not what services usually send. */
import { describe, expect, it } from 'vitest';
import { KIND, OUTCOME, UNKNOWN_TOKENS } from '../../core/records.ts';
import { openaiChat } from '../../protocols/openai-chat.ts';
import { createDialect } from './dialect.ts';
import { Exchange } from './exchange.ts';
import { recorded, sourceOf } from './recorded.fixture.ts';

const event = (choice: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, ...choice }], ...more })}\n\n`;
const delta = (fields: object) => event({ delta: fields, finish_reason: null });
const role = delta({ role: 'assistant', content: '' });
const ends = (finish: string) => event({ delta: {}, finish_reason: finish });
const usage = (fields: object) => `data: ${JSON.stringify({ choices: [], usage: fields })}\n\n`;
const done = 'data: [DONE]\n\n';
const read = (text: string, verify = false) => recorded(openaiChat, Buffer.from(text), [], verify);

/** What an exchange records of a whole body. */
function answered(status: number, body: string) {
  const exchange = new Exchange(createDialect(openaiChat, { stream: true, keepText: true, verify: false }));
  exchange.begin({ index: 0, turn: 0, attempt: 0, due: 0, measured: true });
  exchange.record.sent = 0;
  exchange.onHead(status);
  const bytes = Buffer.from(body);
  exchange.onBody(sourceOf(bytes), 0, bytes.length);
  exchange.complete();
  const { outcome, log, fault, said } = exchange.record;
  return { outcome, outputs: log.outputs, fault, said };
}

describe('output in a field that nobody knows', () => {
  it.each([
    ['a text', { thoughts: 'hm' }, 'choices[0].delta.thoughts'],
    ['a text inside an object', { extra: { id: 'x', plan: 'hm' } }, 'choices[0].delta.extra.plan'],
    ['a text in a list', { notes: [{ type: 'plan', body: 'hm' }] }, 'choices[0].delta.notes[0].body'],
  ])('counts as text until the first known output: %s', (_, fields, field) => {
    const text =
      role + delta(fields) + delta(fields) + delta({ content: 'a' }) + delta(fields) + ends('stop') + done;
    for (const verify of [false, true]) {
      const { kinds, said, texts } = read(text, verify);
      expect(kinds).toEqual([KIND.role, KIND.text, KIND.text, KIND.text, KIND.other, KIND.finish, KIND.done]);
      expect([said.strayField, said.strays, texts[0]]).toEqual([field, 2, 'hmhma']);
    }
  });

  it('is no output in the event that tells the role, nor beside known output', () => {
    const first = delta({ role: 'assistant', content: '', label: 'x' });
    const { kinds, said } = read(first + delta({ content: 'a', label: 'x' }) + ends('stop') + done);
    expect(kinds).toEqual([KIND.role, KIND.text, KIND.finish, KIND.done]);
    expect(said.strayField).toBeUndefined();
  });

  it.each([
    ['reasoning', { reasoning_content: 'a' }, KIND.reasoning],
    ['reasoning', { thinking: 'a' }, KIND.reasoning],
    ['reasoning', { reasoning_details: [{ type: 'reasoning.text', text: 'a' }] }, KIND.reasoning],
    [
      'reasoning',
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'a' }] }] },
      KIND.reasoning,
    ],
    ['text', { content: [{ type: 'output_text', text: 'a' }] }, KIND.text],
    ['text', { content: [{ type: 'custom', body: 'a' }] }, KIND.text],
  ])('is none where services are known to put %s: %j', (_, fields, kind) => {
    const { kinds, said } = read(role + delta(fields) + ends('stop') + done);
    expect(kinds).toEqual([KIND.role, kind, KIND.finish, KIND.done]);
    expect(said.strayField).toBeUndefined();
  });
});

describe('an answer without output', () => {
  it.each([
    ['stop', usage({ prompt_tokens: 4, completion_tokens: 0 })],
    ['stop', usage({ prompt_tokens: 4, completion_tokens: 1 })],
    ['eos_token', ''],
    ['end_turn', ''],
  ])('is legal when the service ended it by itself: %s %s', (finish, counts) => {
    expect(read(role + ends(finish) + counts + done)).toMatchObject({
      outcome: OUTCOME.ok,
      fault: null,
      outputs: 0,
    });
  });

  it.each([
    ['stop', usage({ prompt_tokens: 4, completion_tokens: 9 })],
    ['length', ''],
  ])('is a failure otherwise: %s %s', (finish, counts) => {
    expect(read(role + ends(finish) + counts + done).fault?.cause).toBe('no output in the response');
  });
});

describe('a finish reason that says the answer broke off', () => {
  it.each(['abort', 'error', 'cancelled'])('is a failure: %s', (finish) => {
    const { outcome, fault } = read(role + delta({ content: 'a' }) + ends(finish) + done);
    expect([outcome, fault?.cause]).toEqual([
      OUTCOME.protocol,
      `the service ended the answer with finish reason "${finish}"`,
    ]);
  });
});

describe('an error in the middle of a stream', () => {
  it.each(['{"error":{"message":"engine died","code":500}}', '{"object":"error","message":"too long"}'])(
    'is kept as it came: %s',
    (data) => {
      const { outcome, fault } = read(`${role}${delta({ content: 'a' })}data: ${data}\n\n${done}`);
      expect([outcome, fault?.errorBody]).toEqual([OUTCOME.protocol, data]);
    },
  );
});

describe('usage', () => {
  it('of one odd response changes nothing for later ones', () => {
    const answer = (fields: object) => role + delta({ content: 'a' }) + ends('stop') + usage(fields);
    const odd = [-1, 0.5, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e308, null, true, 'x', {}];
    for (const number of odd) {
      const text = answer({ prompt_tokens: number, completion_tokens: number });
      const { said } = read(text + text + answer({ prompt_tokens: 7, completion_tokens: 2 }) + done);
      expect(said).toMatchObject({ inTokens: 7, outTokens: 2 });
    }
  });

  it('of 0 output tokens is unknown when there was output', () => {
    const { said } = read(
      role + delta({ content: 'a' }) + ends('stop') + usage({ prompt_tokens: 7, completion_tokens: 0 }),
    );
    expect(said).toMatchObject({ inTokens: 7, outTokens: UNKNOWN_TOKENS });
  });
});

describe('an answer to a request for a stream', () => {
  const whole = JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', content: 'a b' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2 },
  });
  it.each([200, 201, 206])('may come whole, with status %i', (status) => {
    const found = answered(status, whole);
    expect(found).toMatchObject({ outcome: OUTCOME.ok, outputs: 1, said: { inTokens: 3, outTokens: 2 } });
  });

  it.each([201, 202])('may stream with status %i', (status) => {
    expect(answered(status, role + delta({ content: 'a' }) + ends('stop') + done).outcome).toBe(OUTCOME.ok);
  });

  it.each([
    ['{"error":{"message":"engine is dead"}}', /engine is dead/],
    ['{"detail":"model is loading"}', /model is loading/],
    ['{"code":"Throttling","message":"quota exceeded"}', /quota exceeded/],
    ['<html><h1>Sign in</h1></html>', /malformed JSON/],
    ['upstream connect error', /no output/],
    ['{"object":"list"}', /no output/],
  ])('that is none is a failure whose body is kept: %s', (body, cause) => {
    const { outcome, fault } = answered(200, body);
    expect(outcome).toBe(OUTCOME.protocol);
    expect(fault?.cause).toMatch(cause);
    expect(fault?.errorBody).toBe(body);
  });
});

describe('an error event', () => {
  it.each([
    ['event: error\ndata: {"type":"error","message":"overloaded"}\n\n', /overloaded/],
    ['event: error\ndata: upstream timed out\n\n', /upstream timed out/],
    ['data: {"code":"Engine callback timeout","message":"server tokenTimeout"}\n\n', /server tokenTimeout/],
    [
      `data: {"error":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_001)}\n\n`,
      /error without a message|malformed/,
    ],
  ])('is a failure in the words of the service: %.70s', (text, cause) => {
    const { fault } = read(role + delta({ content: 'a' }) + text);
    expect(fault?.cause).toMatch(cause);
  });
});
