/** Streams of events as no service should send them, in any dialect, for holding the scan against parsing. */
import type { Protocol } from '../../core/protocol.ts';

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
  'seven',
  'error',
  'stop',
  'thinking',
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
  '007',
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
  '[{"type":"text","text":"p"}]',
];
const usageObject = '{"prompt_tokens":3,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2}}';
const extraFields = [
  ['usage', usageObject],
  ['usage', '{"prompt_tokens":-1,"completion_tokens":-1}'],
  ['usage', '{"prompt_tokens":"12","completion_tokens":5}'],
  ['usage', '{"prompt_tokens":0.5,"completion_tokens":4294967296}'],
  [
    'usage',
    '{"input_tokens":0,"output_tokens":4,"cache_read_input_tokens":0,"input_tokens_details":{"cached_tokens":0}}',
  ],
  [
    'usage',
    '{"output_tokens":0,"input_tokens":0,"cache_read_input_tokens":0,"prompt_tokens_details":{"cached_tokens":1}}',
  ],
  ['timings', '{"prompt_n":0,"cache_n":0,"predicted_n":0},"usage":{"cached_tokens":0}'],
  ['usage', '{"input_tokens":5,"output_tokens":4,"cache_read_input_tokens":6}'],
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
  ['message', '"words","code":0'],
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
/** Keys with their colon, and values: a string, a number, null, true or false. */
const KEY_OR_VALUE = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|null|true|false/g;

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

/** The values that may be replaced, each with its place. */
function leavesOf(json: string): RegExpExecArray[] {
  return [...json.matchAll(KEY_OR_VALUE)].filter(([, colon]) => colon === undefined);
}

function replaceLeaf(json: string, draw: Draw, value: (old: string) => string): string {
  const leaves = leavesOf(json);
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
  const counting = base.filter((payload) => payload.includes('tokens'));
  let json = pick(draw, counting.length > 0 && draw() < 0.4 ? counting : base);
  while (draw() < 0.5 && json.startsWith('{')) {
    const kind = draw();
    if (kind < 0.3) json = replaceLeaf(json, draw, () => pick(draw, oddities));
    else if (kind < 0.75) json = withField(json, draw);
    else if (kind < 0.8) json = json.replace(/"choices":\[(\{.*\})\]/, '"choices":[$1,$1]');
    else if (kind < 0.87) json = json.replaceAll(/([,:])(?=["{[\d])/g, '$1 ');
    else if (kind < 0.92)
      json = json.replace(
        /"(\w)(\w*)":/,
        (_, c: string, rest: string) => `"\\u00${c.charCodeAt(0).toString(16)}${rest}":`,
      );
    else json = json.replace(/"finish_reason":\s*null/, '"finish_reason":"stop"');
  }
  return json;
}

/** Into the outermost object or any other, before its own fields or behind them: the last of a name counts. */
function withField(json: string, draw: Draw): string {
  const [key, value] = pick(draw, extraFields);
  const field = `"${key}":${value}`;
  const isOutermost = draw() < 0.5;
  if (draw() < 0.5) {
    const ends = [...json.matchAll(/\}/g)];
    const at = (isOutermost ? ends[ends.length - 1] : pick(draw, ends)).index;
    return `${json.slice(0, at)}${/\{\s*$/.test(json.slice(0, at)) ? '' : ','}${field}${json.slice(at)}`;
  }
  const at = isOutermost ? 1 : pick(draw, [...json.matchAll(/\{/g)]).index + 1;
  return `${json.slice(0, at)}${field}${/^\s*\}/.test(json.slice(at)) ? '' : ','}${json.slice(at)}`;
}

export type Events = Buffer[];

/** Two bodies of the same service, one after the other: what was learned of the first is known in the second. */
export function anyBodies(base: readonly string[], draw: Draw): Events[] {
  const templates = Array.from({ length: 1 + Math.floor(draw() * 3) }, () => template(base, draw));
  const end = pick(draw, ['\n', '\n', '\n', '\r\n', '\r']);
  const before = pick(draw, ['data: ', 'data: ', 'data:', 'event: x\ndata: ', ': hb\n\ndata: ']).replaceAll(
    '\n',
    end,
  );
  const frame = (json: string) => bytesOf(`${before}${json}${end}${end}`);
  if (draw() < 0.3) return [0, 1].map(() => wild(templates, draw).map((json) => damaged(frame(json), draw)));
  const slots = templates.map((json) => slotsOf(json, draw));
  return [0, 1].map(() =>
    templates.flatMap((json, i) => series(json, slots[i], draw).map((event) => frame(event))),
  );
}

/** The templates in any order, each with any values. */
function wild(templates: readonly string[], draw: Draw): string[] {
  return Array.from({ length: 2 + Math.floor(draw() * 8) }, () => {
    let json = pick(draw, templates);
    while (draw() < 0.75) json = replaceLeaf(json, draw, (old) => sameKind(draw, old));
    return json;
  });
}

function damaged(event: Buffer, draw: Draw): Buffer {
  if (draw() < 0.05) event[Math.floor(draw() * event.length)] = Math.floor(draw() * 256);
  return event;
}

/** The few values of a template that differ from event to event, in the order in which they stand: mostly numbers, or the output alone. */
function slotsOf(json: string, draw: Draw): RegExpExecArray[] {
  const leaves = leavesOf(json);
  const outputs = leaves.filter(([value]) => value.startsWith('" '));
  if (outputs.length > 0 && draw() < 0.4) return outputs;
  const numbers = leaves.filter(([value]) => /^[-\d]/.test(value));
  const slots = new Set<RegExpExecArray>();
  for (let left = 1 + Math.floor(draw() * 4); left > 0 && leaves.length > 0; left--)
    slots.add(pick(draw, numbers.length > 0 && draw() < 0.5 ? numbers : leaves));
  return leaves.filter((leaf) => slots.has(leaf));
}

/** One shape again and again, as services send it, so that it is learned; and now and then a value unlike the others. */
function series(json: string, slots: readonly RegExpExecArray[], draw: Draw): string[] {
  const count = 3 + Math.floor(draw() * 4);
  const odd = draw() < 0.4 ? 0 : Math.floor(draw() * (count + 1));
  const isPlain = draw() < 0.4;
  const cut = draw() < 0.15 ? Math.floor(draw() * (count - 1)) : count;
  // As counts of tokens do that a service tells in every event, one to four more each time.
  const isRising = draw() < 0.4;
  let risen = 0;
  return Array.from({ length: count }, (_, i) => {
    if (i === 0 && isPlain) return json;
    // A text that stands in two places is the same in both.
    const word = JSON.stringify(draw() < 0.7 ? pick(draw, ORDINARY_WORDS) : pick(draw, texts));
    const isSame = draw() < 0.3;
    risen += 1 + Math.floor(draw() * 4);
    return filled(json, slots, ([old]) => {
      if (i === cut && old.startsWith('"')) return `"a${CUT}"`;
      if (i === cut + 1 && old.startsWith('"')) return `"${REST}b"`;
      if (i === odd) return isSame && old.startsWith('"') ? word : sameKind(draw, old);
      if (old.startsWith('"')) return isSame ? word : JSON.stringify(pick(draw, ORDINARY_WORDS));
      if (isRising && Number(old) >= 0) return String(risen);
      return Number(old) >= 0 ? String(Math.floor(draw() * 20)) : old;
    });
  });
}

const ORDINARY_WORDS = ['a', ' the', 'seven', '7', 'x'.repeat(30)];

function filled(
  json: string,
  slots: readonly RegExpExecArray[],
  value: (slot: RegExpExecArray) => string,
): string {
  let at = 0;
  let text = '';
  for (const slot of slots) {
    text += json.slice(at, slot.index) + value(slot);
    at = slot.index + slot[0].length;
  }
  return text + json.slice(at);
}

/** Stand for the first bytes of a character and for its last one, which no text can hold. */
const CUT = '\ue001';
const REST = '\ue002';

function bytesOf(text: string): Buffer {
  const latin1 = (part: string) => Buffer.from(part).toString('latin1');
  const bytes = latin1(text).replaceAll(latin1(CUT), '\xe4\xb8').replaceAll(latin1(REST), '\xad');
  return Buffer.from(bytes, 'latin1');
}

export function anyPlaces(draw: Draw, most: number, length: number): number[] {
  const places = Array.from({ length: Math.floor(draw() * (most + 1)) }, () => Math.floor(draw() * length));
  return [...new Set(places)].sort((a, b) => a - b);
}

/** Where each of the events ends. */
export function endsOf(events: Events): number[] {
  let at = 0;
  return events.map((event) => {
    at += event.length;
    return at;
  });
}
