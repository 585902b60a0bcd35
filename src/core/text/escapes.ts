/** Texts as JSON, addresses and pages write them, in any mixture and however often one was put into another. */

/** A text without its escapes, and where each of its characters stands in the text as it came. */
export interface Unescaped {
  plain: string;
  starts: number[];
  ends: number[];
}

const ESCAPES =
  /\\+(?:u([0-9a-f]{4}))?|((?:%(?:25)*[0-9a-f]{2})+)|&(?:amp;)*(?:#0*(\d{1,7})|#x0*([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** What may be left of an escape, or of a character's bytes, at the end of a text that was cut. */
const HALF_ESCAPE = /(?:\\+(?:u[0-9a-f]{0,3})?|%(?:25)*[0-9a-f]?|&(?:amp;)*#?[a-z0-9]{0,7}|\uFFFD+)$/i;

/** The text without its escapes. Backslashes go in any case: how many there are depends on how often it was quoted. */
export function plainOf(text: string): string {
  return /[\\%&]/.test(text) ? text.replace(ESCAPES, (...match) => meaningOf(match)) : text;
}

/** The same with the places; costs more. */
export function unescapedOf(text: string): Unescaped {
  const found: Unescaped = { plain: '', starts: [], ends: [] };
  let from = 0;
  /** Where backslashes began that belong to the next character. */
  let begun = -1;
  const append = (meaning: string, start: number, end: number) => {
    for (let i = 0; i < meaning.length; i++) {
      found.starts.push(start);
      found.ends.push(end);
    }
    found.plain += meaning;
  };
  const appendBetween = (to: number) => {
    for (; from < to; from++) {
      append(text[from], begun < 0 ? from : begun, from + 1);
      begun = -1;
    }
  };
  for (const match of text.matchAll(ESCAPES)) {
    appendBetween(match.index);
    from = match.index + match[0].length;
    const meaning = meaningOf(match);
    if (meaning === '' && begun < 0) begun = match.index;
    if (meaning === '') continue;
    append(meaning, begun < 0 ? match.index : begun, from);
    begun = -1;
  }
  appendBetween(text.length);
  return found;
}

/** The text without the half of an escape that its end has cut. */
export function withoutHalfEscape(text: string): string {
  return text.replace(HALF_ESCAPE, '');
}

function meaningOf([, unit, bytes, decimal, hex, name]: readonly (string | undefined)[]): string {
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
  if (bytes !== undefined) return percentText(bytes);
  if (name !== undefined) return NAMED[name.toLowerCase()];
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

function percentText(bytes: string): string {
  const codes = [...bytes.matchAll(/%(?:25)*([0-9a-f]{2})/gi)].map(([, code]) => Number.parseInt(code, 16));
  return Buffer.from(codes).toString('utf8');
}
