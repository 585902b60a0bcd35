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
  ])('%s is not seen', (text) => {
    const clean = withoutForms(`before ${text} behind`, forms, '***');
    expect(clean).toMatch(/^before ("|Basic )?\*\*\*[="]* behind$/);
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
