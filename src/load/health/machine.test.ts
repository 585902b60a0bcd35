import { describe, expect, it } from 'vitest';
import { hostLimits, threadTimes, watchMachine } from './machine.ts';

const limitsFile = (
  soft: string,
) => `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            ${soft.padEnd(20)} 524288               files
`;

const files = (content: Record<string, string>) => (path: string) => content[path] ?? null;

describe('hostLimits', () => {
  it('reads the soft limit and the port range', () => {
    const read = files({
      '/proc/self/limits': limitsFile('1024'),
      '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
    });
    expect(hostLimits(read)).toEqual({ openFiles: 1024, ephemeralPorts: { from: 32_768, to: 60_999 } });
  });

  it('knows nothing where there is nothing to read, and of no limit', () => {
    expect(hostLimits(files({}))).toEqual({ openFiles: null, ephemeralPorts: null });
    expect(hostLimits(files({ '/proc/self/limits': limitsFile('unlimited') })).openFiles).toBeNull();
  });
});

describe('watchMachine', () => {
  it('gives shares of the time between its two readings', () => {
    let stat = 'cpu  100 0 100 700 0 0 0 100 50 0\ncpu0 1 2 3';
    const end = watchMachine((path) => (path === '/proc/stat' ? stat : null));
    stat = 'cpu  140 10 120 760 10 10 10 140 90 0\ncpu0 1 2 3';
    expect(end()).toMatchObject({ stealShare: 0.2, busyShare: 0.45 });
  });

  it('knows no shares where there is nothing to read', () => {
    expect(watchMachine(files({}))()).toMatchObject({ stealShare: null, busyShare: null });
  });
});

it('reads the times of a thread', () => {
  expect(threadTimes(files({ '/proc/thread-self/schedstat': '5000000 250000 12\n' }))).toEqual({
    cpuMs: 5,
    waitMs: 0.25,
  });
  expect(threadTimes(files({}))).toBeNull();
});
