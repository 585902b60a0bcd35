/** Streams whose events are odd or wrong. Where one outcome alone is right, it is the only one. */
import type { Outcome } from '../../src/core/records.ts';
import {
  choice,
  chunk,
  DONE,
  data,
  delta,
  endless,
  FINISH,
  type HostileAnswer,
  ROLE,
  STREAM_HEAD,
  stream,
  usage,
  WHOLE_STREAM,
  WORDS,
} from './wire.ts';

const MB = 1024 * 1024;
const END = FINISH + DONE;
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

function answer(
  name: string,
  outcomes: Outcome | readonly Outcome[],
  events: string | Buffer,
): HostileAnswer {
  return { name, outcomes: [outcomes].flat(), send: stream(events) };
}

const lines: HostileAnswer[] = [
  answer('line ends of CR alone', 'ok', WHOLE_STREAM.replaceAll('\n', '\r')),
  answer('line ends of CR LF', 'ok', WHOLE_STREAM.replaceAll('\n', '\r\n')),
  answer('a byte order mark', 'ok', `\ufeff${WHOLE_STREAM}`),
  answer('events without data', 'ok', `event: x\n\nid: 1\n\n${WHOLE_STREAM}`),
  answer('retry and id of any kind', 'ok', `retry: 99999999999\nid: \0\n\n${WHOLE_STREAM}`),
  answer('100,000 comments', 'ok', `${': beat\n\n'.repeat(100_000)}${WHOLE_STREAM}`),
  answer('data over many lines', 'ok', ROLE + WORDS.replaceAll(',"model"', ',\ndata: "model"') + END),
  answer('a line of 15 MB', ['ok', 'protocol'], ROLE + delta({ content: 'x'.repeat(15 * MB) }) + END),
  answer('NULs between events', ['ok', 'protocol'], `${ROLE}\0\0\n\n${WORDS}${END}`),
  answer(
    'half a character',
    ['ok', 'protocol'],
    Buffer.concat([
      Buffer.from(ROLE),
      Buffer.from(WORDS.replace('Hello', 'H\xfflo'), 'latin1'),
      Buffer.from(END),
    ]),
  ),
  answer('half a surrogate pair', 'ok', ROLE + WORDS.replace('Hello', '\\ud83d') + END),
  answer('a NUL in a text', 'ok', ROLE + WORDS.replace('Hello', '\\u0000') + END),
  {
    name: 'a line without end',
    outcomes: ['protocol', 'timeout'],
    send: endless(`${STREAM_HEAD}ffffffff\r\ndata: `, 'x'.repeat(65_536)),
  },
  {
    name: 'comments without end',
    outcomes: ['protocol', 'timeout'],
    send: endless(STREAM_HEAD, chunk(': beat\n\n'.repeat(100)).toString()),
  },
  {
    name: 'an answer without end',
    outcomes: ['ok', 'protocol', 'timeout'],
    send: endless(STREAM_HEAD + chunk(ROLE), chunk(WORDS).toString()),
  },
];

