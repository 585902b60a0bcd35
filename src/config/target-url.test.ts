import { describe, expect, it } from 'vitest';
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
    expect(baseUrl({ ...local, ...address })).toBe(expected);
  });

  it.each(['ftp://h', 'http://', 'http://a b', 'ws://h'])('refuses %s', (url) => {
    expect(() => baseUrl({ ...local, url })).toThrow(TypeError);
  });

  it('tells a host from anything else of a URL', () => {
    const hosts = ['localhost', 'a.b-c.org', 'bücher.example', '127.0.0.1', '::1', '[fe80::1]', 'my_host'];
    expect(hosts.filter((h) => !isHost(h))).toEqual([]);
    const others = ['', ' ', 'http://h', 'h:80', 'h/', 'u@h', 'a b', '-h', '::x', '[h]'];
    expect(others.filter(isHost)).toEqual([]);
  });
});
