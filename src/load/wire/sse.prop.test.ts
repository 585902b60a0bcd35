import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cases } from '../../core/cases.fixture.ts';
import { KIND } from '../../core/records.ts';
import { openaiChat } from '../../protocols/openai-chat.ts';
import { inChunks, recorded, recordedResponse, sourceOf } from './recorded.fixture.ts';
import { kindOf } from './shapes/event-kind.ts';
import { createReadBuffer } from './shapes/read-buffer.ts';
import { scanEvents } from './sse.ts';
import { type EventSink, newSseState, startStream } from './sse-state.ts';

const runs = { numRuns: cases(300) };

/** The data of all events, with comments as null, when `bytes` arrive cut at `cuts`. */
function scanned(bytes: Uint8Array, cuts: readonly number[]): (string | null)[] {
  const found: (string | null)[] = [];
  const sink: EventSink = {
    onExpected: () => expect.unreachable(),
    onShape: () => expect.unreachable(),
    onEvent: (data) => found.push(data),
    onComment: () => found.push(null),
    onTooLong: () => expect.unreachable(),
    over: false,
  };
  const state = newSseState(sink, null);
  const edges = [0, ...cuts, bytes.length];
  for (let i = 1; i < edges.length; i++) {
    const piece = sourceOf(bytes.subarray(edges[i - 1], edges[i]));
    scanEvents(state, piece, 0, edges[i] - edges[i - 1]);
  }
  return found;
}

/** The same by eventsource-parser, which gets the whole text at once, decoded (so without its byte order mark). */
function parsed(text: string): (string | null)[] {
  const found: (string | null)[] = [];
  const parser = createParser({ onEvent: (e) => found.push(e.data), onComment: () => found.push(null) });
  parser.feed(text);
  return found;
}

const eol = fc.constantFrom('\n', '\r\n', '\r');
const line = fc.oneof(
  fc.constantFrom(
    'data: {"a":1}',
    'data:x',
    'data',
    'data:',
    'data:  two',
    ': hb',
    ':',
    'event: e',
    'dat',
    'database: x',
    '',
  ),
  fc.string({ unit: 'grapheme' }).map((s) => `data: ${s.replace(/[\r\n]/g, '')}`),
);
// A last line that is surely ended by LF: at a lone CR the oracle waits for more.
const streamText = fc
  .array(fc.tuple(line, eol))
  .map((lines) => `${lines.map(([text, end]) => text + end).join('')}\n\n`);

describe('scanEvents', () => {
  it('finds what eventsource-parser finds, cut at every byte', () => {
    fc.assert(
      fc.property(streamText, fc.boolean(), (text, bom) => {
        const whole = (bom ? '\ufeff' : '') + text;
        const bytes = Buffer.from(whole);
        const expected = parsed(text);
        expect(scanned(bytes, [])).toEqual(expected);
        expect(scanned(bytes, [...bytes.keys()].slice(1))).toEqual(expected);
        for (let cut = 1; cut < bytes.length; cut++) expect(scanned(bytes, [cut])).toEqual(expected);
      }),
      { numRuns: cases(120) },
    );
  });

  it('starts afresh after a body that broke off anywhere', () => {
    const found: string[] = [];
    const sink: EventSink = {
      onExpected: () => {},
      onShape: () => {},
      onEvent: (data) => found.push(data),
      onComment: () => {},
      onTooLong: () => {},
      over: false,
    };
    const state = newSseState(sink, null);
    const broken = Buffer.from('data: a\r\n\r\ndata: {"b');
    for (let cut = 0; cut <= broken.length; cut++) {
      scanEvents(state, sourceOf(broken), 0, cut);
      startStream(state);
      found.length = 0;
      scanEvents(state, sourceOf(Buffer.from('data: c\n\n')), 0, 9);
      expect(found).toEqual(['c']);
    }
  });
});

const value = fc.constantFrom(
  '',
  'a',
  ' the',
  '\n',
  '"',
  '\\',
  '\\"',
  '"content":"x',
  '},"finish_reason":null}]}',
  'é漢',
  '\u0001',
  '"}',
  'x'.repeat(300),
);
const delta = fc.oneof(
  { weight: 6, arbitrary: value.map((content) => ({ content }) as object) },
  { weight: 2, arbitrary: value.map((reasoning_content) => ({ reasoning_content })) },
  fc.tuple(value, value).map(([content, reasoning_content]) => ({ content, reasoning_content })),
  fc.tuple(value, value).map(([reasoning_content, content]) => ({ reasoning_content, content })),
  value.map((reasoning_content) => ({ content: null, reasoning_content })),
  value.map((content) => ({ role: 'assistant', content })),
  value.map((text) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
  value.map((text) => ({ note: text, 'a"content': text, content: null })),
  fc.constantFrom({}, { role: 'assistant' }, { content: null }),
);
const extras = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ finish: null, rest: {} }) },
  { weight: 1, arbitrary: fc.constant({ finish: 'length', rest: {} }) },
  {
    weight: 1,
    arbitrary: fc.constant({ finish: null, rest: { usage: { prompt_tokens: 3, completion_tokens: 4 } } }),
  },
  { weight: 1, arbitrary: fc.constant({ finish: null, rest: { usage: null } }) },
  { weight: 1, arbitrary: fc.constant({ finish: null, rest: { error: { message: 'no' } } }) },
);
const spacing = fc.constantFrom(0, 0, 0, 1);
const payload = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.tuple(delta, extras, spacing, fc.boolean()).map(([d, { finish, rest }, space, before]) => {
      const choice = before
        ? { index: 0, finish_reason: finish, delta: d }
        : { index: 0, delta: d, finish_reason: finish };
      const event = { id: 'chatcmpl-1', created: 1, model: 'm', choices: [choice], ...rest };
      // Python's json.dumps puts a space behind each comma and colon.
      return space ? JSON.stringify(event, null, 1).replace(/\n */g, ' ') : JSON.stringify(event);
    }),
  },
  fc.constantFrom(
    '[DONE]',
    '{"error":"busy"}',
    '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
    '{}',
    '',
  ),
);
const frame = fc.constantFrom('data: ', 'data: ', 'data:', ': hb\n\ndata: ', 'event: x\ndata: ');

