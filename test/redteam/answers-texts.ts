/** Answers whose texts would do harm where they are shown or kept: escapes, forged lines, and the key that they were asked with. */
import type { Socket } from 'node:net';
import {
  choice,
  DONE,
  data,
  delta,
  FINISH,
  failing,
  type HostileAnswer,
  head,
  KEY,
  ROLE,
  staysOpen,
  stream,
  WORDS,
} from './wire.ts';

/** Begins no line of any file and of no screen. */
export const FORGED_LINE = '11/27 00:00:00 - AISBench - ERROR - forged';
export const FORGED_TAG = '<script>forged()</script>';

const ESCAPES = '\x1b[2J\x1b]0;title\x07\x1bP1;2q\x9b31m';
const BIDI = '\u202eevil\u2066\u200f';
const LINES = `no\n${FORGED_LINE}\r${FORGED_LINE}\u2028${FORGED_LINE}`;

/** Every harm in every place where a text of the service is shown or kept. */
const harms: Record<string, string> = {
  escapes: ESCAPES,
  'marks of direction': BIDI,
  'forged lines': LINES,
  'the key': `the key ${KEY} is wrong`,
  'the key at the border of what is kept': `${'x'.repeat(2_030)}${KEY} ${KEY}`,
  'the key at the border of what is shown': `${'x'.repeat(185)}${KEY}`,
  'a script': FORGED_TAG,
};

const error = (message: string) =>
  JSON.stringify({ error: { message, type: message, code: message, param: message } });

/** Where a text may stand, as an answer with it there, and what must be recorded of that. */
const places: Record<string, [HostileAnswer['outcomes'], (text: string) => (socket: Socket) => void]> = {
  'the message of an error': [['http'], (text) => failing(400, error(text))],
  'an error that is no JSON': [['http'], (text) => failing(502, text, { 'content-type': 'text/plain' })],
  'an error event': [['protocol'], (text) => stream(ROLE + WORDS + data({ error: { message: text } }))],
  'a finish reason': [
    ['protocol', 'ok'],
    (text) => stream(ROLE + WORDS + choice({ delta: {}, finish_reason: text }) + DONE),
  ],
  'the id': [
    ['ok'],
    (text) => stream(data({ id: text, choices: [{ index: 0, delta: { content: 'a' } }] }) + FINISH + DONE),
  ],
  'the words': [['ok'], (text) => stream(ROLE + delta({ content: text }) + FINISH + DONE)],
  'the reasoning': [
    ['ok'],
    (text) => stream(ROLE + delta({ reasoning_content: text }) + WORDS + FINISH + DONE),
  ],
  'the name of a field that nobody knows': [
    ['ok'],
    (text) => stream(ROLE + delta({ [text]: 'a thought' }) + FINISH + DONE),
  ],
  'an event that is no JSON': [
    ['protocol'],
    (text) => stream(ROLE + WORDS + data(text.replaceAll(/[\n\r]/g, ' ')) + FINISH + DONE),
  ],
};

const inTexts = Object.entries(places).flatMap(([place, [outcomes, answer]]) =>
  Object.entries(harms).map(
    ([harm, text]): HostileAnswer => ({ name: `${harm} in ${place}`, outcomes, send: answer(text) }),
  ),
);

const oneLine = (text: string) => text.replaceAll(/[\r\n\u0080-\uffff]/g, ' ');
const inHeaders = ['location', 'content-type', 'content-encoding', 'retry-after'].flatMap((header) =>
  ['escapes', 'the key'].map(
    (harm): HostileAnswer => ({
      name: `${harm} in the header ${header}`,
      outcomes: ['http'],
      send: failing(307, error('moved'), { [header]: oneLine(harms[harm]) }),
    }),
  ),
);

const [first, second] = [KEY.slice(0, 11), KEY.slice(11)];
const more: HostileAnswer[] = [
  {
    name: 'the key in the reason of a status',
    outcomes: ['http'],
    send: staysOpen(head(`401 ${KEY}\x1b[2J`, { 'content-length': 0 })),
  },
  {
    name: 'the key over two words',
    outcomes: ['ok'],
    send: stream(ROLE + delta({ content: first }) + delta({ content: second }) + FINISH + DONE),
  },
  {
    name: 'the key in escapes',
    outcomes: ['http'],
    send: failing(401, error(KEY).replaceAll('k', '\\u006b')),
  },
  {
    name: 'the key in escapes, in an event',
    outcomes: ['protocol'],
    send: stream(data({ error: { message: KEY } }).replaceAll('k', '\\u006b')),
  },
];

export const textAnswers: readonly HostileAnswer[] = [...inTexts, ...inHeaders, ...more];
