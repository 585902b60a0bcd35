/** Texts from outside are data: whatever a service, a config or a file says can be shown without acting on a terminal. */

/** At most so many characters of a text from outside are shown on the screen and in logs. */
const SHOWN_CHARS = 500;

/** Controls, format and bidi marks, line ends, private and lone surrogates, blanks that are no plain space. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/gu;
/** The same without the line feed, which texts of ours hold. */
const UNSEEN_IN_LINES = new RegExp(`(?!\\n)${UNSEEN.source}`, 'gu');
const ACTING = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of visible characters, at most `most` of them; what was cut off is marked with `…`. */
export function visible(text: string, most = SHOWN_CHARS): string {
  // An escape never makes a text shorter, so what is behind the limit need not be looked at.
  return cut(text.slice(0, most + 1).replace(UNSEEN, escaped), most);
}

/** Our own text of several lines, in which only line feeds act. */
export function visibleLines(text: string): string {
  return text.replace(UNSEEN_IN_LINES, escaped);
}

/**
 * A JSON text in which nothing acts on a terminal either: what JSON leaves as it is, C1 controls, line ends and bidi
 * marks, is escaped too. (A short list, as it is searched for in every character of every answer.)
 */
export function quietJson(json: string): string {
  return json.replace(ACTING, unicodeEscape);
}

/** At most `most` UTF-16 units, never half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** At most `most` bytes of UTF-8, never half a character. */
export function cutBytes(text: string, most: number): string {
  if (text.length * 3 <= most) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most;
  // The bytes of a character behind its first one start with the bits 10.
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

function escaped(char: string): string {
  if (char in NAMED) return NAMED[char];
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
