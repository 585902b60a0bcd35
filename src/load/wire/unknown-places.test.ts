/** Output where a dialect is not known to have any: it counts, and its place is named. */
import { describe, expect, it } from 'vitest';
import { KIND, OUTCOME } from '../../core/records.ts';
import { type ProtocolName, protocols } from '../../protocols/registry.ts';
import { createDialect } from './dialect.ts';
import { Exchange } from './exchange.ts';
import { recorded, sourceOf } from './recorded.fixture.ts';

const events = (payloads: readonly (object | string)[]) =>
  payloads.map((data) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`).join('');
const choice = (fields: object) => ({ id: 'c', choices: [{ index: 0, finish_reason: null, ...fields }] });
const token = (fields: object) => ({ index: 1, token: { id: 7, logprob: -0.5, special: false, ...fields } });

/** Events with output in an unknown place, what its place is called, and an ordinary answer behind them. */
const cases: [ProtocolName, string, object, object[]][] = [
  [
    'openai_completions',
    'choices[0].thoughts',
    choice({ text: '', thoughts: 'hm' }),
    [choice({ text: 'a' }), choice({ text: '', finish_reason: 'stop' })],
  ],
  [
    'openai_completions',
    'choices[0].delta.content',
    choice({ delta: { content: 'hm' } }),
    [choice({ text: 'a' }), choice({ text: '', finish_reason: 'stop' })],
  ],
  [
    'tgi',
    'token.thinking',
    token({ text: '', thinking: 'hm' }),
    [token({ text: 'a' }), { generated_text: 'a' }],
  ],
  ['tgi', 'thinking_text', { thinking_text: 'hm' }, [token({ text: 'a' }), { generated_text: 'a' }]],
  [
    'triton',
    'outputs[0].data[0]',
    { id: 'x', model_name: 'm', outputs: [{ name: 'text_output', datatype: 'BYTES', data: ['hm'] }] },
    [{ text_output: 'a' }],
  ],
  ['triton', 'reasoning_output', { text_output: '', reasoning_output: 'hm' }, [{ text_output: 'a' }]],
  [
    'mindie',
    'reasoning_text',
    { prefill_time: 3, reasoning_text: 'hm', token: { id: [2], text: null } },
    [{ token: { id: [2], text: 'a' } }, { generated_text: 'a' }],
  ],
  ['vita', 'response', { response: 'hm' }, [{ text: ['a'] }]],
  ['vita', 'parts[0].words', { text: [''], parts: [{ type: 'w', words: 'hm' }] }, [{ text: ['a'] }]],
];

describe('output in an unknown place', () => {
  it.each(cases)('of %s counts as text until the first known output: %s', (name, place, stray, rest) => {
    const text = events([stray, stray, ...rest.slice(0, 1), stray, ...rest.slice(1)]);
    for (const verify of [false, true]) {
      const { kinds, said, texts, outcome } = recorded(protocols[name], Buffer.from(text), [], verify);
      expect([outcome, kinds.slice(0, 4)]).toEqual([
        OUTCOME.ok,
        [KIND.text, KIND.text, KIND.text, KIND.other],
      ]);
      expect([said.strayField, said.strays, texts[0]]).toEqual([place, 2, 'hmhma']);
    }
  });

  it.each(cases.filter(([, place]) => !place.startsWith('token')))(
    'of %s counts in an answer that comes whole: %s',
    (name, place, stray) => {
      const exchange = new Exchange(
        createDialect(protocols[name], { stream: false, keepText: true, verify: false }),
      );
      exchange.begin({ index: 0, turn: 0, attempt: 0, due: 0, measured: true });
      exchange.record.sent = 0;
      exchange.onHead(200);
      const body = Buffer.from(JSON.stringify(stray));
      exchange.onBody(sourceOf(body), 0, body.length);
      exchange.complete();
      expect(exchange.record.outcome).toBe(OUTCOME.ok);
      expect([exchange.record.log.outputs, exchange.record.said.strayField]).toEqual([1, place]);
    },
  );
});

describe('what goes with an answer', () => {
  it.each<[ProtocolName, object]>([
    ['openai_completions', choice({ text: '', stop_reason: 'x', logprobs: { tokens: ['a'] } })],
    ['tgi', { index: 0, model_id: 'm', request_id: 'r', status: 'queued' }],
    ['tgi', token({ text: '<s>', special: true, note: 'bos' })],
    ['tgi', { token: { id: 1, text: '' }, top_tokens: [{ id: 3, text: 'b' }] }],
    ['triton', { id: 'x', model_name: 'm', modelVersion: '1', text_output: '', sequence_id: 's' }],
    ['triton', { text_output: '', output_log_probs: ['x'], finishReason: 'none' }],
    ['mindie', { details: { finish_reason: 'length', tokens: [{ text: 'b' }] }, created_at: 'noon' }],
    ['vita', { text: [''], event: 'start', message: 'loading' }],
  ])('is no output: %s %j', (name, event) => {
    const { kinds, said } = recorded(protocols[name], Buffer.from(events([event])), [], false);
    expect(kinds).not.toContain(KIND.text);
    expect(said.strayField).toBeUndefined();
  });
});
