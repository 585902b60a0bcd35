import { describe, expect, it } from 'vitest';
import { type ProtocolName, protocols } from '../protocols/registry.ts';
import { baseUrl, isHost } from './target-url.ts';

const local = { url: '', hostIp: 'localhost', hostPort: 8080, enableSsl: false };

describe('baseUrl', () => {
  it.each([
    [{}, 'http://localhost:8080/'],
    [{ hostIp: '10.0.0.7', hostPort: 1025, enableSsl: true }, 'https://10.0.0.7:1025/'],
    [{ hostIp: 'gpu-7.example.org' }, 'http://gpu-7.example.org:8080/'],
    [{ hostIp: '::1' }, 'http://[::1]:8080/'],
    [{ hostIp: '[::1]' }, 'http://[::1]:8080/'],
    [{ url: 'test-api.com/path' }, 'http://test-api.com/path/'],
    [{ url: ' test-api.com ', enableSsl: true }, 'https://test-api.com/'],
    [{ url: 'http://h/a/b/', enableSsl: true }, 'http://h/a/b/'],
    [{ url: 'https://h/a?x=1' }, 'https://h/a/?x=1'],
    [{ url: 'localhost:9000' }, 'http://localhost:9000/'],
    [{ url: '[::1]:9000/v' }, 'http://[::1]:9000/v/'],
  ])('%j', (address, expected) => {
    expect(baseUrl({ ...local, ...address }, protocols.openai_chat)).toEqual({
      url: expected,
      credentials: '',
      notices: [],
    });
  });

  it.each(['ftp://h', 'http://', 'http://a b', 'ws://h'])('refuses %s', (url) => {
    expect(() => baseUrl({ ...local, url }, protocols.openai_chat)).toThrow(TypeError);
  });

  it.each<[ProtocolName, string, string]>([
    ['openai_chat', 'http://h/v1', 'http://h/'],
    ['openai_chat', 'http://h/v1/', 'http://h/'],
    ['openai_chat', 'http://h/gw/v1/chat/completions', 'http://h/gw/'],
    ['openai_chat', 'http://h/v1/models?api-version=1', 'http://h/?api-version=1'],
    ['openai_chat', 'http://h/v1/completions/', 'http://h/'],
    ['openai_chat', 'http://h//gw///v1//', 'http://h/gw/'],
    ['openai_chat', 'http://h/gw#part', 'http://h/gw/'],
    ['openai_completions', 'h/v1/completions', 'http://h/'],
    ['openai_completions', 'h/v1/chat/completions', 'http://h/'],
    ['tgi', 'http://h/generate_stream', 'http://h/'],
    ['tgi', 'http://h/gw/generate/', 'http://h/gw/'],
    ['triton', 'http://h/v2/models/m/generate', 'http://h/'],
    ['triton', 'http://h/v2', 'http://h/'],
    ['mindie', 'http://h/infer', 'http://h/'],
    ['vita', 'http://h/generate', 'http://h/'],
  ])('%s corrects %s and says so', (protocol, url, expected) => {
    const { notices, ...base } = baseUrl({ ...local, url }, protocols[protocol]);
    expect(base).toEqual({ url: expected, credentials: '' });
    expect(notices.length).toBeGreaterThan(0);
  });

  it.each([
    ['HTTPS://H/a', 'https://h/a/'],
    ['http:/h/a', 'http://h/a/'],
    ['http:h:81', 'http://h:81/'],
    ['//h/a', 'http://h/a/'],
    ['http://[::1]:9/', 'http://[::1]:9/'],
    ['http://h/v1beta', 'http://h/v1beta/'],
    ['http://h/v10', 'http://h/v10/'],
    ['http://h/v1?x=/v1', 'http://h/?x=/v1'],
  ])('understands %s', (url, expected) => {
    expect(baseUrl({ ...local, url }, protocols.openai_chat).url).toBe(expected);
  });

  it('an endpoint below a root of its own is taken as it is', () => {
    const azure = 'https://h/openai/deployments/d/chat/completions?api-version=2024-06-01';
    expect(baseUrl({ ...local, url: azure }, protocols.openai_chat)).toMatchObject({
      url: 'https://h/openai/deployments/d/?api-version=2024-06-01',
      path: 'chat/completions',
    });
    expect(baseUrl({ ...local, url: 'h/api/v3/completions' }, protocols.openai_completions)).toMatchObject({
      url: 'http://h/api/v3/',
      path: 'completions',
    });
  });

  it.each([
    ['http://me:secret@h/', 'me:secret'],
    ['me:p%40ss%3Aw@h:8080/v1', 'me:p@ss:w'],
    ['https://token@h', 'token:'],
    ['https://:secret@h', ':secret'],
    ['https://me:100%@h', 'me:100%'],
  ])('takes user and password out of %s', (url, credentials) => {
    const base = baseUrl({ ...local, url }, protocols.openai_chat);
    expect(base.credentials).toBe(credentials);
    expect(base.url).toMatch(/^https?:\/\/h(:8080)?\/$/);
  });

  it('tells a host from anything else of a URL', () => {
    const hosts = ['localhost', 'a.b-c.org', 'bücher.example', '127.0.0.1', '::1', '[fe80::1]', 'my_host'];
    expect(hosts.filter((h) => !isHost(h))).toEqual([]);
    const others = ['', ' ', 'http://h', 'h:80', 'h/', 'u@h', 'a b', '-h', '::x', '[h]'];
    expect(others.filter(isHost)).toEqual([]);
  });
});
