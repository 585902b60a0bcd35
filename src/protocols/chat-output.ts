/** Where chat services put what they generate: the fields they are known to use, and text in any other. */
import type { Delta } from '../core/protocol.ts';
import { append, isObject, type JsonObject, textOf } from './json-body.ts';
import { isMessageLabel, readStray, textsIn } from './stray-output.ts';

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
/** Reads what a streamed delta or a whole message holds; `place` is where it stands in the answer. */
export function readMessage(part: JsonObject, place: string, into: Delta): void {
  if (typeof part.role === 'string') into.role = part.role;
  readContent(part.content, into);
  if (into.text === undefined) append(into, 'text', textOf(part.refusal));
  append(into, 'reasoning', reasoningOf(part));
  const calls = Array.isArray(part.tool_calls) ? part.tool_calls : [];
  for (const call of calls) readFunction(isObject(call) ? call.function : undefined, into);
  readFunction(part.function_call, into);
  readStray(part, { place, known: knownFields, isLabel: isMessageLabel }, into);
}

/** A text, or a list of parts of any type. */
function readContent(content: unknown, into: Delta): void {
  if (!Array.isArray(content)) {
    append(into, 'text', textOf(content));
    return;
  }
  for (const part of content) {
    const isReasoning = isObject(part) && typeof part.type === 'string' && REASONING_PART.test(part.type);
    append(into, isReasoning ? 'reasoning' : 'text', textsIn(part, isMessageLabel));
  }
}

function reasoningOf(part: JsonObject): string {
  for (const field of reasoningFields) {
    const text = textsIn(part[field], isMessageLabel);
    if (text !== '') return text;
  }
  return '';
}

function readFunction(call: unknown, into: Delta): void {
  if (!isObject(call)) return;
  append(into, 'tool', textOf(call.name) + textOf(call.arguments));
}
