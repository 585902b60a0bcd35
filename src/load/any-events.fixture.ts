/** Streams of events as no service should send them, in any dialect, for holding the scan against parsing. */
import type { Protocol } from '../core/protocol.ts';

export type Draw = () => number;

const texts = [
  '',
  'a',
  ' the',
  '\n',
  '"',
  '\\',
  'é漢',
  '\u0001',
  '"}',
  '7',
  'error',
  'stop',
  '\ud83d',
  '\ude00',
  'x'.repeat(70),
];
const numbers = [
  '0',
  '-0',
  '1',
  '7',
  '-1',
  '0.5',
  '1.0',
  '1e3',
  '4294967294',
  '4294967295',
  '4294967296',
  '9007199254740992',
  '1e308',
  '1e999',
  '700001',
];
const oddities = [
  'null',
  'true',
  'false',
  '{}',
  '[]',
  '""',
  '"7"',
  '"seven"',
  '[{"text":"p"}]',
  '[{"type":"thinking","thinking":"p"}]',
  '{"text":"q"}',
  '[1,"x"]',
];
const usageObject = '{"prompt_tokens":3,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2}}';
const extraFields = [
  ['usage', usageObject],
  ['usage', '{"prompt_tokens":-1,"completion_tokens":-1}'],
  ['usage', '{"prompt_tokens":"12","completion_tokens":5}'],
  ['timings', '{"prompt_n":1,"cache_n":2,"predicted_n":3,"predicted_ms":1.5}'],
  ['x_groq', `{"usage":${usageObject}}`],
  ['meta_info', usageObject],
  [
    'details',
    '{"finish_reason":"length","generated_tokens":4,"input_length":9,"prefill":[{"id":1},{"id":2}]}',
  ],
  ['error', '{"message":"no"}'],
  ['error', '"busy"'],
  ['object', '"error"'],
  ['message', '"words"'],
  ['code', '500'],
  ['detail', '"loading"'],
  ['type', '"error"'],
  ['thoughts', '"hm"'],
  ['reasoning', '"hm"'],
  ['content', '"twice"'],
  ['text', '"twice"'],
  ['role', '"assistant"'],
  ['finish_reason', '"abort"'],
  ['choices', '[{"index":0,"delta":{"content":"z"}},{"index":1,"delta":{"content":"y"}}]'],
  ['generated_text', '"all"'],
] as const;
/** A value that may be replaced: a string or number that is no key, null, true or false. */
const LEAF = /"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|null|true|false/g;

const pick = <T>(draw: Draw, list: readonly T[]): T => list[Math.floor(draw() * list.length)];

/** The payloads that ordinary answers of a dialect are made of. */
export function ordinaryPayloads(protocol: Protocol): string[] {
  const response = { id: 'sim-1', model: 'm', createdUnixS: 1_750_000_000, text: 'all of it' };
  const says = [
    { role: 'assistant' },
    { text: ' word' },
    { reasoning: ' think' },
    { role: 'assistant', tool: 'add' },
    { tool: '{"a":' },
    { finish: 'stop' },
    { finish: 'length', usage: { inTokens: 7, outTokens: 4, cachedTokens: 2 } },
    { text: ' w', usage: { inTokens: 7, outTokens: 1 } },
    { usage: { inTokens: 7, outTokens: 4 } },
    { usage: { inTokens: 7, outTokens: 4 }, done: true },
    { done: true },
  ];
  return [...says.map((delta) => protocol.emit(delta, response)), '[DONE]', '{}'].filter(
    (data) => data !== '',
  );
}

function replaceLeaf(json: string, draw: Draw, value: (old: string) => string): string {
  const leaves = [...json.matchAll(LEAF)];
  if (leaves.length === 0) return json;
  const leaf = pick(draw, leaves);
  return json.slice(0, leaf.index) + value(leaf[0]) + json.slice(leaf.index + leaf[0].length);
}

function anyText(draw: Draw): string {
  const json = JSON.stringify(pick(draw, texts) + (draw() < 0.5 ? pick(draw, texts) : ''));
  return draw() < 0.2
    ? json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
}

/** As a text for a text and a number for a number, mostly: what changes from event to event. */
function sameKind(draw: Draw, old: string): string {
  if (draw() < 0.06) return pick(draw, oddities);
  if (old.startsWith('"')) return anyText(draw);
  return /^[-\d]/.test(old) ? pick(draw, numbers) : old;
}

/** A template: an ordinary payload with fields added, doubled, or of another type. */
function template(base: readonly string[], draw: Draw): string {
  let json = pick(draw, base);
  while (draw() < 0.5 && json.startsWith('{')) {
    const kind = draw();
    if (kind < 0.3) json = replaceLeaf(json, draw, () => pick(draw, oddities));
    else if (kind < 0.75) json = withField(json, draw);
    else if (kind < 0.85) json = json.replaceAll(/([,:])(?=["{[\d])/g, '$1 ');
    else if (kind < 0.9)
      json = json.replace(
        /"(\w)(\w*)":/,
        (_, c: string, rest: string) => `"\\u00${c.charCodeAt(0).toString(16)}${rest}":`,
      );
    else json = json.replace(/"finish_reason":\s*null/, '"finish_reason":"stop"');
  }
  return json;
}

/** Into the outermost object, a choice, or its delta. */
function withField(json: string, draw: Draw): string {
  const braces = [...json.matchAll(/\{/g)].map(({ index }) => index);
  const at = pick(draw, braces) + 1;
  const [key, value] = pick(draw, extraFields);
  const isEmpty = /^\s*\}/.test(json.slice(at));
  return `${json.slice(0, at)}"${key}":${value}${isEmpty ? '' : ','}${json.slice(at)}`;
}

/** A body of events: some templates, each again and again with other values, now and then damaged. */
export function anyBody(base: readonly string[], draw: Draw): Buffer[] {
  const templates = Array.from({ length: 1 + Math.floor(draw() * 4) }, () => template(base, draw));
  const end = pick(draw, ['\n', '\n', '\n', '\r\n', '\r']);
  const before = pick(draw, ['data: ', 'data: ', 'data:', 'event: x\ndata: ', ': hb\n\ndata: ']).replaceAll(
    '\n',
    end,
  );
  return Array.from({ length: 2 + Math.floor(draw() * 10) }, () => {
    let json = pick(draw, templates);
    while (draw() < 0.75) json = replaceLeaf(json, draw, (old) => sameKind(draw, old));
    const event = Buffer.from(`${draw() < 0.9 ? before : 'data: '}${json}${end}${end}`);
    if (draw() < 0.05) event[Math.floor(draw() * event.length)] = Math.floor(draw() * 256);
    return draw() < 0.04 ? torn(event, draw) : [event];
  }).flat();
}

const CUT_CHARACTER = Buffer.from([0xe4, 0xb8, 0xad]);

/** The event twice, the first with the beginning of a character at the end of a text, the second with its rest. */
function torn(event: Buffer, draw: Draw): Buffer[] {
  const quotes = [...event.keys()].filter((at) => event[at] === 34);
  if (quotes.length === 0) return [event];
  const at = pick(draw, quotes);
  const ends = [CUT_CHARACTER.subarray(0, 2), CUT_CHARACTER.subarray(2)];
  return ends.map((bytes) => Buffer.concat([event.subarray(0, at), bytes, event.subarray(at)]));
}

export function anyPlaces(draw: Draw, most: number, length: number): number[] {
  const places = Array.from({ length: Math.floor(draw() * (most + 1)) }, () => Math.floor(draw() * length));
  return [...new Set(places)].sort((a, b) => a - b);
}
