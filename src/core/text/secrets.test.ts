import { describe, expect, it } from 'vitest';
import { authorizationOf, secretForms, secretsOf, withoutCutForms, withoutForms } from './secrets.ts';

const target = { apiKey: 'sk-1/2"3 é!', credentials: 'me:p&ss:word' };
const forms = secretForms(secretsOf(target));

describe('secrets of a target', () => {
  it.each([
    [{ apiKey: '' }, ''],
    [{ apiKey: 'k' }, 'Bearer k'],
    [{ apiKey: 'k', credentials: '' }, 'Bearer k'],
    [{ apiKey: 'k', credentials: 'me:pässword' }, `Basic ${btoa('me:p\xc3\xa4ssword')}`],
  ])('%j', (keys, header) => {
    expect(authorizationOf(keys)).toBe(header);
  });

  it.each([
    target.apiKey,
    JSON.stringify(target.apiKey),
    'sk-1\\/2\\"3 \\u00e9!',
    encodeURIComponent(target.apiKey),
    encodeURIComponent(target.apiKey).toLowerCase(),
    'sk-1%2F2%223+%C3%A9%21',
    'sk-1/2&quot;3 é!',
    Buffer.from(target.apiKey).toString('base64'),
    'p&ss:word',
    'me:p&ss:word',
    Buffer.from(target.credentials).toString('base64'),
    authorizationOf(target),
    [...target.apiKey].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    JSON.stringify(JSON.stringify(target.apiKey)).slice(3, -3),
    encodeURIComponent(encodeURIComponent(target.apiKey)),
    [...target.apiKey].map((c) => `&#${c.charCodeAt(0)};`).join(''),
  ])('%s is not seen', (text) => {
    const clean = withoutForms(`before ${text} behind`, forms, '***');
    expect(clean).toMatch(/^before ("|Basic )?\*\*\*[="]* behind$/);
  });

  it('base64 of a longer text with it says nothing of it', () => {
    for (const before of ['', 'x', 'xy', 'xyz']) {
      const clean = withoutForms(btoa(`${before}p&ss:word!`), forms, '***');
      expect(clean.length).toBeLessThan(4 + 3 + 8);
      expect(clean).toContain('***');
    }
  });

  it('what looks like a key in the fields of the body is one, at any depth', () => {
    const generation = {
      extra: { 'api-key': 'k-1', list: [{ auth: ['a-1', { x: 'a-2' }] }], pad_token: '<pad>', top_k: 20 },
      user: 'me',
      session_token: 't-1',
    };
    expect(secretsOf({ apiKey: '', generation })).toEqual(['k-1', 'a-1', 'a-2', 't-1']);
  });

  it('what looks like a key in the query is one', () => {
    expect(secretsOf({ apiKey: '', url: 'http://h/?a=1&api-key=s%2F1&access_token=t' })).toEqual([
      's/1',
      't',
    ]);
  });

  it('what only looks like escapes stays as it is', () => {
    for (const text of ['100 % \\ & \\n %zz', 'C:\\users\\u12', '&nbsp; &#0; %E9'])
      expect(withoutCutForms(`${text}, p&ss:word`, forms, '***')).toBe(`${text}, ***`);
  });

  it('a cut inside of an escape', () => {
    for (const text of ['sk-1%2', 'sk-1\\u002', 'sk-1/2\\', 'sk-1&#4', 'sk-1/2\uFFFD'])
      expect(withoutCutForms(`x ${text}`, forms, '***')).toBe('x ***');
  });

  it('short texts are no secrets', () => {
    expect(secretForms(['abc', ''])).toEqual([]);
  });

  it('a secret that the end of a text has cut goes, too', () => {
    for (let length = 4; length <= target.apiKey.length; length++)
      expect(withoutCutForms(`x ${target.apiKey.slice(0, length)}`, forms, '***')).toBe('x ***');
    expect(withoutCutForms('x sk-', forms, '***')).toBe('x sk-');
  });
});
