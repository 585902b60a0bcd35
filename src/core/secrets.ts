/** What a target keeps secret: how it is sent, and every form in which a service may say it back. */
import type { Target } from './protocol.ts';

type Keys = Pick<Target, 'apiKey' | 'credentials'>;

/** Shorter texts are no secrets; replacing them everywhere would only spoil the output. */
const SHORTEST_SECRET = 4;
const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** The value of the header `Authorization`; '' when there is nothing to send. Credentials of the address win. */
export function authorizationOf({ apiKey, credentials = '' }: Keys): string {
  if (credentials !== '') return `Basic ${base64(credentials)}`;
  return apiKey === '' ? '' : `Bearer ${apiKey}`;
}

/** Everything of a target that must never be shown or stored. */
export function secretsOf({ apiKey, credentials = '' }: Keys): string[] {
  const password = credentials.slice(credentials.indexOf(':') + 1);
  return [apiKey, credentials, password, credentials && base64(credentials)].filter((s) => s !== '');
}

/** The secrets as they are, in JSON, in an address, in a page, and in base64; the longest first. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets.filter((s) => s.length >= SHORTEST_SECRET).flatMap(formsOf);
  // A secret may be a part of another.
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** The text with `mask` in place of each of the forms. */
export function withoutForms(text: string, forms: readonly string[], mask: string): string {
  return forms.reduce((clean, form) => clean.replaceAll(form, mask), text);
}

/** The same for a text that was cut: a form that its end has cut goes, too. */
export function withoutCutForms(text: string, forms: readonly string[], mask: string): string {
  const clean = withoutForms(text, forms, mask);
  const longest = Math.max(0, ...forms.map((form) => cutLength(clean, form)));
  return longest === 0 ? clean : clean.slice(0, -longest) + mask;
}

/** How many characters at the end of the text are the beginning of the form. */
function cutLength(text: string, form: string): number {
  for (let length = Math.min(form.length - 1, text.length); length >= SHORTEST_SECRET; length--)
    if (text.endsWith(form.slice(0, length))) return length;
  return 0;
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [
    secret,
    ...[json, ascii].flatMap((form) => [form, form.replaceAll('/', '\\/')]),
    ...addressForms(secret),
    secret.replace(/[&<>"']/g, (c) => HTML[c]),
    // Without its padding it is found with it, too.
    base64(secret).replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
  ];
}

function addressForms(secret: string): string[] {
  try {
    const loose = encodeURIComponent(secret);
    const strict = loose.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    const upper = [loose, strict, strict.replaceAll('%20', '+'), encodeURI(secret)];
    return [...upper, ...upper.map((form) => form.replace(/%../g, (code) => code.toLowerCase()))];
  } catch {
    // A lone surrogate has no form in an address.
    return [];
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