/** An ordinary answer: events that differ in their text, now and then another one. */
const word = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(' the', 'a', ' 1234567890123456', '\n', 'é漢', 'x'.repeat(33)) },
  value,
);
const asciiOnly = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const alike = fc
  .tuple(
    fc.constantFrom('content', 'reasoning_content'),
    fc.boolean(),
    fc.array(fc.oneof({ weight: 9, arbitrary: word }, payload), { minLength: 3, maxLength: 20 }),
  )
  .map(([key, ascii, words]) =>
    words.map((text) => {
      if (text.startsWith('{') || text === '[DONE]') return text;
      const event = { id: 'c', choices: [{ index: 0, delta: { [key]: text }, finish_reason: null }] };
      return ascii ? asciiOnly(JSON.stringify(event)) : JSON.stringify(event);
    }),
  );

describe('reading by shape', () => {
  it('records what parsing every event records, whatever the events and the cuts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(frame, payload), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('\n', '\n', '\r\n', '\r'),
        fc.array(fc.nat(4000), { maxLength: 6 }),
        (events, end, cutsAt) => {
          const text = events
            .map(([before, data]) => before.replaceAll('\n', end) + data + end + end)
            .join('');
          const bytes = Buffer.from(text);
          const cuts = [...new Set(cutsAt.map((at) => at % bytes.length))].sort((a, b) => a - b);
          const truth = recorded(openaiChat, bytes, cuts, true);
          // The second time round, the shapes have been learned.
          expect(recorded(openaiChat, bytes, cuts, false)).toEqual(truth);
          expect(recorded(openaiChat, bytes, cuts, false, 2)).toEqual(truth);
        },
      ),
      { numRuns: cases(3000) },
    );
  });

  it('records the same of chunks, however the events lie in them and whatever is wrong with them', () => {
    const buffer = createReadBuffer();
    fc.assert(
      fc.property(
        alike,
        fc.constantFrom('each', 'pairs', 'none'),
        fc.array(fc.nat(9000), { maxLength: 3 }),
        fc.array(fc.nat(9000), { maxLength: 4 }),
        fc.option(fc.tuple(fc.nat(9000), fc.nat(255)), { freq: 3 }),
        (payloads, chunking, odd, cutsAt, damage) => {
          const events = payloads.map((data) => Buffer.from(`data: ${data}\n\n`));
          const body = Buffer.concat(events);
          const places = (at: readonly number[], length: number) =>
            [...new Set(at.map((n) => n % length))].sort((a, b) => a - b);
          const borders = events.map((_, i) => Buffer.concat(events.slice(0, i + 1)).length);
          const ends = borders.filter((_, i) => chunking === 'each' || (chunking === 'pairs' && i % 2 === 1));
          const response = inChunks(body, places([...ends, ...odd], body.length + 1));
          if (damage !== null) response[damage[0] % response.length] = damage[1];
          const cuts = places(cutsAt, response.length);
          const truth = recordedResponse(openaiChat, response, cuts, true, buffer);
          expect(recordedResponse(openaiChat, response, cuts, false, buffer)).toEqual(truth);
          expect(recordedResponse(openaiChat, response, cuts, false, buffer, 2)).toEqual(truth);
        },
      ),
      { numRuns: cases(1500) },
    );
  });

  it('tells the kind of each event as its parsed form does', () => {
    fc.assert(
      fc.property(fc.array(payload, { minLength: 1, maxLength: 10 }), (payloads) => {
        const sent = payloads.filter((p) => p !== '');
        // Whether text in an unknown place is output depends on what came before: any-events.prop.test.ts.
        fc.pre(sent.every((p) => openaiChat.decode(p).stray === undefined));
        const bytes = Buffer.from(sent.map((p) => `data: ${p}\n\n`).join(''));
        const { kinds } = recorded(openaiChat, bytes, [], false, 3);
        const deltas = sent.map((p) => openaiChat.decode(p));
        // Output in an unknown place has the kind of output or not, by what came before it.
        const expected = deltas.map((delta, i) => (delta.stray ? kinds[i] : KIND[kindOf(delta)]));
        expect(kinds).toEqual(expected);
      }),
      runs,
    );
  });
});
