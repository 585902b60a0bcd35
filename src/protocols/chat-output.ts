/** Where chat services put what they generate: the fields they are known to use, and text in any other. */
import type { Delta } from '../core/protocol.ts';
import { append, isObject, type JsonObject, textOf } from './json-body.ts';

/** The first that holds a text counts: some services say the same in two of them. */
const reasoningFields = [
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'thinking',
  'thinking_content',
  'reasoning_details',
];
/** A part of a message that is of one of these types is reasoning. */
const REASONING_PART = /think|reason/;
/** Never output, whatever stands there. */
const knownFields = new Set([
  ...reasoningFields,
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
]);
/** Keys of objects inside a message that name or number something. */
const labels = new Set(['type', 'id', 'index', 'format', 'name', 'object', 'role', 'signature', 'status']);
/** Services nest no deeper; a hostile answer may. */
const MAX_DEPTH = 8;

/** Reads what a streamed delta or a whole message holds; `place` is where it stands in the answer. */
export function readMessage(part: JsonObject, place: string, into: Delta): void {
  if (typeof part.role === 'string') into.role = part.role;
  readContent(part.content, into);
  if (into.text === undefined) append(into, 'text', textOf(part.refusal));
  append(into, 'reasoning', reasoningOf(part));
  const calls = Array.isArray(part.tool_calls) ? part.tool_calls : [];
  for (const call of calls) readFunction(isObject(call) ? call.function : undefined, into);
  readFunction(part.function_call, into);
  if (into.text === undefined && into.reasoning === undefined && into.tool === undefined)
    readStray(part, place, into);
}

/** A text, or a list of parts of any type. */
function readContent(content: unknown, into: Delta): void {
  if (!Array.isArray(content)) {
    append(into, 'text', textOf(content));
    return;
  }
  for (const part of content) {
    const isReasoning = isObject(part) && typeof part.type === 'string' && REASONING_PART.test(part.type);
    append(into, isReasoning ? 'reasoning' : 'text', textsIn(part));
  }
}

function reasoningOf(part: JsonObject): string {
  for (const field of reasoningFields) {
    const text = textsIn(part[field]);
    if (text !== '') return text;
  }
  return '';
}

function readFunction(call: unknown, into: Delta): void {
  if (!isObject(call)) return;
  append(into, 'tool', textOf(call.name) + textOf(call.arguments));
}

function readStray(part: JsonObject, place: string, into: Delta): void {
  if (into.stray !== undefined) return;
  for (const [key, value] of Object.entries(part)) {
    if (knownFields.has(key) || labels.has(key)) continue;
    const field = placeOfText(value, `${place}.${key}`);
    if (field === '') continue;
    into.stray = { field, text: textsIn(value) };
    return;
  }
}

/** All texts in a value, one behind another, without those that only label something. */
function textsIn(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return '';
  return entriesOf(value)
    .map(([, inner]) => textsIn(inner, depth + 1))
    .join('');
}

/** Where the first text of a value stands; '' without any. */
function placeOfText(value: unknown, place: string, depth = 0): string {
  if (typeof value === 'string') return value === '' ? '' : place;
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return '';
  for (const [key, inner] of entriesOf(value)) {
    const found = placeOfText(
      inner,
      Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`,
      depth + 1,
    );
    if (found !== '') return found;
  }
  return '';
}

function entriesOf(value: object): [string, unknown][] {
  const entries = Object.entries(value);
  return Array.isArray(value) ? entries : entries.filter(([key]) => !labels.has(key));
}