const shapes: HostileAnswer[] = [
  answer('two documents in one event', 'protocol', ROLE + data('{"choices":[]}{"choices":[]}') + WORDS + END),
  answer('an event cut short', 'protocol', ROLE + data('{"choices":[{"delta":{"content":"a') + WORDS + END),
  answer('a comma too many', 'protocol', ROLE + data('{"choices":[],}') + WORDS + END),
  answer('NaN', 'protocol', ROLE + data('{"choices":[],"n":NaN}') + WORDS + END),
  answer('an event 100,000 deep', ['protocol', 'ok'], ROLE + data(deep(100_000)) + WORDS + END),
  answer(
    'a text 100,000 lists deep',
    ['protocol', 'ok'],
    ROLE +
      data(`{"choices":[{"index":0,"delta":{"content":${'['.repeat(100_000)}${']'.repeat(100_000)}}}]}`) +
      WORDS +
      END,
  ),
  ...['5', '"text"', 'null', '[]', '[{}]', '{}', '""', 'true'].map((json) =>
    answer(`an event that is ${json}`, ['ok', 'protocol'], ROLE + data(json) + WORDS + END),
  ),
  ...['5', '"text"', 'null', '{}', '[]', '[5]', '[null]', '[{"delta":5}]', '[{"delta":null}]'].map((json) =>
    answer(`choices that are ${json}`, ['ok', 'protocol'], ROLE + data(`{"choices":${json}}`) + WORDS + END),
  ),
  ...[5, true, { a: 1 }, [1, 2]].map((content) =>
    answer(
      `a text that is ${JSON.stringify(content)}`,
      ['ok', 'protocol'],
      ROLE + delta({ content }) + WORDS + END,
    ),
  ),
  answer('keys that are twice there', 'ok', ROLE + WORDS.replaceAll('"delta"', '"delta":{},"delta"') + END),
  answer('keys that are escaped', 'ok', ROLE + WORDS.replaceAll('"choices"', '"\\u0063hoices"') + END),
  answer(
    'names that objects have',
    'ok',
    ROLE + WORDS.replaceAll('{"id"', '{"__proto__":{"a":1},"constructor":1,"toString":2,"id"') + END,
  ),
  answer('an id of 1 MB', 'ok', WHOLE_STREAM.replaceAll('"id":"r"', `"id":"${'i'.repeat(MB)}"`)),
  answer('20,000 events', 'ok', ROLE + delta({ content: ' w' }).repeat(20_000) + END),
  answer('two choices', 'ok', ROLE + WORDS + WORDS.replaceAll('"index":0', '"index":1') + END),
  answer(
    'tool calls of any kind',
    ['ok', 'protocol'],
    ROLE + delta({ tool_calls: [null, 5, { function: 7 }] }) + delta({ tool_calls: 'x' }) + WORDS + END,
  ),
];

const ends: HostileAnswer[] = [
  ...['error', 'abort', 'cancelled'].map((finish) =>
    answer(
      `the finish reason ${finish}`,
      'protocol',
      ROLE + WORDS + choice({ delta: {}, finish_reason: finish }) + DONE,
    ),
  ),
  ...[5, {}, [], true].map((finish) =>
    answer(
      `the finish reason ${JSON.stringify(finish)}`,
      ['ok', 'protocol'],
      ROLE + WORDS + choice({ delta: {}, finish_reason: finish }) + DONE,
    ),
  ),
  answer('the end mark alone', 'protocol', DONE),
  answer('the end mark first', ['ok', 'protocol'], DONE + ROLE + WORDS + END),
  answer('the end mark twice', 'ok', WHOLE_STREAM + DONE),
  answer('words behind the end mark', ['ok', 'protocol'], WHOLE_STREAM + WORDS),
  answer('no events', 'protocol', ''),
  answer('the role alone', 'protocol', ROLE),
  answer(
    'a limit that no word came of',
    'protocol',
    ROLE + choice({ delta: {}, finish_reason: 'length' }) + DONE,
  ),
];

const odd = [
  '-1',
  '1e308',
  '0.5',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '"12"',
  '"many"',
  'null',
  'true',
  '{}',
  '[1]',
];
const counts: HostileAnswer[] = odd.map((count) =>
  answer(
    `counts of ${count}`,
    'ok',
    ROLE +
      WORDS +
      FINISH +
      usage(JSON.parse(`{"prompt_tokens":${count},"completion_tokens":${count}}`)) +
      DONE,
  ),
);
const usages = ['5', 'null', '"none"', '[]', deep(20_000)].map((json) =>
  answer(
    `a usage that is ${json.slice(0, 20)}`,
    ['ok', 'protocol'],
    `${ROLE}${WORDS}${FINISH}${data(`{"choices":[],"usage":${json}}`)}${DONE}`,
  ),
);

export const eventAnswers: readonly HostileAnswer[] = [...lines, ...shapes, ...ends, ...counts, ...usages];
/** What an ordinary service sends. */
export const fineAnswer: HostileAnswer = { name: 'fine', outcomes: ['ok'], send: stream(WHOLE_STREAM) };
