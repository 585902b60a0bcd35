/** What a target keeps secret: how it is sent, and every form in which a service may say it back. */

import type { Target } from '../protocol.ts';
import { plainOf, type Unescaped, unescapedOf, withoutHalfEscape } from './escapes.ts';
import { isSecretName } from './secret-names.ts';

type Keys = Pick<Target, 'apiKey' | 'credentials'> & Partial<Pick<Target, 'url' | 'generation'>>;

/** Shorter texts are no secrets; replacing them everywhere would only spoil the output. */
const MIN_SECRET = 4;
/** Of a secret inside a longer text in base64 so many characters are its own for sure. */
const MIN_PART = 8;

/** The value of the header `Authorization`; '' when there is nothing to send. Credentials of the address win. */
export function authorizationOf({ apiKey, credentials = '' }: Keys): string {
  if (credentials !== '') return `Basic ${base64(credentials)}`;
  return apiKey === '' ? '' : `Bearer ${apiKey}`;
}

/** Everything of a target that must never be shown or stored. */
export function secretsOf({ apiKey, credentials = '', url = '', generation = {} }: Keys): string[] {
  const password = credentials.slice(credentials.indexOf(':') + 1);
  const all = [apiKey, credentials, password, credentials && base64(credentials)];
  return [...all, ...secretsOfQuery(url), ...secretsOfBody(generation)].filter((s) => s !== '');
}

/** Texts under the names of secrets, at any depth of the fields that a user adds to every request. */
function secretsOfBody(value: unknown, isSecret = false): string[] {
  if (typeof value === 'string') return isSecret ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, item]) =>
    secretsOfBody(item, isSecret || (!isList && isSecretName(name))),
  );
}

function secretsOfQuery(url: string): string[] {
  if (!URL.canParse(url)) return [];
  return [...new URL(url).searchParams].flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
}

/** What to look for in texts without escapes: the secrets as they are, and in base64; the longest first. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets.filter((s) => s.length >= MIN_SECRET).flatMap(formsOf);
  // A secret may be a part of another.
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET).sort((a, b) => b.length - a.length);
}

/** The text with `mask` in place of each of the forms, however it is escaped. */
export function withoutForms(text: string, forms: readonly string[], mask: string): string {
  const plain = plainOf(text);
  if (!forms.some((form) => plain.includes(form))) return text;
  const found = unescapedOf(text);
  const places = forms.flatMap((form) => placesOf(form, found)).sort((a, b) => a.from - b.from);
  let clean = '';
  let done = 0;
  for (const { from, to } of places) {
    // Two that overlap are hidden as one.
    if (from >= done) clean += text.slice(done, from) + mask;
    done = Math.max(done, to);
  }
  return clean + text.slice(done);
}

/** The same for a text that may have been cut: a form that its end has cut goes, too. */
export function withoutCutForms(text: string, forms: readonly string[], mask: string): string {
  const clean = withoutForms(text, forms, mask);
  const from = Math.min(cutFrom(clean, forms), cutFrom(withoutHalfEscape(clean), forms));
  return from < clean.length ? clean.slice(0, from) + mask : clean;
}

function placesOf(form: string, { plain, starts, ends }: Unescaped): { from: number; to: number }[] {
  const places: { from: number; to: number }[] = [];
  for (let at = plain.indexOf(form); at >= 0; at = plain.indexOf(form, at + form.length))
    places.push({ from: starts[at], to: ends[at + form.length - 1] });
  return places;
}

/** Where the beginning of a form stands at the end of the text; infinite when there is none. */
function cutFrom(text: string, forms: readonly string[]): number {
  const plain = plainOf(text);
  const longest = Math.max(0, ...forms.map((form) => cutLength(plain, form)));
  return longest === 0 ? Number.POSITIVE_INFINITY : unescapedOf(text).starts[plain.length - longest];
}

/** How many characters at the end of the text are the beginning of the form. */
function cutLength(text: string, form: string): number {
  for (let length = Math.min(form.length - 1, text.length); length >= MIN_SECRET; length--)
    if (text.endsWith(form.slice(0, length))) return length;
  return 0;
}

function formsOf(secret: string): string[] {
  const plain = plainOf(secret);
  // Forms of web pages write a blank as a plus.
  return [plain, plain.replaceAll(' ', '+'), base64(secret).replace(/=+$/, ''), ...partsOf(secret)].flatMap(
    (form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')],
  );
}

/** What there is of a secret in the base64 of any text that holds it: it may begin at three places of a group. */
function partsOf(secret: string): string[] {
  const length = Buffer.byteLength(secret);
  return [0, 1, 2]
    .map((before) => {
      const whole = base64('\0'.repeat(before) + secret);
      return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + length) * 8) / 6));
    })
    .filter((part) => part.length >= MIN_PART);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
