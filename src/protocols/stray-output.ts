/** Text where no output is known to stand: a service may have a new place for it. */

import { isObject, type JsonObject } from '../core/json-object.ts';
import type { Delta } from '../core/protocol.ts';

/** Whether what stands under a key is no output, whatever it is. */
export type IsLabel = (key: string) => boolean;

/** Keys of objects inside a message that name or number something. */
const labels = new Set(['type', 'id', 'index', 'format', 'name', 'object', 'role', 'signature', 'status']);
/** Services nest no deeper; a hostile answer may. */
const MAX_DEPTH = 8;

export const isMessageLabel: IsLabel = (key) => labels.has(key);

/** Last words of the keys that go with an answer as a whole and say something of it. */
const labelWords = new Set(
  (
    'id ids index name version model object type datatype dtype format shape event status state stage role signature ' +
    'fingerprint message msg detail details reason code error errors hint info warning usage created time timestamp ' +
    'date at host server backend language lang tier logprob logprobs probs special matched stop'
  ).split(' '),
);

/** For answers without a part that is known to hold nothing but the message: most of their texts are about it. */
export const isAnswerLabel: IsLabel = (key) => {
  const words = key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => word === 'logprobs' || word === 'error') || labelWords.has(words.at(-1) ?? '');
};

/** Notes the first text of `part` that is neither under a key of `known` nor a label; `place` is where `part` stands. */
export function readStray(
  part: JsonObject,
  { place, known, isLabel }: { place: string; known: ReadonlySet<string>; isLabel: IsLabel },
  into: Delta,
): void {
  const hasOutput = into.text !== undefined || into.reasoning !== undefined || into.tool !== undefined;
  if (hasOutput || into.stray !== undefined || into.error !== undefined) return;
  for (const [key, value] of Object.entries(part)) {
    if (known.has(key) || isLabel(key)) continue;
    const field = placeOfText(value, place === '' ? key : `${place}.${key}`, isLabel);
    if (field === '') continue;
    into.stray = { field, text: textsIn(value, isLabel) };
    return;
  }
}

/** All texts in a value, one behind another, without those that only label something. */
export function textsIn(value: unknown, isLabel: IsLabel, depth = 0): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return '';
  return entriesOf(value, isLabel)
    .map(([, inner]) => textsIn(inner, isLabel, depth + 1))
    .join('');
}

/** Where the first text of a value stands; '' without any. */
function placeOfText(value: unknown, place: string, isLabel: IsLabel, depth = 0): string {
  if (typeof value === 'string') return value === '' ? '' : place;
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return '';
  for (const [key, inner] of entriesOf(value, isLabel)) {
    const innerPlace = Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`;
    const found = placeOfText(inner, innerPlace, isLabel, depth + 1);
    if (found !== '') return found;
  }
  return '';
}

function entriesOf(value: object, isLabel: IsLabel): [string, unknown][] {
  const entries = Object.entries(value);
  return isObject(value) ? entries.filter(([key]) => !isLabel(key)) : entries;
}
