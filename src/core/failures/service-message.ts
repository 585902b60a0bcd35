/** What a service says of a failure, found in whatever form its answer has. */

type Fields = Record<string, unknown>;

/** Deeper than this no service hides its words. */
const MAX_DEPTH = 6;
/** Of a list of complaints so many are repeated. */
const MAX_PARTS = 3;
/** Fields that hold the words of an error, the more telling first. */
const NAMES = [
  'error',
  'message',
  'detail',
  'errors',
  'msg',
  'error_message',
  'error_msg',
  'errormessage',
  'error_description',
  'faultstring',
  'fault',
  'reason',
  'description',
  'title',
];
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * The words in an error's body: JSON in the forms in use, an event of a stream, a page without its tags, or the
 * text as it is. The body may have been cut. '' when it says nothing. Not yet fit to be shown: see `visible`.
 */
export function serviceMessage(body: string): string {
  const text = body.trim();
  if (/^[{["]/.test(text)) return fromJson(text);
  const event = text.match(/^(?:event|data|id|retry|:)[^\n]*/m);
  if (event?.index === 0) return fromEvents(text);
  return withoutTags(text);
}

/** True for a page, whatever its header says. */
export function isPage(body: string): boolean {
  return /^\s*(?:<!doctype html|<html|<head|<body|<\?xml)/i.test(body);
}

/** A page or another text of markup without its tags, scripts and styles, on one line. */
function withoutTags(text: string): string {
  return text
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/<\/?[a-z!?][^<>]*(?:>|$)/gi, ' ')
    .replace(
      /&(#?\w{1,8});/g,
      (whole, name: string) => ENTITIES[name.toLowerCase()] ?? numbered(name) ?? whole,
    )
    .replace(/\s+/g, ' ')
    .trim();
}

function numbered(name: string): string | undefined {
  const code = /^#x[0-9a-f]+$/i.test(name) ? Number(`0${name.slice(1)}`) : Number(name.slice(1));
  if (!name.startsWith('#') || !(code > 0 && code <= 0x10ffff)) return undefined;
  return String.fromCodePoint(code);
}

function fromJson(text: string): string {
  try {
    return wordsOf(JSON.parse(text), 0) || text;
  } catch {
    return cutWords(text) || text;
  }
}

/** The first message of a JSON text that was cut, or that is malformed. */
function cutWords(text: string): string {
  for (const name of ['message', 'detail', 'error', 'msg']) {
    const found = new RegExp(`"${name}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)`, 'i').exec(text);
    if (found) return unquoted(found[1]);
  }
  return '';
}

function unquoted(inner: string): string {
  try {
    return JSON.parse(`"${inner}"`) as string;
  } catch {
    return inner;
  }
}

/** Data of the event that is called an error, else of the first one with any. */
function fromEvents(text: string): string {
  const events = text.split(/\r?\n\r?\n/).map((block) => ({
    isError: /^event:\s*error/im.test(block),
    data: [...block.matchAll(/^data: ?(.*)$/gm)].map((m) => m[1]).join('\n'),
  }));
  const chosen = events.find((e) => e.isError) ?? events.find((e) => e.data !== '');
  return chosen && chosen.data !== '' ? serviceMessage(chosen.data) : '';
}

function wordsOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return value.trim();
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return '';
  if (Array.isArray(value)) {
    const parts = value.slice(0, MAX_PARTS).map((part) => placed(part, depth));
    return parts.filter((part) => part !== '').join('; ');
  }
  const fields = lowerCase(value as Fields);
  for (const name of NAMES) {
    const words = wordsOf(fields[name], depth + 1);
    if (words !== '') return withCode(words, name, fields, depth);
  }
  return '';
}

/** FastAPI's complaints name the place in the request. */
function placed(part: unknown, depth: number): string {
  const words = wordsOf(part, depth + 1);
  const loc = typeof part === 'object' && part !== null ? (part as Fields).loc : undefined;
  return Array.isArray(loc) && words !== '' ? `${loc.map(String).join('.')}: ${words}` : words;
}

/** A code beside the words, in a body that has no field for the error itself, says what kind it is. */
function withCode(words: string, name: string, { code, object, type }: Fields, depth: number): string {
  if (depth > 0 || !['message', 'msg'].includes(name) || object === 'error' || type === 'error') return words;
  const isCode = typeof code === 'string' ? code !== '' : typeof code === 'number' && name === 'msg';
  return isCode ? `${String(code)}: ${words}` : words;
}

function lowerCase(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
}
